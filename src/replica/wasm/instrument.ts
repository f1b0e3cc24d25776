import { ByteReader } from './byte_reader';
import { ByteWriter, leb } from './byte_writer';
import { moveDataSegments } from './data_segments';
import { decrementBody, growBody, type HelperGlobals } from './helpers';
import { malformed } from './errors';
import { Meter } from './metering';
import { ExternalKind, type ParsedModule, SECTION_ORDER, type Section, SectionId, ValueType } from './parse';
import { Reserved } from './reserved';
import { HIDDEN_BYTES, hasWriteMap, memory64, memoryWithMap, RANGE_TYPE, rangeBody } from './write_map';

/** Types of values that globals can hold and that have a plain value outside of WebAssembly. */
export type GlobalTypeName = 'i32' | 'i64' | 'f32' | 'f64' | 'other';

const typeNames: ReadonlyMap<number, GlobalTypeName> = new Map([
    [ValueType.i32, 'i32'],
    [ValueType.i64, 'i64'],
    [ValueType.f32, 'f32'],
    [ValueType.f64, 'f64']
]);

function typeName(type: number): GlobalTypeName {
    return typeNames.get(type) ?? 'other';
}

/** What the sandbox must know of a module besides its exports. */
export interface ModuleLayout {
    readonly hasMemory: boolean;
    /** 8 for modules with a 64-bit memory, else 4. */
    readonly pointerBytes: 4 | 8;
    /** Bytes of the write map in front of the canister's memory; 0 in modules without one. */
    readonly hiddenBytes: number;
    /** Indices of the mutable globals, all exported under `Reserved.global`. */
    readonly mutableGlobals: readonly number[];
    /** Their types, in the same order. */
    readonly globalTypes: readonly GlobalTypeName[];
    readonly tableCount: number;
    /** The module may change a table; its functions are exported under `Reserved.function` then. */
    readonly mutatesTables: boolean;
    readonly functionCount: number;
    readonly hasStart: boolean;
    /** Wasm instructions after the rewriting, the base of the compilation price. */
    readonly instructionCount: number;
}

/** A module that counts and can be rolled back. */
export interface Instrumented {
    readonly bytes: Uint8Array;
    readonly layout: ModuleLayout;
}

/** Assembles the output of one module. No import is added, so function indices stay what they were. */
class Rewriter {
    private readonly out: ByteWriter;
    private readonly is64: boolean;
    private readonly globals: HelperGlobals;
    private readonly mutations: number;
    private readonly functionCount: number;
    private readonly hasMap: boolean;
    private readonly meter: Meter;
    private readonly code: ByteWriter;

    constructor(private readonly module: ParsedModule) {
        this.out = new ByteWriter(Math.ceil(module.bytes.length * 1.3) + 4096);
        this.code = new ByteWriter(Math.ceil(module.bytes.length * 1.25) + 1024);
        this.is64 = module.memory?.is64 ?? false;
        this.hasMap = hasWriteMap(module.memory);
        const firstGlobal = module.globals.length;
        this.globals = { counter: firstGlobal, memoryLimit: firstGlobal + 1, memoryPeak: firstGlobal + 2 };
        this.mutations = firstGlobal + 3;
        this.functionCount = module.imports.length + module.functions.length;
        this.meter = new Meter(this.code, {
            counterGlobal: this.globals.counter,
            decrementFunction: this.functionCount,
            growFunction: this.functionCount + 1,
            mutationsGlobal: this.mutations,
            is64: this.is64,
            ...(this.hasMap ? { range: { read: this.functionCount + 2, write: this.functionCount + 3 } } : {})
        });
        this.meter.source = module.bytes;
    }

    run(): Instrumented {
        // First, because the exports depend on what the bodies do.
        const bodies = this.rewriteBodies();
        this.out.range(this.module.bytes, 0, 8);
        for (const id of SECTION_ORDER) this.section(id, bodies);
        return { bytes: this.out.written(), layout: this.layout() };
    }

    private layout(): ModuleLayout {
        const { module, meter } = this;
        return {
            hasMemory: module.memory !== undefined,
            pointerBytes: this.is64 ? 8 : 4,
            hiddenBytes: this.hasMap ? HIDDEN_BYTES : 0,
            mutableGlobals: module.globals.flatMap((global, index) => (global.mutable ? [index] : [])),
            globalTypes: module.globals.filter(({ mutable }) => mutable).map(({ type }) => typeName(type)),
            tableCount: module.tables.length,
            mutatesTables: meter.mutatesTables,
            functionCount: this.functionCount,
            hasStart: module.start !== undefined,
            instructionCount: meter.instructions + 2 * (module.globals.length + 4)
        };
    }

    private find(id: number): Section | undefined {
        return this.module.sections.find((section) => section.id === id);
    }

    private rewriteBodies(): number {
        const section = this.find(SectionId.code);
        if (section === undefined) return 0;
        const reader = new ByteReader(this.module.bytes, section.start, section.end);
        const count = reader.u32();
        for (let i = 0; i < count; i += 1) {
            const size = this.code.openSize();
            this.meter.body(reader.slice(reader.u32()), i, this.parameters(i));
            this.code.closeSize(size);
        }
        if (!reader.done) throw malformed('trailing bytes in the code section', reader.pos);
        return count;
    }

    private parameters(index: number): number {
        const type = this.module.types[this.module.functions[index] ?? -1];
        if (type === undefined) throw malformed('function without a type', 0);
        return type.params.length;
    }

