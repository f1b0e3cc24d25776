/**
 * Where each System API function may be called. The table is written down again here, from replica.md b.2, so that a slip in
 * the implementation's table shows.
 */
import { IC0, isIc0Name, signatureOf } from '../../../src/replica/wasm/ic0';
import type { Context } from '../../../src/replica/execution';
import { openWat, run } from './support/canister';

const ALL: readonly Context[] = [
    'I',
    'G',
    'U',
    'RQ',
    'NRQ',
    'TQ',
    'CQ',
    'Ry',
    'Rt',
    'CRy',
    'CRt',
    'C',
    'CC',
    'F',
    'T',
    's'
];
const STAR = 'I G U RQ NRQ TQ CQ Ry Rt CRy CRt C CC F T';

const TABLE: Readonly<Record<string, string>> = {
    'I U RQ NRQ TQ CQ Ry CRy F': 'msg_arg_data_size msg_arg_data_copy',
    'U RQ NRQ CQ Ry Rt CRy CRt C CC F':
        'msg_caller_info_data_size msg_caller_info_data_copy msg_caller_info_signer_size msg_caller_info_signer_copy',
    'Ry Rt CRy CRt C': 'msg_reject_code',
    'Rt CRt': 'msg_reject_msg_size msg_reject_msg_copy',
    'U RQ NRQ TQ CQ Ry Rt CRy CRt': 'msg_deadline msg_reply_data_append msg_reply msg_reject',
    'U RQ Rt Ry': 'msg_cycles_available msg_cycles_available128 msg_cycles_accept msg_cycles_accept128',
    'Rt Ry': 'msg_cycles_refunded msg_cycles_refunded128',
    'I G U RQ Ry Rt C T': 'cycles_burn128 mint_cycles128 root_key_size root_key_copy',
    F: 'msg_method_name_size msg_method_name_copy accept_message',
    'U CQ Ry Rt CRy CRt T': 'call_new call_on_cleanup call_data_append call_perform call_with_best_effort_response',
    'U Ry Rt T': 'call_cycles_add call_cycles_add128',
    'I G U Ry Rt T': 'certified_data_set',
    'NRQ CQ': 'data_certificate_size data_certificate_copy',
    'I G U Ry Rt C T': 'global_timer_set',
    [STAR]:
        'msg_caller_size msg_caller_copy canister_self_size canister_self_copy canister_cycle_balance ' +
        'canister_cycle_balance128 canister_liquid_cycle_balance128 canister_status canister_version subnet_self_size ' +
        'subnet_self_copy data_certificate_present time env_var_count env_var_name_size env_var_name_copy ' +
        'env_var_name_exists env_var_value_size env_var_value_copy',
    [`${STAR} s`]:
        'stable_size stable_grow stable_write stable_read stable64_size stable64_grow stable64_write stable64_read ' +
        'performance_counter is_controller in_replicated_execution cost_call cost_create_canister cost_http_request ' +
        'cost_http_request_v2 ' +
        'cost_sign_with_ecdsa cost_sign_with_schnorr cost_vetkd_derive_key debug_print trap'
};

const CASES = Object.entries(TABLE).flatMap(([contexts, names]) =>
    names.split(' ').map((name) => [name, contexts.split(' ')] as const)
);

/** A module whose method calls `name` with zeros. */
function caller(name: string): string {
    if (!isIc0Name(name)) throw new TypeError(name);
    const { params, results } = signatureOf(name);
    const type = (letter: string): string => (letter === 'l' ? 'i64' : 'i32');
    const signature =
        [...params].map((p) => `(param ${type(p)})`).join(' ') +
        [...results].map((r) => `(result ${type(r)})`).join(' ');
    const args = [...params].map((p) => `(${type(p)}.const 0)`).join(' ');
    const call = `(call $f ${args})`;
    return `(module (import "ic0" "${name}" (func $f ${signature})) (memory 1)
        (func (export "canister_update m") ${results === '' ? call : `(drop ${call})`}))`;
}

test('the table names every function once', () => {
    expect(CASES.map(([name]) => name).sort()).toEqual(Object.keys(IC0).sort());
});

test.each(CASES)('%s', async (name, allowed) => {
    const sandbox = await openWat(caller(name));
    const refused = ALL.filter((context) => {
        const { trap } = run(sandbox, 'canister_update m', { context, dataCertificate: Uint8Array.of(1) });
        if (trap === undefined || !trap.message.includes('cannot be executed in')) return false;
        expect(trap.code).toBe('CanisterContractViolation');
        expect(trap.message).toContain(`"ic0_${name}" cannot be executed in `);
        return true;
    });
    expect(refused).toEqual(ALL.filter((context) => !allowed.includes(context)));
});

test('the text names the mode', async () => {
    const text = async (context: Context, entry = 'canister_update m'): Promise<string | undefined> => {
        const wat = caller('accept_message').replace('canister_update m', entry);
        return run(await openWat(wat), entry, { context }).trap?.message.split('.\n')[0];
    };
    const prefix = 'Canister violated contract: "ic0_accept_message" cannot be executed in ';
    expect(await text('NRQ')).toBe(`${prefix}non replicated query mode`);
    expect(await text('T', 'canister_heartbeat')).toBe(`${prefix}heartbeat mode`);
    expect(await text('T', 'canister_global_timer')).toBe(`${prefix}global timer mode`);
    expect(await text('Ry')).toBe(`${prefix}reply callback mode`);
    expect(await text('s')).toBe(`${prefix}start mode`);
});
