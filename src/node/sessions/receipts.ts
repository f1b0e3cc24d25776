import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { fromHex } from '../../core/bytes';
import {
    firstReceipt,
    nextReceipt,
    sessionReceiptBytes,
    type SessionCall,
    type SessionReceipt
} from '../../core/compute/session_receipt';
import type { ReceiptTotal } from '../../core/compute/session_wire';
import type { HeldSession, SignedReceipt } from './ports';

/** The canister counts calls in 32 bits. */
const MAX_CALLS = 2 ** 32 - 1;

/**
 * What a node has done in a session and what of it is signed for. A receipt counts when it continues the last one by calls
 * that this node has ended, for what they came to, and when the payer has signed it. A node that was restarted has forgotten
 * its calls: it takes the payer's own sum of them, which the signature covers, if it is no less than what it has.
 */
export class SessionReceipts {
    private readonly ended = new Map<number, SessionCall & { readonly atMs: number }>();
    private readonly key: KeyObject;
    private readonly maxUnits: bigint;
    private receipt: SessionReceipt;
    private last: SignedReceipt | undefined;

    constructor(
        { canister, sessionId, publicKey, maxUnits }: Omit<HeldSession, 'appId' | 'replyUrl'>,
        /** What an earlier process has left. */
        earlier?: SignedReceipt,
        private readonly nowMs: () => number = () => performance.now()
    ) {
        this.key = keyOf(publicKey);
        this.maxUnits = maxUnits;
        this.last = earlier;
        this.receipt = earlier?.receipt ?? firstReceipt(canister, sessionId);
    }

    /** The newest receipt that the payer has signed. */
    get signed(): SignedReceipt | undefined {
        return this.last;
    }

    /** Units of all calls that have ended, signed for or not. */
    get units(): bigint {
        return [...this.ended.values()].reduce((sum, { units }) => sum + units, this.receipt.units);
    }

    get hasUnsigned(): boolean {
        return this.ended.size > 0;
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
    take(calls: readonly number[], signature: Uint8Array, total?: ReceiptTotal): boolean {
        const receipt = this.continued(calls) ?? this.told(total);
        if (receipt === undefined || !verify(null, sessionReceiptBytes(receipt), this.key, signature)) return false;
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

    private continued(calls: readonly number[]): SessionReceipt | undefined {
        let { receipt } = this;
        for (const id of calls) {
            const call = this.ended.get(id);
            if (call === undefined) return undefined;
            receipt = nextReceipt(receipt, call);
        }
        return new Set(calls).size === calls.length ? receipt : undefined;
    }

    private told(total: ReceiptTotal | undefined): SessionReceipt | undefined {
        const digest = fromHex(total?.digest ?? '');
        if (total === undefined || digest?.length !== 32) return undefined;
        const { calls } = total;
        const units = BigInt(total.units);
        const isLess = calls < this.receipt.calls || units < this.receipt.units;
        // The canister takes no such receipt: in the place of a good one it would be worth nothing.
        const isVoid = units > this.maxUnits || calls > MAX_CALLS;
        return isLess || isVoid ? undefined : { ...this.receipt, calls, units, digest };
    }
}

/** Whether the receipt is the payer's. */
export function isSignedBy(publicKey: Uint8Array, { receipt, signature }: SignedReceipt): boolean {
    return verify(null, sessionReceiptBytes(receipt), keyOf(publicKey), signature);
}

function keyOf(publicKey: Uint8Array): KeyObject {
    const x = Buffer.from(publicKey).toString('base64url');
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
