import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { InvalidWasm } from './errors';
import { type Ic0Name, isIc0Name } from './ic0';
import { instrument, type ModuleLayout } from './instrument';
import type { CanisterMetadata } from './metadata';
import { ExternalKind, parseModule, type ParsedModule } from './parse';
import { Limit, validate } from './validate';

/** What it takes to instantiate a module. Can be cloned between threads, which share the compiled code. */
export interface ModuleCode {
    readonly compiled: WebAssembly.Module;
    readonly layout: ModuleLayout;
    readonly imports: readonly Ic0Name[];
    /** Names of all exported functions, such as `canister_update greet`. */
    readonly exportedFunctions: ReadonlySet<string>;
}

/** A canister module that passed validation, ready to be instantiated by any number of canisters. */
export interface LoadedModule extends ModuleCode {
    /** SHA-256 of the bytes as uploaded (gzip included): the canister's `module_hash`. */
    readonly hash: Uint8Array;
    /** Those bytes. */
    readonly uploaded: Uint8Array;
    readonly metadata: CanisterMetadata;
    /** The module carries `icp:private enhanced-orthogonal-persistence`: an upgrade must say what happens to its memory. */
    readonly hasEnhancedOrthogonalPersistence: boolean;
}

/** A module, or why the bytes are none that the network takes. */
export type LoadResult =
    { readonly ok: true; readonly module: LoadedModule } | { readonly ok: false; readonly error: InvalidWasm };

const EOP_SECTION = 'enhanced-orthogonal-persistence';
const GZIP_MAGIC = [0x1f, 0x8b, 0x08];

/** Modules that no canister uses any more stay cached until this many newer ones came. */
const CACHE_SIZE = 32;
const cache = new Map<string, LoadedModule>();

function unpack(bytes: Uint8Array): Uint8Array {
    if (!GZIP_MAGIC.every((byte, i) => bytes[i] === byte)) return bytes;
    try {
        return gunzipSync(bytes, { maxOutputLength: Limit.moduleBytes });
    } catch (error) {
        throw new InvalidWasm(
            `Failed to decode wasm module: ${error instanceof Error ? error.message : String(error)}`
        );
    }
}

function compile(bytes: Uint8Array, layout: ModuleLayout): WebAssembly.Module {
    try {
        return new WebAssembly.Module(bytes);
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (layout.pointerBytes === 8 && !supportsMemory64()) {
            throw new InvalidWasm(
                `Modules with a 64-bit memory need Node 24 or newer, this is Node ${process.versions.node} (${reason})`
            );
        }
        throw new InvalidWasm(`Wasmtime failed to validate wasm module ${reason}`);
    }
}

/** The smallest module with a 64-bit memory: whether V8 takes it is what decides. */
function supportsMemory64(): boolean {
    return WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0));
}

function exportedFunctions(parsed: ParsedModule): ReadonlySet<string> {
    return new Set(parsed.exports.filter(({ kind }) => kind === ExternalKind.func).map(({ name }) => name));
}

function load(uploaded: Uint8Array, hash: Uint8Array): LoadedModule {
    const bytes = unpack(uploaded);
    if (bytes.length > Limit.moduleBytes) {
        throw new InvalidWasm(
            `Wasm module size of ${bytes.length} exceeds the maximum allowed size of ${Limit.moduleBytes}.`
        );
    }
    const parsed = parseModule(bytes);
    const metadata = validate(parsed);
    const { bytes: metered, layout } = instrument(parsed);
    return {
        hash,
        // A copy: the argument is often a view into a whole message.
        uploaded: uploaded.slice(),
        compiled: compile(metered, layout),
        layout,
        imports: [...new Set(parsed.imports.map(({ name }) => name).filter(isIc0Name))],
        exportedFunctions: exportedFunctions(parsed),
        metadata,
        hasEnhancedOrthogonalPersistence: metadata.get(EOP_SECTION)?.visibility === 'private'
    };
}

function remember(key: string, module: LoadedModule): void {
    cache.delete(key);
    cache.set(key, module);
    const oldest = cache.keys().next();
    if (cache.size > CACHE_SIZE && !oldest.done) cache.delete(oldest.value);
}

/**
 * Validates, instruments and compiles a canister module given as raw wasm or gzip (replica.md b.1). Results are cached by the
 * SHA-256 of the input and shared by all canisters of the process.
 */
export function loadModule(uploaded: Uint8Array): LoadResult {
    const digest = createHash('sha256').update(uploaded).digest();
    const key = digest.toString('hex');
    try {
        const module = cache.get(key) ?? load(uploaded, new Uint8Array(digest));
        remember(key, module);
        return { ok: true, module };
    } catch (error) {
        if (error instanceof InvalidWasm) return { ok: false, error };
        throw error;
    }
}
