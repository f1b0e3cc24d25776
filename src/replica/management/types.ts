/** Candid types of the management canister (the specification's ic.did, and the fields that current clients ask for beyond it). */
import {
    blob,
    bool,
    nat,
    nat64,
    none,
    opt,
    principal,
    record,
    text,
    variant,
    vec,
    type Decoded
} from '../candid/codecs';

const visibility = variant({ controllers: none, public: none, allowed_viewers: vec(principal) });
const environmentVariable = record({ name: text, value: text });

/** `canister_settings`: every field may be left as it is. */
export const canisterSettings = record({
    controllers: opt(vec(principal)),
    compute_allocation: opt(nat),
    memory_allocation: opt(nat),
    freezing_threshold: opt(nat),
    reserved_cycles_limit: opt(nat),
    minimum_incoming_canister_call_cycles: opt(nat),
    log_visibility: opt(visibility),
    snapshot_visibility: opt(visibility),
    status_visibility: opt(visibility),
    log_memory_limit: opt(nat),
    wasm_memory_limit: opt(nat),
    wasm_memory_threshold: opt(nat),
    environment_variables: opt(vec(environmentVariable))
});
/** Settings that are to change; what is absent stays. */
export type CandidSettings = Decoded<typeof canisterSettings>;
/** Who may read logs or snapshots. */
export type CandidVisibility = Decoded<typeof visibility>;

/** `definite_canister_settings` */
export const definiteSettings = record({
    controllers: vec(principal),
    compute_allocation: nat,
    memory_allocation: nat,
    freezing_threshold: nat,
    reserved_cycles_limit: nat,
    minimum_incoming_canister_call_cycles: nat,
    log_visibility: visibility,
    snapshot_visibility: visibility,
    status_visibility: visibility,
    log_memory_limit: nat,
    wasm_memory_limit: nat,
    wasm_memory_threshold: nat,
    environment_variables: vec(environmentVariable)
});
/** All settings, as they are. */
export type CandidDefiniteSettings = Decoded<typeof definiteSettings>;

/** Argument of all methods that only name a canister. */
export const canisterArgument = record({ canister_id: principal });
/** Argument of `uninstall_code`. */
export const versionedCanisterArgument = record({ canister_id: principal, sender_canister_version: opt(nat64) });
/** Argument of `create_canister`. */
export const createArgument = record({ settings: opt(canisterSettings), sender_canister_version: opt(nat64) });
/** Argument of `provisional_create_canister_with_cycles`. */
export const provisionalCreateArgument = record({
    amount: opt(nat),
    settings: opt(canisterSettings),
    specified_id: opt(principal),
    sender_canister_version: opt(nat64)
});
/** Argument of `provisional_top_up_canister`. */
export const topUpArgument = record({ canister_id: principal, amount: nat });
/** Argument of `update_settings`. */
export const updateSettingsArgument = record({
    canister_id: principal,
    settings: canisterSettings,
    sender_canister_version: opt(nat64)
});

/** `canister_install_mode` */
export const installMode = variant({
    install: none,
    reinstall: none,
    upgrade: opt(
        record({
            skip_pre_upgrade: opt(bool),
            wasm_memory_persistence: opt(variant({ keep: none, replace: none }))
        })
    )
});
/** Install, reinstall, or upgrade with its options. */
export type InstallMode = Decoded<typeof installMode>;

/** Argument of `install_code`. */
export const installArgument = record({
    mode: installMode,
    canister_id: principal,
    wasm_module: blob,
    arg: blob,
    sender_canister_version: opt(nat64)
});

/** `chunk_hash` */
export const chunkHash = record({ hash: blob });
/** Argument of `upload_chunk`. */
export const uploadChunkArgument = record({ canister_id: principal, chunk: blob });
/** Argument of `install_chunked_code`. */
export const installChunkedArgument = record({
    mode: installMode,
    target_canister: principal,
    store_canister: opt(principal),
    chunk_hashes_list: vec(chunkHash),
    wasm_module_hash: blob,
    arg: blob,
    sender_canister_version: opt(nat64)
});

/** `canister_status_result`, every field that any current client decodes. */
export const statusResult = record({
    status: variant({ running: none, stopping: none, stopped: none }),
    ready_for_migration: bool,
    version: nat64,
    settings: definiteSettings,
    module_hash: opt(blob),
    memory_size: nat,
    memory_metrics: record({
        wasm_memory_size: nat,
        stable_memory_size: nat,
        global_memory_size: nat,
        wasm_binary_size: nat,
        custom_sections_size: nat,
        canister_history_size: nat,
        wasm_chunk_store_size: nat,
        snapshots_size: nat,
        log_memory_store_size: nat
    }),
    cycles: nat,
    reserved_cycles: nat,
    idle_cycles_burned_per_day: nat,
    query_stats: record({
        num_calls_total: nat,
        num_instructions_total: nat,
        request_payload_bytes_total: nat,
        response_payload_bytes_total: nat
    })
});

/** Argument of `canister_info`. */
export const infoArgument = record({ canister_id: principal, num_requested_changes: opt(nat64) });
/** `change`, an entry of the history. */
export const change = record({
    timestamp_nanos: nat64,
    canister_version: nat64,
    origin: variant({
        from_user: record({ user_id: principal }),
        from_canister: record({ canister_id: principal, canister_version: opt(nat64) })
    }),
    details: variant({
        creation: record({ controllers: vec(principal) }),
        code_uninstall: none,
        code_deployment: record({
            mode: variant({ install: none, reinstall: none, upgrade: none }),
            module_hash: blob
        }),
        load_snapshot: record({ canister_version: nat64, snapshot_id: blob, taken_at_timestamp: nat64 }),
        controllers_change: record({ controllers: vec(principal) })
    })
});
/** Result of `canister_info`. */
export const infoResult = record({
    total_num_changes: nat64,
    recent_changes: vec(change),
    module_hash: opt(blob),
    controllers: vec(principal)
});

/** Argument of `canister_metadata`. */
export const metadataArgument = record({ canister_id: principal, name: text });
/** Result of `canister_metadata`. */
export const metadataResult = record({ value: blob });

const logRange = record({ start: nat64, end: nat64 });
/** Argument of `fetch_canister_logs`; ranges end before `end`. */
export const logsArgument = record({
    canister_id: principal,
    filter: opt(variant({ by_idx: logRange, by_timestamp_nanos: logRange }))
});
/** Which lines are asked for. */
export type LogFilter = Decoded<typeof logsArgument>['filter'];
/** Result of `fetch_canister_logs`. */
export const logsResult = record({
    canister_log_records: vec(record({ idx: nat64, timestamp_nanos: nat64, content: blob }))
});

const header = record({ name: text, value: text });
/** `http_request_result` */
export const httpResponse = record({ status: nat, headers: vec(header), body: blob });