    private section(id: number, bodies: number): void {
        switch (id) {
            case SectionId.type:
                return this.extended(id, this.module.types.length, this.helperTypes());
            case SectionId.function:
                return this.extended(id, this.module.functions.length, this.helperDeclarations());
            case SectionId.global:
                return this.extended(id, this.module.globals.length, this.helperGlobals());
            case SectionId.export:
                return this.extended(id, this.module.exports.length, this.helperExports());
            case SectionId.code:
                return this.codeSection(bodies);
            case SectionId.memory:
                return this.memorySection();
            case SectionId.data:
                return this.dataSection();
            case SectionId.start:
                return;
            default:
                return this.copied(id);
        }
    }

    private copied(id: number): void {
        const section = this.find(id);
        if (section === undefined) return;
        this.out.u8(id);
        this.out.u32(section.end - section.start);
        this.out.range(this.module.bytes, section.start, section.end);
    }

    private written(id: number, payload: Uint8Array): void {
        this.out.u8(id);
        this.out.u32(payload.length);
        this.out.bytes(payload);
    }

    private memorySection(): void {
        const { memory } = this.module;
        if (memory?.is64) this.written(SectionId.memory, memory64(memory));
        else if (memory === undefined || !this.hasMap) this.copied(SectionId.memory);
        else this.written(SectionId.memory, memoryWithMap(memory));
    }

    private dataSection(): void {
        const section = this.find(SectionId.data);
        if (section === undefined || !this.hasMap) this.copied(SectionId.data);
        else this.written(SectionId.data, moveDataSegments(this.module.bytes, section));
    }

    /** A vector section with `added` appended to its `count` original entries. */
    private extended(id: number, count: number, added: readonly Uint8Array[]): void {
        if (count + added.length === 0) return;
        this.out.u8(id);
        const size = this.out.openSize();
        this.out.u32(count + added.length);
        const section = this.find(id);
        if (section !== undefined) {
            const reader = new ByteReader(this.module.bytes, section.start, section.end);
            reader.skipLeb();
            this.out.range(this.module.bytes, reader.pos, section.end);
        }
        for (const entry of added) this.out.bytes(entry);
        this.out.closeSize(size);
    }

    private get pointerType(): number {
        return this.is64 ? ValueType.i64 : ValueType.i32;
    }

    private helperTypes(): readonly Uint8Array[] {
        const unary = (type: number): Uint8Array => Uint8Array.of(0x60, 1, type, 1, type);
        return [unary(ValueType.i64), unary(this.pointerType), ...(this.hasMap ? [RANGE_TYPE] : [])];
    }

    private helperDeclarations(): readonly Uint8Array[] {
        const types = this.module.types.length;
        const decrement = Uint8Array.from(leb(types));
        if (this.module.memory === undefined) return [decrement];
        const range = Uint8Array.from(leb(types + 2));
        return [decrement, Uint8Array.from(leb(types + 1)), ...(this.hasMap ? [range, range] : [])];
    }

    private helperGlobals(): readonly Uint8Array[] {
        const mutableI64 = (initial: number): Uint8Array => Uint8Array.of(ValueType.i64, 1, 0x42, initial, 0x0b);
        // 0x7f is -1: no limit until the sandbox sets one.
        return [mutableI64(0), mutableI64(0x7f), mutableI64(0), mutableI64(0)];
    }

    private helperExports(): readonly Uint8Array[] {
        const { module, globals } = this;
        const entries: Uint8Array[] = [
            exportEntry(Reserved.counter, ExternalKind.global, globals.counter),
            exportEntry(Reserved.memoryLimit, ExternalKind.global, globals.memoryLimit),
            exportEntry(Reserved.memoryPeak, ExternalKind.global, globals.memoryPeak),
            exportEntry(Reserved.mutations, ExternalKind.global, this.mutations)
        ];
        if (module.memory !== undefined) entries.push(exportEntry(Reserved.memory, ExternalKind.memory, 0));
        if (module.start !== undefined) entries.push(exportEntry(Reserved.start, ExternalKind.func, module.start));
        module.tables.forEach((_, i) => entries.push(exportEntry(Reserved.table(i), ExternalKind.table, i)));
        module.globals.forEach((global, i) => {
            if (global.mutable) entries.push(exportEntry(Reserved.global(i), ExternalKind.global, i));
        });
        if (this.meter.mutatesTables) {
            for (let i = 0; i < this.functionCount; i += 1) {
                entries.push(exportEntry(Reserved.function(i), ExternalKind.func, i));
            }
        }
        return entries;
    }

    private codeSection(bodies: number): void {
        const helpers = [decrementBody(this.globals)];
        if (this.module.memory !== undefined) helpers.push(growBody(this.globals, this.is64, this.hasMap));
        if (this.hasMap) helpers.push(rangeBody(false), rangeBody(true));
        this.out.u8(SectionId.code);
        const size = this.out.openSize();
        this.out.u32(bodies + helpers.length);
        this.out.bytes(this.code.written());
        for (const helper of helpers) this.out.bytes(helper);
        this.out.closeSize(size);
    }
}

function exportEntry(name: string, kind: number, index: number): Uint8Array {
    const out = new ByteWriter(32);
    out.text(name);
    out.u8(kind);
    out.u32(index);
    return out.written();
}

/**
 * Makes a module metered (replica.md d.1, d.4): its execution decrements the exported counter and stops when it is negative;
 * memory, tables, mutable globals and the start function are exported under reserved names, and `start` is not run by itself.
 * Throws `InvalidWasm` for code that cannot be walked.
 */
export function instrument(module: ParsedModule): Instrumented {
    return new Rewriter(module).run();
}
