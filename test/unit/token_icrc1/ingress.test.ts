import { acceptsIngress } from '../../../canisters/token_icrc1/domain/ingress';

const candid = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    bytes.set(new TextEncoder().encode('DIDL').subarray(0, length));
    return bytes;
};
const accepts = (method: string, argument: Uint8Array, isController = false, maxMemoBytes = 32): boolean =>
    acceptsIngress({ method, argument, isController }, maxMemoBytes);

test('messages of a sensible size that begin as Candid does are let in, whoever sends them', () => {
    for (const method of ['icrc1_transfer', 'icrc1_balance_of', 'set_peers', 'unheard_of']) {
        expect([accepts(method, candid(6)), accepts(method, candid(1_024)), accepts(method, candid(1_025))]).toEqual([
            true,
            true,
            false
        ]);
    }
});

test('a message that is no Candid is not let in', () => {
    for (const argument of [candid(0), candid(3), new Uint8Array(100), Uint8Array.of(0x44, 0x49, 0x44, 0x4d, 0, 0)]) {
        expect(accepts('icrc1_transfer', argument)).toBe(false);
    }
});

test('a ledger with longer memos lets longer messages in', () => {
    expect([accepts('icrc1_transfer', candid(1_300)), accepts('icrc1_transfer', candid(1_300), false, 400)]).toEqual([
        false,
        true
    ]);
});

test('only controllers may send the pieces of a module', () => {
    const piece = candid((1 << 20) + 20);
    expect([accepts('upload_archive_chunk', piece), accepts('upload_archive_chunk', piece, true)]).toEqual([
        false,
        true
    ]);
    expect(accepts('upload_archive_chunk', candid((1 << 20) + 100), true)).toBe(false);
});
