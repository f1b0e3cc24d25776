/** The transaction window of ICRC-1: how old a transaction may be, and which ones were seen in it. */

const windowNs = 86_400_000_000_000n;
const permittedDriftNs = 60_000_000_000n;

/** Why a transaction with a time was refused. */
export type TimeFailure =
    | { readonly kind: 'TooOld'; readonly value: null }
    | { readonly kind: 'CreatedInFuture'; readonly value: { readonly ledger_time: bigint } }
    | { readonly kind: 'Duplicate'; readonly value: { readonly duplicate_of: bigint } };

interface Seen {
    readonly index: bigint;
    readonly createdAtNs: bigint;
}

/** Remembers the dated transactions of the window. Transactions without a date are all different. */
export class Deduplicator {
    readonly #seen = new Map<string, Seen>();

    /** Why a transaction may not be made; `key` is everything that tells it from others, its date included. */
    check(key: string, createdAtNs: bigint | undefined, nowNs: bigint): TimeFailure | undefined {
        if (createdAtNs === undefined) return undefined;
        if (createdAtNs + windowNs + permittedDriftNs < nowNs) return { kind: 'TooOld', value: null };
        if (createdAtNs > nowNs + permittedDriftNs) {
            return { kind: 'CreatedInFuture', value: { ledger_time: nowNs } };
        }
        const seen = this.#seen.get(key);
        return seen && { kind: 'Duplicate', value: { duplicate_of: seen.index } };
    }

    /** The transaction was made as block `index`. */
    remember(key: string, createdAtNs: bigint | undefined, index: bigint, nowNs: bigint): void {
        if (createdAtNs === undefined) return;
        this.#forgetOld(nowNs);
        this.#seen.set(key, { index, createdAtNs });
    }

    #forgetOld(nowNs: bigint): void {
        for (const [key, { createdAtNs }] of this.#seen) {
            if (createdAtNs + windowNs + permittedDriftNs >= nowNs) return;
            this.#seen.delete(key);
        }
    }

    /** For checkpoints: plain data that can be cloned. */
    save(): readonly (readonly [key: string, seen: Seen])[] {
        return [...this.#seen];
    }

    load(saved: readonly (readonly [key: string, seen: Seen])[]): void {
        this.#seen.clear();
        for (const [key, seen] of saved) this.#seen.set(key, seen);
    }
}
