/** Which blocks of a ledger an account is in: what the index canisters and the lists of allowances are read from. */
import { hasDefaultSubaccount } from './accounts';
import type { AccountKey, Block, Party } from './book_types';
import type { TokenBook } from './token_book';

/** An account's share of the log. */
interface Entry {
    /** Ascending. */
    readonly blocks: number[];
}

const defaultSubaccount = new Uint8Array(32);

/** Follows a book: what has been appended since the last question is taken in with the next one. */
export class BlockIndex {
    readonly #entries = new Map<AccountKey, Entry>();
    /** Subaccounts in hex, by their owner's id in hex. */
    readonly #subaccounts = new Map<string, Set<string>>();
    #length = 0;

    constructor(readonly book: TokenBook) {}

    /** Indices of the account's blocks, newest first: at most `limit` of those before block `before`. */
    newestFirst(account: Party, limit: number, before?: bigint): readonly bigint[] {
        const { blocks } = this.#entry(account.key);
        const end = before === undefined ? blocks.length : lowerBound(blocks, before);
        return blocks
            .slice(Math.max(0, end - limit), end)
            .reverse()
            .map(BigInt);
    }

    /** The first block that the account is in. */
    oldest(account: Party): bigint | undefined {
        const [first] = this.#entry(account.key).blocks;
        return first === undefined ? undefined : BigInt(first);
    }

    /** All subaccounts of the owner that are in a block, sorted, those after `after` only. */
    subaccounts(owner: Uint8Array, after?: Uint8Array): readonly Uint8Array[] {
        this.#catchUp();
        const known = [...(this.#subaccounts.get(hex(owner)) ?? [])].sort();
        const from = after === undefined ? known : known.filter((subaccount) => subaccount > hex(after));
        return from.map((subaccount) => new Uint8Array(Buffer.from(subaccount, 'hex')));
    }

    /** Everybody whom the account has ever allowed to spend something. */
    spendersOf(owner: Party): readonly Party[] {
        const spenders = new Map<AccountKey, Party>();
        for (const index of this.#entry(owner.key).blocks) {
            const operation = this.book.block(BigInt(index))?.operation;
            if (operation?.kind === 'approve' && operation.from.key === owner.key) {
                spenders.set(operation.spender.key, operation.spender);
            }
        }
        return [...spenders.values()];
    }

    #entry(key: AccountKey): Entry {
        this.#catchUp();
        return this.#entries.get(key) ?? { blocks: [] };
    }

    #catchUp(): void {
        for (const block of this.book.blocks(BigInt(this.#length), this.book.length)) {
            for (const party of partiesOf(block)) this.#add(party, this.#length);
            this.#length += 1;
        }
    }

    #add({ key, account }: Party, index: number): void {
        const entry = this.#entries.get(key);
        if (entry === undefined) this.#entries.set(key, { blocks: [index] });
        else if (entry.blocks.at(-1) !== index) entry.blocks.push(index);
        if (account === undefined) return;
        const subaccount = hasDefaultSubaccount(account) ? defaultSubaccount : account.subaccount;
        const owner = hex(account.owner);
        const known = this.#subaccounts.get(owner) ?? new Set();
        this.#subaccounts.set(owner, known.add(hex(subaccount ?? defaultSubaccount)));
    }
}

function hex(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('hex');
}

/** As the real indices have it: a spender sees the approval, but not what it spends. */
function partiesOf({ operation }: Block): readonly Party[] {
    switch (operation.kind) {
        case 'mint':
            return [operation.to];
        case 'burn':
            return [operation.from];
        case 'transfer':
            return [operation.from, operation.to];
        case 'approve':
            return [operation.from, operation.spender];
    }
}

/** How many of the ascending numbers are smaller. */
function lowerBound(ascending: readonly number[], limit: bigint): number {
    let [low, high] = [0, ascending.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (BigInt(ascending[middle] ?? 0) < limit) low = middle + 1;
        else high = middle;
    }
    return low;
}
