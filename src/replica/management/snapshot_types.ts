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

export const snapshot = record({ id: blob, taken_at_timestamp: nat64, total_size: nat64 });

export const takeArgument = record({
    canister_id: principal,
    replace_snapshot: opt(blob),
    uninstall_code: opt(bool),
    sender_canister_version: opt(nat64)
});
export const loadArgument = record({
    canister_id: principal,
    snapshot_id: blob,
    sender_canister_version: opt(nat64)
});
export const snapshotArgument = record({ canister_id: principal, snapshot_id: blob });

export const globalValue = variant({ i32: int32, i64: int64, f32: float32, f64: float64, v128: nat });
export type CandidGlobal = Decoded<typeof globalValue>;
export const globalTimer = variant({ inactive: none, active: nat64 });
export const hookStatus = variant({ condition_not_satisfied: none, ready: none, executed: none });

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
export const readDataArgument = record({
    canister_id: principal,
    snapshot_id: blob,
    kind: variant({ wasm_module: slice, wasm_memory: slice, stable_memory: slice, wasm_chunk: chunkHash })
});
export const dataResult = record({ chunk: blob });

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
export const uploadMetadataResult = record({ snapshot_id: blob });

const place = record({ offset: nat64 });
export const uploadDataArgument = record({
    canister_id: principal,
    snapshot_id: blob,
    kind: variant({ wasm_module: place, wasm_memory: place, stable_memory: place, wasm_chunk: none }),
    chunk: blob
});
