/** The stable tables of a ledger with a long history, made in this process by the canister's own domain code. */
import { Principal } from '@dfinity/principal';
import { createHash } from 'node:crypto';
import { openStorage, type Storage } from '../../canisters/token_icrc1/storage';
import { DEFAULT_SETTINGS } from '../../canisters/token_icrc1/domain/token';
import type { Account } from '../../src/core/account';
import { compareBytes } from '../../src/core/bytes';
import { StoreTables, type ByteStore } from '../../src/core/table';
import { Refused } from '../lib/answers';

/** How large a history is. */
export interface HistorySize {
    /** Accounts that hold tokens, besides the founder's. */
    readonly accounts: number;
    /** Blocks in the log, the founding one included. */
    readonly blocks: number;
}

/** What the history is told about the ledger that it belongs to. */
export interface HistorySetting {
    readonly ledger: Principal;
    readonly founder: Account;
    /** Time of the last block; earlier ones are a hundredth of a second apart. */
    readonly nowNs: bigint;
}

/** An entry of a stable table. */
export interface Row {
    readonly memory: number;
    readonly key: Uint8Array;
    readonly value: Uint8Array;
}

/** Memory of the cells (src/azle/stable_tables.ts). */
const CELLS_MEMORY = 253;
const BETWEEN_BLOCKS_NS = 10_000_000n;
const SUPPLY = 10n ** 18n;
const GRANT = 10n ** 12n;
const FULL_MEMO = new Uint8Array(32).fill(7);

/** The holder with the given number: 29 bytes, as every self-authenticating id has. */
export function holder(index: number): Principal {
    const bytes = createHash('sha256').update(`holder ${index}`).digest().subarray(0, 29);
    bytes[28] = 2;
    return Principal.fromUint8Array(new Uint8Array(bytes));
}

/**
 * A founder pays everybody, then everybody pays everybody in a fixed but scattered order: every fourth time with all optional
 * fields, so that the deduplication window is full of it; every twentieth block is an approval instead.
 */
export function historyRows(size: HistorySize, setting: HistorySetting): Iterable<Row> {
    const tables = new RecordedTables();
    const storage = openStorage(tables);
    const { books, genesis } = storage;
    const mintingAccount = { owner: setting.ledger };
    const firstNs = setting.nowNs - BigInt(size.blocks) * BETWEEN_BLOCKS_NS;
    books.token.set({ ...DEFAULT_SETTINGS, mintingAccount });
    const grants = [{ to: setting.founder, amount: SUPPLY }];
    genesis.plan({ kind: 'balances', grants }, mintingAccount, firstNs);
    const holders = Array.from({ length: size.accounts }, (_, index) => ({ owner: holder(index) }));
    for (let block = 1; block < size.blocks; block++) {
        const nowNs = firstNs + BigInt(block) * BETWEEN_BLOCKS_NS;
        const result = act(storage, { holders, founder: setting.founder, block, nowNs });
        if (!result.ok) throw new Refused(result.error);
        if (block % 256 === 0) books.chain.extend();
    }
    while (books.chain.extend());
    return tables.rows();
}

interface Scene {
    readonly holders: readonly Account[];
    readonly founder: Account;
    readonly block: number;
    readonly nowNs: bigint;
}

function act(
    { ledger }: Storage,
    { holders, founder, block, nowNs }: Scene
): ReturnType<Storage['ledger']['transfer']> {
    const at = (index: number): Account => holders[index % holders.length] ?? founder;
    if (block <= holders.length) return ledger.transfer({ from: founder, to: at(block - 1), amount: GRANT }, nowNs);
    const from = at(block * 7_919);
    const other = at(block * 104_729 + 1);
    if (block % 20 === 0) {
        const approved = ledger.approve({ from, spender: other, amount: GRANT, expiresAtNs: nowNs + GRANT }, nowNs);
        // Who approves himself has met himself in the scatter: he pays somebody instead.
        if (approved.ok) return approved;
    }
    const order = { from, to: other, amount: BigInt(1_000 + block) };
    if (block % 4 !== 0) return ledger.transfer(order, nowNs);
    return ledger.transfer({ ...order, fee: DEFAULT_SETTINGS.fee, memo: FULL_MEMO, createdAtNs: nowNs }, nowNs);
}

/** Keys as strings of bytes: several times as fast as hexadecimal ones, and half a million rows come by here. */
class RecordedStore implements ByteStore {
    private readonly entries = new Map<string, Uint8Array>();

    get(key: Uint8Array): Uint8Array | undefined {
        return this.entries.get(textOf(key));
    }

    set(key: Uint8Array, value: Uint8Array): void {
        this.entries.set(textOf(key), value.slice());
    }

    add(key: Uint8Array, value: Uint8Array): boolean {
        if (this.has(key)) return false;
        this.set(key, value);
        return true;
    }

    delete(key: Uint8Array): void {
        this.entries.delete(textOf(key));
    }

    has(key: Uint8Array): boolean {
        return this.entries.has(textOf(key));
    }

    size(): number {
        return this.entries.size;
    }

    firstKey(): Uint8Array | undefined {
        let first: string | undefined;
        // Each character is a byte, so that the order of texts is the order of bytes.
        for (const key of this.entries.keys()) if (first === undefined || key < first) first = key;
        return first === undefined ? undefined : bytesOf(first);
    }

    *rows(memory: number): Iterable<Row> {
        const rows = [...this.entries].map(([key, value]) => ({ memory, key: bytesOf(key), value }));
        yield* rows.sort((a, b) => compareBytes(a.key, b.key));
    }
}

function textOf(key: Uint8Array): string {
    return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

function bytesOf(text: string): Uint8Array {
    return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** Tables that tell what was written into them. */
class RecordedTables extends StoreTables {
    private readonly stores = new Map<number, RecordedStore>();

    constructor() {
        super(() => this.store(CELLS_MEMORY));
    }

    *rows(): Iterable<Row> {
        for (const [memory, store] of this.stores) yield* store.rows(memory);
    }

    protected store(memory: number): RecordedStore {
        const store = this.stores.get(memory) ?? new RecordedStore();
        this.stores.set(memory, store);
        return store;
    }
}
