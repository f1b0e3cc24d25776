import { ByteReader } from './byte_reader';
import { InvalidWasm, malformed } from './errors';
import { skipConstantExpression } from './operands';

/** Of the binary format. */
export const SectionId = {
    custom: 0,
    type: 1,
    import: 2,
    function: 3,
    table: 4,
    memory: 5,
    global: 6,
    export: 7,
    start: 8,
    element: 9,
    code: 10,
    data: 11,
    dataCount: 12
} as const;

/** Of the binary format. */
export const ValueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
/** Kinds of imports and exports. */
export const ExternalKind = { func: 0, table: 1, memory: 2, global: 3 } as const;

/** Parameters and results. */
export interface FunctionType {
    readonly params: readonly number[];
    readonly results: readonly number[];
}

/** Where a function comes from. */
export interface FunctionImport {
    readonly module: string;
    readonly name: string;
    readonly type: number;
}

/** Sizes in elements or pages. */
export interface Limits {
    readonly min: number;
    readonly max?: number;
    readonly is64: boolean;
}

/** Of a global, and whether it can change. */
export interface GlobalType {
    readonly type: number;
    readonly mutable: boolean;
}

/** A name and what it stands for. */
export interface Export {
    readonly name: string;
    readonly kind: number;
    readonly index: number;
}

/** `start` and `end` bound the payload in the module's bytes. */
export interface Section {
    readonly id: number;
    readonly start: number;
    readonly end: number;
}

/** A name and any bytes. */
export interface CustomSection {
    readonly name: string;
    readonly data: Uint8Array;
}

/** What a canister module declares; function bodies are left in place. */
export interface ParsedModule {
    readonly bytes: Uint8Array;
    readonly sections: readonly Section[];
    readonly customs: readonly CustomSection[];
    readonly types: readonly FunctionType[];
    readonly imports: readonly FunctionImport[];
    /** Type index of each function that the module defines. */
    readonly functions: readonly number[];
    readonly tables: readonly Limits[];
    readonly memory?: Limits;
    readonly globals: readonly GlobalType[];
    readonly exports: readonly Export[];
    readonly start?: number;
    /** First opcode of the offset of each active data segment. */
    readonly dataOffsets: readonly number[];
}

type Draft = {
    -readonly [K in keyof ParsedModule]: ParsedModule[K] extends readonly (infer T)[] ? T[] : ParsedModule[K];
};

function vector<T>(reader: ByteReader, item: (reader: ByteReader) => T): T[] {
    const items: T[] = [];
    for (let rest = reader.u32(); rest > 0; rest -= 1) items.push(item(reader));
    return items;
}

function functionType(reader: ByteReader): FunctionType {
    if (reader.u8() !== 0x60) throw malformed('only function types are supported', reader.pos);
    return { params: vector(reader, (r) => r.u8()), results: vector(reader, (r) => r.u8()) };
}

function functionImport(reader: ByteReader): FunctionImport {
    const module = reader.text();
    const name = reader.text();
    switch (reader.u8()) {
        case ExternalKind.func:
            return { module, name, type: reader.u32() };
        case ExternalKind.table:
            throw new InvalidWasm('Wasm module has an invalid import section. Importing tables is not allowed.');
        case ExternalKind.memory:
            throw new InvalidWasm('Wasm module has an invalid import section. Importing memories is not allowed.');
        case ExternalKind.global:
            throw new InvalidWasm('Wasm module has an invalid import section. Importing globals is not allowed.');
        default:
            throw new InvalidWasm('Wasm module has an invalid import section. Importing tags is not allowed.');
    }
}

function limits(reader: ByteReader): Limits {
    const flags = reader.u8();
    if ((flags & ~0b101) !== 0) throw malformed('shared memories are not supported', reader.pos);
    const is64 = (flags & 4) !== 0;
    const min = reader.u64();
    return (flags & 1) !== 0 ? { min, max: reader.u64(), is64 } : { min, is64 };
}

