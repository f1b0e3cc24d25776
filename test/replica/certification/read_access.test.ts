import { checkReadAccess } from '../../../src/replica/certification/read_access';
import { utf8 } from '../../../src/replica/wire/bytes';

const canisterId = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1, 1);
const source = { canister: () => undefined, request: () => undefined, addressee: () => undefined };

function refusalAt(scopeId: Uint8Array, path: readonly Uint8Array[]): string | undefined {
    const sender = Uint8Array.of(4);
    const content = { type: 'read_state', sender, requestId: sender, ingressExpiryNs: 0n, paths: [path] } as const;
    return checkReadAccess({ content }, { kind: 'canister', canisterId: scopeId }, source)?.code;
}

const refusalOf = (...path: readonly Uint8Array[]): string | undefined => refusalAt(canisterId, path);

test('read access: names of custom sections are text', () => {
    const section = (name: Uint8Array): string | undefined =>
        refusalOf(utf8('canister'), canisterId, utf8('metadata'), name);
    expect(section(utf8('☃'))).toBeUndefined();
    expect(section(Uint8Array.of(0xe2, 0x28, 0xa1))).toBe('malformed');
});

test('read access: under the id of the management canister only requests are shown', () => {
    const management = new Uint8Array(0);
    expect(refusalAt(management, [utf8('request_status'), new Uint8Array(32)])).toBeUndefined();
    for (const root of ['time', 'subnet', 'canister_ranges']) {
        expect(refusalAt(management, [utf8(root)])).toBe('wrong_canister');
        expect(refusalOf(utf8(root))).toBeUndefined();
    }
});
