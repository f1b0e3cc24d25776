/** `metadata.json` of a downloaded snapshot: the answer of `read_canister_snapshot_metadata` as Rust's tools write it down. */
import type { Decoded } from '../candid/codecs';
import type { CandidGlobal, metadataResult, uploadMetadataArgument } from '../management/snapshot_types';
import { Body, InvalidBodyError, type Json } from './json';

type Metadata = Decoded<typeof metadataResult>;
type Upload = Omit<Decoded<typeof uploadMetadataArgument>, 'canister_id' | 'replace_snapshot'>;

/** Blobs are arrays of bytes, variants objects with one field. */
export function metadataJson(metadata: Metadata): Json {
    const { source, global_timer: timer, on_low_wasm_memory_hook_status: hook, ...plain } = metadata;
    return {
        source: { [source.kind]: null },
        ...plain,
        globals: plain.globals.map(globalJson),
        wasm_chunk_store: plain.wasm_chunk_store.map(({ hash }) => ({ hash: [...hash] })),
        certified_data: [...plain.certified_data],
        global_timer: timer === undefined ? null : timer.kind === 'active' ? { active: timer.value } : 'inactive',
        on_low_wasm_memory_hook_status: hook === undefined ? null : hook.kind
    };
}

/** Floats that JSON has no digits for travel as text. */
function globalJson({ kind, value }: CandidGlobal): Json {
    return { [kind]: typeof value === 'number' && !Number.isFinite(value) ? String(value) : value };
}

/** The part that a new snapshot is made of. Throws InvalidBodyError. */
export function readMetadataJson(body: Body): Upload {
    return {
        wasm_module_size: body.nat('wasm_module_size'),
        wasm_memory_size: body.nat('wasm_memory_size'),
        stable_memory_size: body.nat('stable_memory_size'),
        certified_data: Uint8Array.from(body.array('certified_data').map(Number)),
        globals: body.array('globals').map(readGlobal),
        global_timer: readTimer(body),
        on_low_wasm_memory_hook_status: readHook(body)
    };
}

function readGlobal(value: unknown): CandidGlobal {
    const global = new Body(value, 'global');
    const [kind] = ['i32', 'i64', 'f32', 'f64'].filter((name) => global.get(name) !== undefined);
    switch (kind) {
        case 'i32':
        case 'f32':
        case 'f64':
            return { kind, value: Number(global.get(kind)) };
        case 'i64':
            return { kind, value: global.integer(kind) };
        default:
            throw new InvalidBodyError('globals: only i32, i64, f32 and f64 can be uploaded');
    }
}

function readTimer(body: Body): Upload['global_timer'] {
    const timer = body.get('global_timer');
    if (timer === undefined) return undefined;
    if (timer === 'inactive') return { kind: 'inactive', value: null };
    return { kind: 'active', value: body.object('global_timer').nat('active') };
}

const hooks = ['condition_not_satisfied', 'ready', 'executed'] as const;

function readHook(body: Body): Upload['on_low_wasm_memory_hook_status'] {
    const kind = hooks.find((name) => name === body.get('on_low_wasm_memory_hook_status'));
    return kind && { kind, value: null };
}
