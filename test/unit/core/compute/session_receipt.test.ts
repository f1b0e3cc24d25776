/** Receipts of session leases: what is signed, what verifies, and what never does. */
import { Principal } from '@dfinity/principal';
import {
    firstReceipt,
    isSessionKey,
    nextReceipt,
    sessionPublicKey,
    sessionReceiptBytes,
    sessionReceiptHash,
    signSessionReceipt,
    verifySessionReceipt
} from '../../../../src/core/compute/session_receipt';
import { toHex } from '../../../../src/core/bytes';
import { sha256 } from '../../../../src/core/hash';

const GATEWAY = Principal.fromText('rrkah-fqaaa-aaaaa-aaaaq-cai');
const SECRET = new Uint8Array(32).fill(7);
const KEY = sessionPublicKey(SECRET);
const call = (text: string, units: bigint) => ({ outputHash: sha256(new TextEncoder().encode(text)), units });
const RECEIPT = nextReceipt(nextReceipt(firstReceipt(GATEWAY, 9n), call('one', 20n)), call('two', 3n));

test('a receipt sums up the calls, and its digest depends on each of them and on their order', () => {
    expect(RECEIPT).toMatchObject({ sessionId: 9n, calls: 2, units: 23n });
    const other = nextReceipt(nextReceipt(firstReceipt(GATEWAY, 9n), call('two', 3n)), call('one', 20n));
    expect(other).toMatchObject({ calls: 2, units: 23n });
    expect(toHex(other.digest)).not.toBe(toHex(RECEIPT.digest));
});

test('the signed bytes are fixed', () => {
    expect(toHex(sessionReceiptBytes(RECEIPT))).toBe(
        [
            '0000000d656d632d73657373696f6e2d31',
            '0a00000000000000010101',
            '0000000000000009',
            '00000002',
            '0000000000000017',
            toHex(RECEIPT.digest)
        ].join('')
    );
    expect(toHex(sessionReceiptHash(RECEIPT))).toBe(toHex(sha256(sessionReceiptBytes(RECEIPT))));
});

test('the payer’s signature verifies, and no other', () => {
    const signature = signSessionReceipt(RECEIPT, SECRET);
    expect(verifySessionReceipt(RECEIPT, signature, KEY)).toBe(true);
    expect(verifySessionReceipt(RECEIPT, signature, sessionPublicKey(new Uint8Array(32).fill(8)))).toBe(false);
    expect(verifySessionReceipt(RECEIPT, signature.slice(1), KEY)).toBe(false);
    expect(verifySessionReceipt(RECEIPT, new Uint8Array(64), KEY)).toBe(false);
    expect(verifySessionReceipt(RECEIPT, new Uint8Array(64).fill(255), KEY)).toBe(false);
});

test('a signature is for one receipt: no field of it can be changed', () => {
    const signature = signSessionReceipt(RECEIPT, SECRET);
    const changed = [
        { ...RECEIPT, gateway: Principal.managementCanister() },
        { ...RECEIPT, sessionId: 10n },
        { ...RECEIPT, calls: 3 },
        { ...RECEIPT, units: 24n },
        { ...RECEIPT, digest: new Uint8Array(32) }
    ];
    expect(changed.map((receipt) => verifySessionReceipt(receipt, signature, KEY))).toEqual([
        false,
        false,
        false,
        false,
        false
    ]);
});

test('keys of small order, and what is no point, open no session', () => {
    const identity = new Uint8Array(32);
    identity[0] = 1;
    expect(isSessionKey(KEY)).toBe(true);
    expect(isSessionKey(identity)).toBe(false);
    expect(isSessionKey(new Uint8Array(32).fill(255))).toBe(false);
    expect(isSessionKey(new Uint8Array(31))).toBe(false);
});
