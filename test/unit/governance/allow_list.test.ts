import { IDL } from '@dfinity/candid';
import { INTERFACES } from '../../../src/client/canisters';
import { ALLOWED_CALLS, groupOfCall, isAllowed } from '../../../src/core/governance/allow_list';

/** Annotations of a method in the Candid of its canister; undefined when the canister has no such method. */
function annotationsOf({ canister, method }: (typeof ALLOWED_CALLS)[number]): readonly string[] | undefined {
    return INTERFACES[canister]({ IDL })._fields.find(([name]) => name === method)?.[1].annotations;
}

test.each(ALLOWED_CALLS)('$canister has the update method $method', (call) => {
    expect(annotationsOf(call)).toEqual([]);
});

test('nothing else is allowed: of the ledger its peers, its governance and who takes its fees, of rewards itself its pause and its governance', () => {
    expect(isAllowed({ canister: 'rewards', method: 'set_peers' })).toBe(false);
    expect(isAllowed({ canister: 'state_machine', method: 'resolve_dispute' })).toBe(false);
    const own = ALLOWED_CALLS.filter(({ canister }) => canister === 'rewards' || canister === 'token_icrc1');
    expect(own).toEqual([
        { canister: 'rewards', method: 'set_paused' },
        { canister: 'token_icrc1', method: 'set_peers' },
        { canister: 'rewards', method: 'set_governance', group: 'constitution' },
        { canister: 'token_icrc1', method: 'set_governance', group: 'constitution' },
        { canister: 'token_icrc1', method: 'icrc107_set_fee_collector', group: 'constitution' }
    ]);
});

test('what a proof of computing is worth takes the majority that the standard takes, other calls that of ordinary proposals', () => {
    const groups = ALLOWED_CALLS.filter(({ canister }) => canister === 'state_machine').map((call) => [
        call.method,
        groupOfCall(call)
    ]);
    expect(Object.fromEntries(groups)).toMatchObject({
        add_poc_spec: 'poc_standard',
        set_poc_policy: 'poc_standard',
        open_validator_batch: 'ordinary',
        set_governance: 'constitution'
    });
});
