import { InvalidWasm } from './errors';
import { IC0, IC0_32_BIT_ONLY, isIc0Name, isPointerSized, signatureOf } from './ic0';
import { metadataOf, type CanisterMetadata } from './metadata';
import { ExternalKind, type FunctionType, type ParsedModule, SectionId, ValueType } from './parse';
import { RESERVED_PREFIX } from './reserved';
import { MAX_PAGES_64 } from './write_map';

/** Limits of replica.md b.1. */
export const Limit = {
    functions: 50_000,
    globals: 1_000,
    exportedMethods: 1_000,
    methodNameBytes: 20_000,
    codeSectionBytes: 10 * 1024 * 1024,
    moduleBytes: 100 * 1024 * 1024
} as const;

const METHOD = /^canister_(?:update|query|composite_query) ([\s\S]*)$/;

const SYSTEM_ENTRY_POINTS: ReadonlySet<string> = new Set([
    'canister_init',
    'canister_pre_upgrade',
    'canister_post_upgrade',
    'canister_inspect_message',
    'canister_heartbeat',
    'canister_global_timer',
    'canister_on_low_wasm_memory'
]);

function sameTypes(left: readonly number[], right: readonly number[]): boolean {
    return left.length === right.length && left.every((type, i) => type === right[i]);
}

function checkSignature(name: string, expected: FunctionType, actual: FunctionType | undefined): void {
    if (actual && sameTypes(expected.params, actual.params) && sameTypes(expected.results, actual.results)) return;
    throw new InvalidWasm(
        `Wasm module has an invalid function signature. Expected input params ${text(expected.params)} for '${name}', got ` +
            `${text(actual?.params ?? [])}; expected return type ${text(expected.results)}, got ${text(actual?.results ?? [])}.`
    );
}

function text(types: readonly number[]): string {
    const names = new Map<number, string>(Object.entries(ValueType).map(([name, code]) => [code, name.toUpperCase()]));
    return `[${types.map((type) => names.get(type) ?? `0x${type.toString(16)}`).join(', ')}]`;
}

function expectedImport(name: keyof typeof IC0, is64: boolean): FunctionType {
    const letter = (c: string): number => (c === 'l' || (isPointerSized(c) && is64) ? ValueType.i64 : ValueType.i32);
    const { params, results } = signatureOf(name);
    return { params: [...params].map(letter), results: [...results].map(letter) };
}

function checkImports(module: ParsedModule): void {
    const is64 = module.memory?.is64 ?? false;
    for (const { module: from, name, type } of module.imports) {
        const isKnown = isIc0Name(name) && !(is64 && IC0_32_BIT_ONLY.has(name));
        if (!isKnown) {
            throw invalidImport(
                `Module imports function '${name}' from '${from}' that is not exported by the runtime.`
            );
        }
        if (from !== 'ic0') {
            throw invalidImport(
                `Module imports function "${name}" from "${from}", expected to be imported from one of ["ic0"] instead.`
            );
        }
        checkSignature(name, expectedImport(name, is64), module.types[type]);
    }
}

function invalidImport(detail: string): InvalidWasm {
    return new InvalidWasm(`Wasm module has an invalid import section. ${detail}`);
}

function typeOfFunction(module: ParsedModule, index: number): FunctionType | undefined {
    const imported = module.imports[index];
    const type = imported === undefined ? module.functions[index - module.imports.length] : imported.type;
    return type === undefined ? undefined : module.types[type];
}

const ENTRY_POINT: FunctionType = { params: [], results: [] };

/** Checks one exported function; returns the method name when it is a method. */
function checkFunctionExport(module: ParsedModule, name: string, index: number): string | undefined {
    const method = METHOD.exec(name)?.[1];
    if (method === undefined && name.startsWith('canister_') && !SYSTEM_ENTRY_POINTS.has(name)) {
        throw new InvalidWasm(
            `Wasm module has an invalid export section. Exporting reserved function '${name}' with "canister_" prefix`
        );
    }
    if (method !== undefined || SYSTEM_ENTRY_POINTS.has(name)) {
        checkSignature(name, ENTRY_POINT, typeOfFunction(module, index));
    }
    return method;
}

