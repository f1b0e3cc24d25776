/**
 * The System API's imports (replica.md b.2): `params>results` in letters `P` (i32, or i64 in modules with a 64-bit memory), `E` (the
 * same, but opaque to the network: the environment of a closure), `i` (i32), `l` (i64). The order follows the interface specification.
 */
export const IC0 = {
    msg_arg_data_size: '>P',
    msg_arg_data_copy: 'PPP>',
    msg_caller_size: '>P',
    msg_caller_copy: 'PPP>',
    msg_caller_info_data_size: '>P',
    msg_caller_info_data_copy: 'PPP>',
    msg_caller_info_signer_size: '>P',
    msg_caller_info_signer_copy: 'PPP>',
    msg_reject_code: '>i',
    msg_reject_msg_size: '>P',
    msg_reject_msg_copy: 'PPP>',
    msg_deadline: '>l',
    msg_reply_data_append: 'PP>',
    msg_reply: '>',
    msg_reject: 'PP>',
    msg_cycles_available: '>l',
    msg_cycles_available128: 'P>',
    msg_cycles_refunded: '>l',
    msg_cycles_refunded128: 'P>',
    msg_cycles_accept: 'l>l',
    msg_cycles_accept128: 'llP>',
    cycles_burn128: 'llP>',
    mint_cycles128: 'llP>',
    canister_self_size: '>P',
    canister_self_copy: 'PPP>',
    canister_cycle_balance: '>l',
    canister_cycle_balance128: 'P>',
    canister_liquid_cycle_balance128: 'P>',
    canister_status: '>i',
    canister_version: '>l',
    subnet_self_size: '>P',
    subnet_self_copy: 'PPP>',
    msg_method_name_size: '>P',
    msg_method_name_copy: 'PPP>',
    accept_message: '>',
    call_new: 'PPPPPEPE>',
    call_on_cleanup: 'PE>',
    call_data_append: 'PP>',
    call_with_best_effort_response: 'i>',
    call_cycles_add: 'l>',
    call_cycles_add128: 'll>',
    call_perform: '>i',
    stable_size: '>i',
    stable_grow: 'i>i',
    stable_write: 'iii>',
    stable_read: 'iii>',
    stable64_size: '>l',
    stable64_grow: 'l>l',
    stable64_write: 'lll>',
    stable64_read: 'lll>',
    root_key_size: '>P',
    root_key_copy: 'PPP>',
    certified_data_set: 'PP>',
    data_certificate_present: '>i',
    data_certificate_size: '>P',
    data_certificate_copy: 'PPP>',
    time: '>l',
    global_timer_set: 'l>l',
    performance_counter: 'i>l',
    is_controller: 'PP>i',
    in_replicated_execution: '>i',
    cost_call: 'llP>',
    cost_create_canister: 'P>',
    cost_http_request: 'llP>',
    cost_http_request_v2: 'PPP>',
    cost_sign_with_ecdsa: 'PPiP>i',
    cost_sign_with_schnorr: 'PPiP>i',
    cost_vetkd_derive_key: 'PPiP>i',
    env_var_count: '>P',
    env_var_name_size: 'P>P',
    env_var_name_copy: 'PPPP>',
    env_var_name_exists: 'PP>i',
    env_var_value_size: 'PP>P',
    env_var_value_copy: 'PPPPP>',
    debug_print: 'PP>',
    trap: 'PP>'
} as const satisfies Readonly<Record<string, `${string}>${string}`>>;

/** A function of the System API. */
export type Ic0Name = keyof typeof IC0;

/** Not offered to modules with a 64-bit memory. */
export const IC0_32_BIT_ONLY: ReadonlySet<string> = new Set<Ic0Name>([
    'msg_cycles_available',
    'msg_cycles_refunded',
    'msg_cycles_accept',
    'canister_cycle_balance',
    'call_cycles_add',
    'stable_size',
    'stable_grow',
    'stable_write',
    'stable_read'
]);

/** Whether the System API has a function of this name. */
export function isIc0Name(name: string): name is Ic0Name {
    return Object.hasOwn(IC0, name);
}

/** Whether a letter stands for a type that follows the width of the memory. */
export function isPointerSized(letter: string): boolean {
    return letter === 'P' || letter === 'E';
}

/** Parameter and result letters of an import. */
export function signatureOf(name: Ic0Name): { params: string; results: string } {
    const [params = '', results = ''] = IC0[name].split('>');
    return { params, results };
}
