import { invariant } from '../../../src/core/assert';
import { concatBytes } from '../../../src/core/bytes';
import { codecOf, nat, optional, record, u64, u64Key, type Codec } from '../../../src/core/codec';
import type { Table } from '../../../src/core/table';
import { subjectOf, type Agenda } from './agenda';
import type { AccountKey } from './balances';

/** What a spender may take from an account (ICRC-2). */
export interface Allowance {
    /** Base units that the spender may still take, fees included. */
    readonly amount: bigint;
    /** The allowance counts as 0 from this instant on. */
    readonly expiresAtNs?: bigint;
}

/** Stored form of an allowance. */
export const allowanceCodec: Codec<Allowance> = codecOf(record<Allowance>({ amount: nat, expiresAtNs: optional(u64) }));

/** What counts where nothing was approved, or nothing is left. */
export const NO_ALLOWANCE: Allowance = { amount: 0n };

/** Key of an approval: the account that approved, then the spender. */
export type PairKey = Uint8Array;

/** The key of an approval: both halves begin with a length, so no two pairs share one. */
export function pairKey(from: AccountKey, spender: AccountKey): PairKey {
    return concatBytes(from, spender);
}

/** Allowances (ICRC-2). Those that are used up or revoked are not stored; expired ones go by {@link prune}. */
export class Allowances {
    constructor(
        private readonly table: Table<PairKey, Allowance>,
        private readonly expiries: Agenda<undefined>
    ) {}

    /** The allowance that counts now: an expired one is none. */
    effective(pair: PairKey, nowNs: bigint): Allowance {
        const stored = this.table.get(pair);
        return stored === undefined || isExpired(stored, nowNs) ? NO_ALLOWANCE : stored;
    }

    /** Replaces amount and expiry. */
    put(pair: PairKey, allowance: Allowance): void {
        this.forgetExpiry(pair, this.table.get(pair)?.expiresAtNs);
        if (allowance.amount === 0n) {
            this.table.delete(pair);
            return;
        }
        this.table.set(pair, allowance);
        if (allowance.expiresAtNs !== undefined) this.expiries.add(expiryKey(pair, allowance.expiresAtNs), undefined);
    }

    /** Takes `amount` from an allowance that the caller has read and found sufficient (T5). */
    spend(pair: PairKey, allowance: Allowance, amount: bigint): void {
        const rest = allowance.amount - amount;
        invariant(rest >= 0n, 'T5', `${amount} spent of ${allowance.amount}`);
        if (rest > 0n) {
            this.table.set(pair, { ...allowance, amount: rest });
            return;
        }
        this.table.delete(pair);
        this.forgetExpiry(pair, allowance.expiresAtNs);
    }

    /** Removes up to `limit` allowances that have expired, earliest first. */
    prune(nowNs: bigint, limit: number): void {
        this.expiries.removeBefore(nowNs + 1n, limit, (key) => this.table.delete(subjectOf(key)));
    }

    /** Stored approvals, expired ones included until they are pruned. */
    size(): number {
        return this.table.size();
    }

    private forgetExpiry(pair: PairKey, expiresAtNs: bigint | undefined): void {
        if (expiresAtNs !== undefined) this.expiries.remove(expiryKey(pair, expiresAtNs));
    }
}

function expiryKey(pair: PairKey, expiresAtNs: bigint): Uint8Array {
    return concatBytes(u64Key.encode(expiresAtNs), pair);
}

function isExpired(allowance: Allowance, nowNs: bigint): boolean {
    return allowance.expiresAtNs !== undefined && allowance.expiresAtNs <= nowNs;
}
