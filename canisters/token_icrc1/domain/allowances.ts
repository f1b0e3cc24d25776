import { invariant } from '../../../src/core/assert';
import { concatBytes } from '../../../src/core/bytes';
import { ByteReader, ByteWriter, nat, optional, u64, u64Key, type Codec } from '../../../src/core/codec';
import type { Table } from '../../../src/core/table';
import { subjectOf, type Agenda } from './agenda';
import type { AccountKey } from './accounts';
import type { OrderedSets } from './ordered_sets';

/** What a spender may take from an account (ICRC-2). */
export interface Allowance {
    /** Base units that the spender may still take, fees included. */
    readonly amount: bigint;
    /** The allowance counts as 0 from this instant on. */
    readonly expiresAtNs?: bigint;
}

/** Which accounts of an approval wrote out their default subaccount. */
export interface Spelling {
    readonly from: boolean;
    readonly spender: boolean;
}

/** An allowance as it is stored: with the spelling of the approval that it began with, because ICRC-103 repeats it. */
export interface StoredAllowance extends Allowance {
    readonly spelling: Spelling;
}

const FROM_WRITTEN = 1;
const SPENDER_WRITTEN = 2;
const expiryField = optional(u64);

/** Stored form of an allowance; the byte behind it is missing where nothing was written out. */
export const allowanceCodec: Codec<StoredAllowance> = {
    encode(allowance) {
        const { amount, expiresAtNs, spelling } = allowance;
        const writer = new ByteWriter();
        nat.write(writer, amount);
        expiryField.write(writer, expiresAtNs);
        const written = (spelling.from ? FROM_WRITTEN : 0) | (spelling.spender ? SPENDER_WRITTEN : 0);
        if (written !== 0) writer.u8(written);
        return writer.finish();
    },
    decode(bytes) {
        const reader = new ByteReader(bytes);
        const amount = nat.read(reader);
        const expiresAtNs = expiryField.read(reader);
        const written = reader.atEnd ? 0 : reader.u8();
        const spelling = { from: (written & FROM_WRITTEN) !== 0, spender: (written & SPENDER_WRITTEN) !== 0 };
        return { amount, expiresAtNs, spelling };
    }
};

/** What counts where nothing was approved, or nothing is left. */
export const NO_ALLOWANCE: StoredAllowance = { amount: 0n, spelling: { from: false, spender: false } };

/** An allowance with its two accounts. */
export interface ListedAllowance {
    readonly from: AccountKey;
    readonly spender: AccountKey;
    readonly allowance: StoredAllowance;
}

/** Key of an approval: the account that approved, then the spender. */
export type PairKey = Uint8Array;

/** The key of an approval: both halves begin with a length, so no two pairs share one. */
export function pairKey(from: AccountKey, spender: AccountKey): PairKey {
    return concatBytes(from, spender);
}

/** Allowances (ICRC-2). Those that are used up or revoked are not stored; expired ones go by {@link prune}. */
export class Allowances {
    constructor(
        private readonly table: Table<PairKey, StoredAllowance>,
        private readonly expiries: Agenda<undefined>,
        /** The stored approvals of each owner, in the order in which ICRC-103 lists them. */
        private readonly listing: OrderedSets
    ) {}

    /** The allowance that counts now: an expired one is none. */
    effective(pair: PairKey, nowNs: bigint): StoredAllowance {
        const stored = this.table.get(pair);
        return stored === undefined || isExpired(stored, nowNs) ? NO_ALLOWANCE : stored;
    }

    /** Replaces amount and expiry; the spelling of an approval that is there stays, as in the official ledger. */
    put(pair: PairKey, allowance: StoredAllowance): void {
        const replaced = this.table.get(pair);
        this.forgetExpiry(pair, replaced?.expiresAtNs);
        if (allowance.amount === 0n) {
            if (replaced !== undefined) this.remove(pair);
            return;
        }
        this.table.set(pair, { ...allowance, spelling: replaced?.spelling ?? allowance.spelling });
        if (replaced === undefined) this.listing.add(ownerOf(pair), listedAs(pair));
        if (allowance.expiresAtNs !== undefined) this.expiries.add(expiryKey(pair, allowance.expiresAtNs), undefined);
    }

