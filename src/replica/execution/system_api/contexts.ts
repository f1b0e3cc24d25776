import type { Ic0Name } from '../../wasm/ic0';
import type { Context, EntryPoint } from '../types';

const EVERY = 'I G U RQ NRQ TQ CQ Ry Rt CRy CRt C CC F T';
const EVERY_AND_START = `${EVERY} s`;
const ARGUMENT = 'I U RQ NRQ TQ CQ Ry CRy F';
const REPLY = 'U RQ NRQ TQ CQ Ry Rt CRy CRt';
const CALL = 'U CQ Ry Rt CRy CRt T';
const CYCLES_IN = 'U RQ Rt Ry';
const SENDER_INFO = 'U RQ NRQ CQ Ry Rt CRy CRt C CC F';
const REPLICATED = 'I G U RQ Ry Rt C T';

/** Where each System API function may be called (interface specification, "Overview of imports"; replica.md b.2). */
const TABLE: Readonly<Record<Ic0Name, string>> = {
    msg_arg_data_size: ARGUMENT,
    msg_arg_data_copy: ARGUMENT,
    msg_caller_size: EVERY,
    msg_caller_copy: EVERY,
    msg_caller_info_data_size: SENDER_INFO,
    msg_caller_info_data_copy: SENDER_INFO,
    msg_caller_info_signer_size: SENDER_INFO,
    msg_caller_info_signer_copy: SENDER_INFO,
    msg_reject_code: 'Ry Rt CRy CRt C',
    msg_reject_msg_size: 'Rt CRt',
    msg_reject_msg_copy: 'Rt CRt',
    msg_deadline: REPLY,
    msg_reply_data_append: REPLY,
    msg_reply: REPLY,
    msg_reject: REPLY,
    msg_cycles_available: CYCLES_IN,
    msg_cycles_available128: CYCLES_IN,
    msg_cycles_refunded: 'Rt Ry',
    msg_cycles_refunded128: 'Rt Ry',
    msg_cycles_accept: CYCLES_IN,
    msg_cycles_accept128: CYCLES_IN,
    cycles_burn128: REPLICATED,
    mint_cycles128: REPLICATED,
    canister_self_size: EVERY,
    canister_self_copy: EVERY,
    canister_cycle_balance: EVERY,
    canister_cycle_balance128: EVERY,
    canister_liquid_cycle_balance128: EVERY,
    canister_status: EVERY,
    canister_version: EVERY,
    subnet_self_size: EVERY,
    subnet_self_copy: EVERY,
    msg_method_name_size: 'F',
    msg_method_name_copy: 'F',
    accept_message: 'F',
    call_new: CALL,
    call_on_cleanup: CALL,
    call_data_append: CALL,
    call_with_best_effort_response: CALL,
    call_cycles_add: 'U Ry Rt T',
    call_cycles_add128: 'U Ry Rt T',
    call_perform: CALL,
    stable_size: EVERY_AND_START,
    stable_grow: EVERY_AND_START,
    stable_write: EVERY_AND_START,
    stable_read: EVERY_AND_START,
    stable64_size: EVERY_AND_START,
    stable64_grow: EVERY_AND_START,
    stable64_write: EVERY_AND_START,
    stable64_read: EVERY_AND_START,
    root_key_size: REPLICATED,
    root_key_copy: REPLICATED,
    certified_data_set: 'I G U Ry Rt T',
    data_certificate_present: EVERY,
    data_certificate_size: 'NRQ CQ',
    data_certificate_copy: 'NRQ CQ',
    time: EVERY,
    global_timer_set: 'I G U Ry Rt C T',
    performance_counter: EVERY_AND_START,
    is_controller: EVERY_AND_START,
    in_replicated_execution: EVERY_AND_START,
    cost_call: EVERY_AND_START,
    cost_create_canister: EVERY_AND_START,
    cost_http_request: EVERY_AND_START,
    cost_http_request_v2: EVERY_AND_START,
    cost_sign_with_ecdsa: EVERY_AND_START,
    cost_sign_with_schnorr: EVERY_AND_START,
    cost_vetkd_derive_key: EVERY_AND_START,
    env_var_count: EVERY,
    env_var_name_size: EVERY,
    env_var_name_copy: EVERY,
    env_var_name_exists: EVERY,
    env_var_value_size: EVERY,
    env_var_value_copy: EVERY,
    debug_print: EVERY_AND_START,
    trap: EVERY_AND_START
};

/** The contexts in which `name` may be called. */
export function allowedContexts(name: Ic0Name): ReadonlySet<string> {
    return new Set(TABLE[name].split(' '));
}

const MODE_NAMES: Readonly<Record<Exclude<Context, 'T'>, string>> = {
    I: 'init',
    G: 'pre upgrade',
    U: 'update',
    RQ: 'replicated query',
    NRQ: 'non replicated query',
    TQ: 'non replicated query',
    CQ: 'composite query',
    Ry: 'reply callback',
    Rt: 'reject callback',
    CRy: 'composite reply callback',
    CRt: 'composite reject callback',
    C: 'cleanup',
    CC: 'composite cleanup',
    F: 'inspect message',
    s: 'start'
};

/** System tasks are named by the entry point that runs. */
const TASK_NAMES: Readonly<Record<string, string>> = {
    canister_heartbeat: 'heartbeat',
    canister_global_timer: 'global timer',
    canister_on_low_wasm_memory: 'on low wasm memory'
};

/** The replica's name of an execution mode, as its error texts use it. */
export function modeName(context: Context, entry: EntryPoint): string {
    if (context !== 'T') return MODE_NAMES[context];
    return ('export' in entry ? TASK_NAMES[entry.export] : undefined) ?? 'system task';
}
