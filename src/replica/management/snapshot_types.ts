/** Candid types of the snapshot methods. */
import {
    blob,
    bool,
    float32,
    float64,
    int32,
    int64,
    nat,
    nat64,
    none,
    opt,
    principal,
    record,
    reserved,
    variant,
    vec,
    type Decoded
} from '../candid/codecs';
import { chunkHash } from './types';

/** A snapshot in lists. */
export const snapshot = record({ id: blob, taken_at_timestamp: nat64, total_size: nat64 });

/** Of `take_canister_snapshot`. */
export const takeArgument = record({
    canister_id: principal,
    replace_snapshot: opt(blob),
    uninstall_code: opt(bool),
    sender_canister_version: opt(nat64)
});
/** Of `load_canister_snapshot`. */
export const loadArgument = record({
    canister_id: principal,
    snapshot_id: blob,
    sender_canister_version: opt(nat64)
});
/** Of methods that concern one snapshot. */
export const snapshotArgument = record({ canister_id: principal, snapshot_id: blob });

/** A global of WebAssembly; `v128` as a natural. */
export const globalValue = variant({ i32: int32, i64: int64, f32: float32, f64: float64, v128: nat });
/** A global, decoded. */
export type CandidGlobal = Decoded<typeof globalValue>;
/** Nanoseconds since 1970, when active. */
export const globalTimer = variant({ inactive: none, active: nat64 });
/** Of the hook for low memory. */
export const hookStatus = variant({ condition_not_satisfied: none, ready: none, executed: none });

/** Of `read_canister_snapshot_metadata`. */
export const metadataResult = record({
    source: variant({ taken_from_canister: reserved, metadata_upload: reserved }),
    taken_at_timestamp: nat64,
    wasm_module_size: nat64,
    globals: vec(globalValue),
    wasm_memory_size: nat64,
    stable_memory_size: nat64,
    wasm_chunk_store: vec(chunkHash),
    canister_version: nat64,
    certified_data: blob,
    global_timer: opt(globalTimer),
    on_low_wasm_memory_hook_status: opt(hookStatus)
});

const slice = record({ offset: nat64, size: nat64 });
/** Of `read_canister_snapshot_data`. */
export const readDataArgument = record({
    canister_id: principal,
    snapshot_id: blob,
    kind: variant({ wasm_module: slice, wasm_memory: slice, stable_memory: slice, wasm_chunk: chunkHash })
});
/** A piece of a snapshot. */
export const dataResult = record({ chunk: blob });

/** Of `upload_canister_snapshot_metadata`. */
export const uploadMetadataArgument = record({
    canister_id: principal,
    replace_snapshot: opt(blob),
    wasm_module_size: nat64,
    globals: vec(globalValue),
    wasm_memory_size: nat64,
    stable_memory_size: nat64,
    certified_data: blob,
    global_timer: opt(globalTimer),
    on_low_wasm_memory_hook_status: opt(hookStatus)
});
/** Its id, for the pieces that follow. */
export const uploadMetadataResult = record({ snapshot_id: blob });

const place = record({ offset: nat64 });
/** Of `upload_canister_snapshot_data`. */
export const uploadDataArgument = record({
    canister_id: principal,
    snapshot_id: blob,
    kind: variant({ wasm_module: place, wasm_memory: place, stable_memory: place, wasm_chunk: none }),
    chunk: blob
});