function checkExports(module: ParsedModule): void {
    const methods = new Set<string>();
    for (const { name, kind, index } of module.exports) {
        if (name.startsWith(RESERVED_PREFIX)) {
            throw new InvalidWasm(
                `Wasm module has an invalid export section. Exporting reserved symbol ${name} not allowed.`
            );
        }
        const method = kind === ExternalKind.func ? checkFunctionExport(module, name, index) : undefined;
        if (method === undefined) continue;
        if (methods.has(method)) throw duplicateExport(method);
        methods.add(method);
    }
    checkMethodLimits(methods);
}

function duplicateExport(method: string): InvalidWasm {
    return new InvalidWasm(
        `Duplicate function '${method}' exported multiple times with different call types: update, query, or composite_query.`
    );
}

function checkMethodLimits(methods: ReadonlySet<string>): void {
    const kinds = '`canister_update <name>`, `canister_query <name>`, or `canister_composite_query <name>`';
    if (methods.size > Limit.exportedMethods) {
        throw new InvalidWasm(
            `The number of exported functions called ${kinds} is ${methods.size} which exceeds ${Limit.exportedMethods}.`
        );
    }
    const nameBytes = [...methods].reduce((sum, name) => sum + Buffer.byteLength(name), 0);
    if (nameBytes > Limit.methodNameBytes) {
        throw new InvalidWasm(
            `The sum of \`<name>\` lengths in exported functions called ${kinds} is ${nameBytes} which exceeds the allowed ` +
                `limit of ${Limit.methodNameBytes}.`
        );
    }
}

function checkSizes(module: ParsedModule): void {
    const code = module.sections.find(({ id }) => id === SectionId.code);
    const codeBytes = code === undefined ? 0 : code.end - code.start;
    if (codeBytes > Limit.codeSectionBytes) {
        throw new InvalidWasm(
            `Wasm module code section size of ${codeBytes} exceeds the maximum allowed size of ${Limit.codeSectionBytes}.`
        );
    }
    checkCount('globals', module.globals.length, Limit.globals);
    checkCount('functions', module.functions.length, Limit.functions);
}

function checkCount(what: string, defined: number, allowed: number): void {
    if (defined <= allowed) return;
    throw new InvalidWasm(
        `Wasm module defined ${defined} ${what} which exceeds the maximum number allowed ${allowed}.`
    );
}

const NUMERIC: ReadonlySet<number> = new Set([ValueType.i32, ValueType.i64, ValueType.f32, ValueType.f64]);

function checkGlobals(module: ParsedModule): void {
    for (const { type, mutable } of module.globals) {
        // JavaScript cannot read a v128 global, so a changed one could not be rolled back.
        const isSupported = NUMERIC.has(type) || (type === ValueType.v128 && !mutable);
        if (isSupported) continue;
        throw new InvalidWasm(`Wasm module has an invalid global section. Unsupported global type: ${text([type])}`);
    }
}

/** What the engine says about a 32-bit memory, for one with 64-bit addresses. */
function checkMemory({ memory }: ParsedModule): void {
    if (memory?.is64 !== true || memory.min <= MAX_PAGES_64) return;
    throw new InvalidWasm(
        `Wasm module declares a memory of ${memory.min} pages which exceeds the maximum number allowed ${MAX_PAGES_64}.`
    );
}

const OP_I32_CONST = 0x41;
const OP_I64_CONST = 0x42;

function checkData(module: ParsedModule): void {
    const is64 = module.memory?.is64 ?? false;
    if (module.dataOffsets.every((op) => op === (is64 ? OP_I64_CONST : OP_I32_CONST))) return;
    throw new InvalidWasm(
        `Wasm module has an invalid data section. Invalid offset expression in data segment for ${is64 ? 64 : 32}bit memory`
    );
}

/**
 * Applies the rules for canister modules (replica.md b.1) that go beyond WebAssembly's own validation, and returns the
 * `icp:` custom sections. Throws `InvalidWasm`.
 */
export function validate(module: ParsedModule): CanisterMetadata {
    checkSizes(module);
    checkImports(module);
    checkExports(module);
    checkMemory(module);
    checkData(module);
    checkGlobals(module);
    return metadataOf(module.customs);
}