function table(reader: ByteReader): Limits {
    reader.u8();
    return limits(reader);
}

function global(reader: ByteReader): GlobalType {
    const type = reader.u8();
    const mutable = reader.u8() === 1;
    skipConstantExpression(reader);
    return { type, mutable };
}

function exported(reader: ByteReader): Export {
    return { name: reader.text(), kind: reader.u8(), index: reader.u32() };
}

/** Offset opcode of an active segment, undefined for a passive one. */
function dataSegment(reader: ByteReader): number | undefined {
    const kind = reader.u32();
    if (kind === 2) reader.u32();
    const offset = kind === 1 ? undefined : skipConstantExpression(reader);
    reader.skip(reader.u32());
    return offset;
}

function singleMemory(reader: ByteReader): Limits | undefined {
    const memories = vector(reader, limits);
    if (memories.length > 1) throw malformed('multiple memories are not supported', reader.pos);
    return memories[0];
}

const SECTION_PARSERS: Readonly<Record<number, (reader: ByteReader, draft: Draft) => void>> = {
    [SectionId.type]: (r, d) => (d.types = vector(r, functionType)),
    [SectionId.import]: (r, d) => (d.imports = vector(r, functionImport)),
    [SectionId.function]: (r, d) => (d.functions = vector(r, (x) => x.u32())),
    [SectionId.table]: (r, d) => (d.tables = vector(r, table)),
    [SectionId.memory]: (r, d) => (d.memory = singleMemory(r)),
    [SectionId.global]: (r, d) => (d.globals = vector(r, global)),
    [SectionId.export]: (r, d) => (d.exports = vector(r, exported)),
    [SectionId.start]: (r, d) => (d.start = r.u32()),
    [SectionId.data]: (r, d) => (d.dataOffsets = vector(r, dataSegment).filter((offset) => offset !== undefined)),
    [SectionId.custom]: (r, d) => d.customs.push({ name: r.text(), data: r.take(r.end - r.pos) }),
    [SectionId.element]: () => undefined,
    [SectionId.code]: () => undefined,
    [SectionId.dataCount]: () => undefined
};

function emptyDraft(bytes: Uint8Array): Draft {
    return {
        bytes,
        sections: [],
        customs: [],
        types: [],
        imports: [],
        functions: [],
        tables: [],
        globals: [],
        exports: [],
        dataOffsets: []
    };
}

/** The order in which sections must appear: the data count precedes the code. */
export const SECTION_ORDER: readonly number[] = [
    SectionId.type,
    SectionId.import,
    SectionId.function,
    SectionId.table,
    SectionId.memory,
    SectionId.global,
    SectionId.export,
    SectionId.start,
    SectionId.element,
    SectionId.dataCount,
    SectionId.code,
    SectionId.data
];

function checkOrder(sections: readonly Section[]): void {
    const ranks = sections.filter(({ id }) => id !== SectionId.custom).map(({ id }) => SECTION_ORDER.indexOf(id));
    ranks.forEach((rank, i) => {
        if (i > 0 && rank <= (ranks[i - 1] ?? -1)) throw malformed('section out of order', sections[i]?.start ?? 0);
    });
}

/** Reads the declarations of a wasm binary (version 1). Throws `InvalidWasm`. */
export function parseModule(bytes: Uint8Array): ParsedModule {
    const reader = new ByteReader(bytes);
    const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    if (bytes.length < magic.length || magic.some((byte, i) => bytes[i] !== byte)) {
        throw malformed('magic header not detected: bad magic number', 0);
    }
    reader.skip(magic.length);
    const draft = emptyDraft(bytes);
    while (!reader.done) {
        const id = reader.u8();
        const parse = SECTION_PARSERS[id];
        if (parse === undefined) throw malformed(`unsupported section ${id}`, reader.pos);
        const payload = reader.slice(reader.u32());
        draft.sections.push({ id, start: payload.pos, end: payload.end });
        parse(payload, draft);
    }
    checkOrder(draft.sections);
    return draft;
}
