import { ed25519 } from '@noble/curves/ed25519';
import type { Principal } from '@dfinity/principal';
import { codecOf, fixedBytes, principal, record, text, u32, u64 } from '../codec';
import { sha256 } from '../hash';

/**
 * Receipts of a session lease (compute.md §5.6, §5.8): the payer of a session signs, after each call, what all calls so far
 * come to. The node that holds the latest one can have it settled; an earlier one is worth less and never more.
 */
export interface SessionReceipt {
    /** The compute_gateway canister that keeps the session: a receipt counts on no other deployment. */
    readonly gateway: Principal;
    readonly sessionId: bigint;
    /** Calls so far. */
    readonly calls: number;
    /** Units of all of them. */
    readonly units: bigint;
    /** Names every call and its output, see {@link nextReceipt}; 32 bytes. */
    readonly digest: Uint8Array;
}

/** What one call of a session came to. */
export interface SessionCall {
    /** SHA-256 of the output; 32 bytes. */
    readonly outputHash: Uint8Array;
    readonly units: bigint;
}

export const SESSION_DOMAIN = 'emc-session-1';
export const SESSION_KEY_BYTES = 32;
export const SESSION_SIGNATURE_BYTES = 64;

type Signed = SessionReceipt & { readonly domain: string };

const receiptCodec = codecOf(
    record<Signed>({
        domain: text,
        gateway: principal,
        sessionId: u64,
        calls: u32,
        units: u64,
        digest: fixedBytes(32)
    })
);

interface Link extends SessionCall {
    readonly previous: Uint8Array;
}

const linkCodec = codecOf(record<Link>({ previous: fixedBytes(32), outputHash: fixedBytes(32), units: u64 }));

/** The receipt of a session in which nothing has happened. */
export function firstReceipt(gateway: Principal, sessionId: bigint): SessionReceipt {
    return { gateway, sessionId, calls: 0, units: 0n, digest: new Uint8Array(32) };
}

/** The receipt after one more call: SHA-256(digest before, output hash, units) is the new digest. */
export function nextReceipt(receipt: SessionReceipt, { outputHash, units }: SessionCall): SessionReceipt {
    return {
        ...receipt,
        calls: receipt.calls + 1,
        units: receipt.units + units,
        digest: sha256(linkCodec.encode({ previous: receipt.digest, outputHash, units }))
    };
}

/** The bytes that are signed: domain, canister, session, calls, units, digest; lengths before the first two, big-endian. */
export function sessionReceiptBytes(receipt: SessionReceipt): Uint8Array {
    return receiptCodec.encode({ domain: SESSION_DOMAIN, ...receipt });
}

/** SHA-256 of the bytes that are signed, by which the hub knows the receipt; 32 bytes. */
export function sessionReceiptHash(receipt: SessionReceipt): Uint8Array {
    return sha256(sessionReceiptBytes(receipt));
}

/** Public key of a session's secret key (Ed25519, RFC 8032); 32 bytes. */
export function sessionPublicKey(secretKey: Uint8Array): Uint8Array {
    return ed25519.getPublicKey(secretKey);
}

/** The payer's signature (Ed25519, RFC 8032); 64 bytes. */
export function signSessionReceipt(receipt: SessionReceipt, secretKey: Uint8Array): Uint8Array {
    return ed25519.sign(sessionReceiptBytes(receipt), secretKey);
}

/**
 * Whether the signature is the payer's. Strict as RFC 8032 asks, not ZIP-215: a key of small order, with which one signature
 * fits many receipts, never verifies. Malformed bytes are a plain no.
 */
export function verifySessionReceipt(receipt: SessionReceipt, signature: Uint8Array, publicKey: Uint8Array): boolean {
    if (signature.length !== SESSION_SIGNATURE_BYTES || publicKey.length !== SESSION_KEY_BYTES) return false;
    return ed25519.verify(signature, sessionReceiptBytes(receipt), publicKey, { zip215: false });
}

/** Whether the bytes are a key that a session can be opened with: a point of the curve, and not of small order. */
export function isSessionKey(publicKey: Uint8Array): boolean {
    if (publicKey.length !== SESSION_KEY_BYTES) return false;
    try {
        return !ed25519.ExtendedPoint.fromHex(publicKey, false).isSmallOrder();
    } catch {
        return false;
    }
}
