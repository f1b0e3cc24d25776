import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import {
    firstReceipt,
    nextReceipt,
    sessionReceiptBytes,
    type SessionCall,
    type SessionReceipt
} from '../../core/compute/session_receipt';
import type { HeldSession, SignedReceipt } from './ports';

/**
 * What a node has done in a session and what of it is signed for. A receipt counts when it continues the last one by calls
 * that this node has ended, for what they came to, and when the payer has signed it.
 */
export class SessionReceipts {
    private readonly ended = new Map<number, SessionCall & { readonly atMs: number }>();
    private readonly key: KeyObject;
    private receipt: SessionReceipt;
    private last: SignedReceipt | undefined;

    constructor(
        { canister, sessionId, publicKey }: Pick<HeldSession, 'canister' | 'sessionId' | 'publicKey'>,
        private readonly nowMs: () => number = () => performance.now()
    ) {
        const x = Buffer.from(publicKey).toString('base64url');
        this.key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
        this.receipt = firstReceipt(canister, sessionId);
    }

    /** The newest receipt that the payer has signed. */
    get signed(): SignedReceipt | undefined {
        return this.last;
    }

    /** Age of the oldest call that nobody has signed for; 0 without any. */
    get oldestUnsignedMs(): number {
        const [oldest] = this.ended.values();
        return oldest === undefined ? 0 : this.nowMs() - oldest.atMs;
    }

    /** A call has ended: the payer owes a signature for it. */
    add(id: number, call: SessionCall): void {
        this.ended.set(id, { ...call, atMs: this.nowMs() });
    }

    /** Takes the payer's signature over these further calls; whether it is one. */
    take(calls: readonly number[], signature: Uint8Array): boolean {
        let { receipt } = this;
        for (const id of calls) {
            const call = this.ended.get(id);
            if (call === undefined) return false;
            receipt = nextReceipt(receipt, call);
        }
        if (new Set(calls).size !== calls.length || !verify(null, sessionReceiptBytes(receipt), this.key, signature)) {
            return false;
        }
        for (const id of calls) this.ended.delete(id);
        this.receipt = receipt;
        this.last = { receipt, signature };
        return true;
    }

    /** What nobody has signed for never will be. Answers how many calls that were. */
    forgetUnsigned(): number {
        const count = this.ended.size;
        this.ended.clear();
        return count;
    }
}