    /** Takes `amount` from an allowance that the caller has read and found sufficient (T5). */
    spend(pair: PairKey, allowance: StoredAllowance, amount: bigint): void {
        const rest = allowance.amount - amount;
        invariant(rest >= 0n, 'T5', `${amount} spent of ${allowance.amount}`);
        if (rest > 0n) {
            this.table.set(pair, { ...allowance, amount: rest });
            return;
        }
        this.remove(pair);
        this.forgetExpiry(pair, allowance.expiresAtNs);
    }

    /** Removes up to `limit` allowances that have expired, earliest first. */
    prune(nowNs: bigint, limit: number): void {
        this.expiries.removeBefore(nowNs + 1n, limit, (key) => this.remove(subjectOf(key)));
    }

    /** Stored approvals, expired ones included until they are pruned. */
    size(): number {
        return this.table.size();
    }

    /**
     * Approvals of the owner of `from` that count now, by subaccount, spender's owner (shorter first), spender's subaccount:
     * those behind `(from, after)`, or from the beginning of `from`'s subaccount.
     */
    list(from: AccountKey, after: AccountKey | undefined, limit: number, nowNs: bigint): readonly ListedAllowance[] {
        const begin = after === undefined ? subaccountOf(from) : concatBytes(subaccountOf(from), after);
        const owner = ownerOf(from);
        const live: ListedAllowance[] = [];
        let cursor: Uint8Array | undefined = begin;
        while (cursor !== undefined && live.length < limit) {
            const members: readonly Uint8Array[] = this.listing.list(owner, cursor, limit);
            for (const member of members) {
                const pair = concatBytes(Uint8Array.of(owner.length), owner, member);
                const allowance = this.effective(pair, nowNs);
                if (allowance.amount > 0n && live.length < limit) live.push(listed(owner, member, allowance));
            }
            cursor = members.length < limit ? undefined : members.at(-1);
        }
        return live;
    }

    private remove(pair: PairKey): void {
        this.table.delete(pair);
        this.listing.remove(ownerOf(pair), listedAs(pair));
    }

    private forgetExpiry(pair: PairKey, expiresAtNs: bigint | undefined): void {
        if (expiresAtNs !== undefined) this.expiries.remove(expiryKey(pair, expiresAtNs));
    }
}

const SUBACCOUNT_BYTES = 32;

/** Bytes of the owner of the account that a key begins with. */
function ownerOf(key: AccountKey | PairKey): Uint8Array {
    return key.slice(1, ownerEnd(key));
}

function ownerEnd(key: Uint8Array): number {
    return 1 + (key[0] ?? 0);
}

/** The rest of a pair behind its owner: subaccount, then spender. Byte order is ICRC-103's order. */
function listedAs(pair: PairKey): Uint8Array {
    return pair.slice(ownerEnd(pair));
}

function subaccountOf(account: AccountKey): Uint8Array {
    return account.slice(ownerEnd(account));
}

function listed(owner: Uint8Array, member: Uint8Array, allowance: StoredAllowance): ListedAllowance {
    const subaccount = member.slice(0, SUBACCOUNT_BYTES);
    return {
        from: concatBytes(Uint8Array.of(owner.length), owner, subaccount),
        spender: member.slice(SUBACCOUNT_BYTES),
        allowance
    };
}

function expiryKey(pair: PairKey, expiresAtNs: bigint): Uint8Array {
    return concatBytes(u64Key.encode(expiresAtNs), pair);
}

function isExpired(allowance: Allowance, nowNs: bigint): boolean {
    return allowance.expiresAtNs !== undefined && allowance.expiresAtNs <= nowNs;
}
