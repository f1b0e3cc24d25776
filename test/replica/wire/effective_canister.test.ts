import { checkEffectiveCanister } from '../../../src/replica/effective_canister';

const management = new Uint8Array(0);
const canisterId = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1, 1);

function codeAt(effective: Uint8Array, methodName: string): string | undefined {
    const sender = Uint8Array.of(4);
    const common = { type: 'call', requestId: sender, sender, ingressExpiryNs: 0n, argument: management } as const;
    return checkEffectiveCanister({ ...common, canisterId: management, methodName }, effective)?.code;
}

test('effective canister: methods that name no canister go to any subnet, but not to the management canister', () => {
    for (const method of ['raw_rand', 'http_request', 'create_canister', 'list_canisters']) {
        expect(codeAt(canisterId, method)).toBeUndefined();
        expect(codeAt(management, method)).toBe('wrong_canister');
    }
});

test('effective canister: old agents create canisters under the id of the management canister', () => {
    expect(codeAt(management, 'provisional_create_canister_with_cycles')).toBeUndefined();
});
