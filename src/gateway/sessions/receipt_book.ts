import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Principal } from '@dfinity/principal';
import {
    firstReceipt,
    nextReceipt,
    sessionReceiptBytes,
    type SessionCall,
    type SessionReceipt
} from '../../core/compute/session_receipt';
import { toHex } from '../../core/bytes';
import type { GatewayFrame } from '../../core/compute/session_wire';

type ReceiptFrame = Extract<GatewayFrame, { readonly kind: 'receipt' }>;

/** A key of one session: it lives as long as the process, and is worth what the session holds. */
export interface SessionKey {
    readonly secret: KeyObject;
    /** 32 bytes. */
    readonly publicKey: Uint8Array;
}

export function makeSessionKey(): SessionKey {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    return { secret: privateKey, publicKey: Uint8Array.from(Buffer.from(x, 'base64url')) };
}

/** The key of a 32-byte seed (RFC 8032), for tests that compare. */
export function sessionKeyOfSeed(seed: Uint8Array, publicKey: Uint8Array): SessionKey {
    const jwk = {
        kty: 'OKP',
        crv: 'Ed25519',
        d: Buffer.from(seed).toString('base64url'),
        x: Buffer.from(publicKey).toString('base64url')
    };
    return { secret: createPrivateKey({ key: jwk, format: 'jwk' }), publicKey };
}

/**
 * What the gateway owes the node of a session: the calls that it has the results of. One signature covers all that have
 * ended since the last one, so that signing costs the same however many calls there are.
 */
export class ReceiptBook {
    private receipt: SessionReceipt;
    /** Numbers of the calls, in the order of the receipt. */
    private readonly order: number[] = [];
    private told = 0;
    private lastId = 0;

    constructor(
        gateway: Principal,
        sessionId: bigint,
        private readonly key: SessionKey,
        /** Hears what is signed for, with each signature. */
        private readonly onSigned?: (receipt: SessionReceipt) => void
    ) {
        this.receipt = firstReceipt(gateway, sessionId);
    }

    /** What all calls so far come to. */
    get owed(): SessionReceipt {
        return this.receipt;
    }

    /** Units of all calls so far. */
    get units(): bigint {
        return this.receipt.units;
    }

    get hasUnsigned(): boolean {
        return this.told < this.order.length;
    }

    /** Number of the next call. */
    get nextId(): number {
        return this.lastId + 1;
    }

    /** A number for a call that begins. */
    issueId(): number {
        return ++this.lastId;
    }

    /** A line begins: the node has a receipt of so many calls. */
    resume(knownCalls: number): void {
        this.told = Math.min(knownCalls, this.order.length);
    }

    /** Takes a call over whose result is there; `id` is its number on the line. */
    add(id: number, call: SessionCall): void {
        this.receipt = nextReceipt(this.receipt, call);
        this.order.push(id);
    }

    /** The first receipt of a line. */
    signWhole(): ReceiptFrame {
        const { calls, units, digest } = this.receipt;
        return { ...this.sign(), total: { calls, units: `${units}`, digest: toHex(digest) } };
    }

    /** The receipt of everything so far. */
    sign(): ReceiptFrame {
        const calls = this.order.slice(this.told);
        this.told = this.order.length;
        const signature = sign(null, sessionReceiptBytes(this.receipt), this.key.secret);
        if (calls.length > 0) this.onSigned?.(this.receipt);
        return { kind: 'receipt', calls, signature: toHex(Uint8Array.from(signature)) };
    }
}
