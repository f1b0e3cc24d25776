/** A node's receipts: what a payer signs that the canister would refuse must not take the place of what it would pay. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { Principal } from '@dfinity/principal';
import { toHex } from '../../../src/core/bytes';
import { firstReceipt, nextReceipt, sessionReceiptBytes } from '../../../src/core/compute/session_receipt';
import { SessionReceipts } from '../../../src/node/sessions/receipts';

const CANISTER = Principal.fromUint8Array(Uint8Array.of(1, 1));
const SESSION = 7n;
const MAX_UNITS = 40n;
/** A call that the node does not know any more, so that the payer's sum counts. */
const FORGOTTEN = 9;
const CALL = { outputHash: new Uint8Array(32).fill(3), units: 5n };

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const { x = '' } = publicKey.export({ format: 'jwk' });
const session = {
    canister: CANISTER,
    sessionId: SESSION,
    publicKey: Uint8Array.from(Buffer.from(x, 'base64url')),
    maxUnits: MAX_UNITS
};
const first = nextReceipt(firstReceipt(CANISTER, SESSION), CALL);

/** What a payer says all calls come to, signed as it says. */
function totalOf(calls: number, units: bigint) {
    const receipt = { ...first, calls: calls % 2 ** 32, units };
    const signature = Uint8Array.from(sign(null, sessionReceiptBytes(receipt), privateKey));
    return { signature, total: { calls, units: `${units}`, digest: toHex(first.digest) } };
}

function withOneCall(): SessionReceipts {
    const receipts = new SessionReceipts(session);
    receipts.add(1, CALL);
    const signature = Uint8Array.from(sign(null, sessionReceiptBytes(first), privateKey));
    expect(receipts.take([1], signature)).toBe(true);
    return receipts;
}

test.each([
    ['more units than the session holds', 2, MAX_UNITS + 1n],
    ['more calls than the canister counts', 2 ** 32, MAX_UNITS],
    ['less than it has signed for', 1, CALL.units - 1n]
])('a payer’s sum of %s is not taken, and the last good receipt stays', (_what, calls, units) => {
    const receipts = withOneCall();
    const { signature, total } = totalOf(calls, units);
    expect(receipts.take([FORGOTTEN], signature, total)).toBe(false);
    expect(receipts.signed?.receipt).toEqual(first);
});

test('a payer’s sum within what the session holds is taken', () => {
    const receipts = withOneCall();
    const { signature, total } = totalOf(3, MAX_UNITS);
    expect(receipts.take([FORGOTTEN], signature, total)).toBe(true);
    expect(receipts.signed?.receipt).toMatchObject({ calls: 3, units: MAX_UNITS });
});
