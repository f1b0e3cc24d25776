/**
 * The tables of the queue as maps in the heap, of values as they are: no bytes, no stable memory. What is measured over them is
 * the rules alone.
 */
import type { Principal } from '@dfinity/principal';
import type { Entries, EntryKey } from '../../canisters/compute_gateway/domain/fair_queue';
import { DEFAULT_LIMITS } from '../../canisters/compute_gateway/domain/limits';
import type { Payer } from '../../canisters/compute_gateway/domain/job';
import type { DueKey, GatewayTables, NodeCheckKey, Totals } from '../../canisters/compute_gateway/domain/tables';
import type { Account } from '../../src/core/account';
import { invariant } from '../../src/core/assert';
import { latin1Of } from '../../src/core/candid/utf8';
import { nameOf } from '../../src/core/principals';
import type { Cell, Lists, Log, OrderedTable, Table } from '../../src/core/table';

type Name = string | bigint;

class HeapTable<K, V> implements Table<K, V> {
    private readonly rows = new Map<Name, V>();

    constructor(private readonly name: (key: K) => Name) {}

    get(key: K): V | undefined {
        return this.rows.get(this.name(key));
    }

    set(key: K, value: V): void {
        this.rows.set(this.name(key), value);
    }

    delete(key: K): void {
        this.rows.delete(this.name(key));
    }

    has(key: K): boolean {
        return this.rows.has(this.name(key));
    }

    size(): number {
        return this.rows.size;
    }
}

/** Ordered by the keys' names. */
class OrderedHeapTable<K, V> extends HeapTable<K, V> implements OrderedTable<K, V> {
    private readonly keys: { readonly name: Name; readonly key: K }[] = [];

    constructor(private readonly nameKey: (key: K) => Name) {
        super(nameKey);
    }

    override set(key: K, value: V): void {
        if (!this.has(key)) {
            const name = this.nameKey(key);
            this.keys.splice(this.placeOf(name), 0, { name, key });
        }
        super.set(key, value);
    }

    override delete(key: K): void {
        if (this.has(key)) this.keys.splice(this.placeOf(this.nameKey(key)), 1);
        super.delete(key);
    }

    firstKey(): K | undefined {
        return this.keys[0]?.key;
    }

    /** Where the name is, or belongs. */
    private placeOf(name: Name): number {
        let [from, to] = [0, this.keys.length];
        while (from < to) {
            const middle = (from + to) >> 1;
            if ((this.keys[middle]?.name ?? name) < name) from = middle + 1;
            else to = middle;
        }
        return from;
    }
}

class HeapCell<V> implements Cell<V> {
    constructor(private value: V) {}

    get(): V {
        return this.value;
    }

    set(value: V): void {
        this.value = value;
    }
}

class HeapLog<V> implements Log<V> {
    private readonly entries: V[] = [];

    length(): bigint {
        return BigInt(this.entries.length);
    }

    get(index: bigint): V | undefined {
        return this.entries[Number(index)];
    }

    append(value: V): bigint {
        return BigInt(this.entries.push(value) - 1);
    }

    replace(index: bigint, value: V): void {
        invariant(index < this.length(), 'log', `entry ${index} does not exist`);
        this.entries[Number(index)] = value;
    }
}

class HeapLists<K, V> implements Lists<K, V> {
    private readonly lists = new Map<Name, V[]>();

    constructor(private readonly name: (key: K) => Name) {}

    length(key: K): bigint {
        return BigInt(this.lists.get(this.name(key))?.length ?? 0);
    }

    get(key: K, index: bigint): V | undefined {
        return this.lists.get(this.name(key))?.[Number(index)];
    }

    append(key: K, value: V): bigint {
        const name = this.name(key);
        const list = this.lists.get(name) ?? [];
        this.lists.set(name, list);
        return BigInt(list.push(value) - 1);
    }

    appendAll(key: K, values: readonly V[]): void {
        for (const value of values) this.append(key, value);
    }
}

class HeapEntries implements Entries {
    private readonly rows = new Map<bigint, bigint>();

    get(key: EntryKey): bigint | undefined {
        return this.rows.get(nameOfEntry(key));
    }

    set(key: EntryKey, id: bigint): void {
        this.rows.set(nameOfEntry(key), id);
    }

    delete(key: EntryKey): void {
        this.rows.delete(nameOfEntry(key));
    }

    pass(key: EntryKey): void {
        this.delete(key);
    }

    /** Entries go one by one. */
    close(): void {
        return undefined;
    }

    size(): number {
        return this.rows.size;
    }
}

const nameOfEntry = ({ flow, position }: EntryKey): bigint => (flow << 64n) | position;
const ofDue = ({ atNs, id }: DueKey): bigint => (atNs << 64n) | id;
const byValue = <K extends Name>(key: K): K => key;
const ofAccount = ({ owner, subaccount }: Account): string =>
    `${nameOf(owner)} ${subaccount === undefined ? '' : latin1Of(subaccount)}`;

/** A number of 64 bits in a text that is ordered as it is. */
const ordered = (number: bigint): string => number.toString(16).padStart(16, '0');
const ofCheck = ({ atNs, node }: NodeCheckKey): string => `${ordered(atNs)} ${nameOf(node)}`;

/** What a payer is called is asked for at every turn, and a job keeps its payer's object. */
const payerNames = new WeakMap<Payer, string>();

function ofPayer(payer: Payer): string {
    const known = payerNames.get(payer);
    if (known !== undefined) return known;
    const name = payer.kind === 'Principal' ? nameOf(payer.who) : `#${latin1Of(payer.keyHash)}`;
    payerNames.set(payer, name);
    return name;
}

const NO_TOTALS: Totals = {
    active: 0n,
    completed: 0n,
    failed: 0n,
    timedOut: 0n,
    cancelled: 0n,
    expired: 0n,
    usualRunNs: 0n,
    nextId: 1n
};

function nextIdOf(totals: Cell<Totals>): Cell<bigint> {
    return { get: () => totals.get().nextId, set: (nextId) => totals.set({ ...totals.get(), nextId }) };
}

/** All tables of the queue, empty. */
export function heapTables(): GatewayTables {
    const totals = new HeapCell(NO_TOTALS);
    return {
        limits: new HeapCell(DEFAULT_LIMITS),
        gateways: new HeapCell<readonly Principal[]>([]),
        gatewayUrls: new HeapTable(nameOf),
        nextJobId: nextIdOf(totals),
        totals,
        appsById: new HeapTable(byValue),
        requirements: new HeapTable(byValue),
        shortfalls: new HeapTable(byValue),
        capacities: new HeapTable(nameOf),
        appsByDeveloper: new HeapTable(nameOf),
        badReceipts: new HeapTable(nameOf),
        appIds: new HeapLog(),
        appIdsByModelHash: new HeapTable(latin1Of),
        nodesByApp: new HeapTable(byValue),
        attachments: new HeapTable(nameOf),
        conflicts: new HeapTable(nameOf),
        leases: new HeapTable(nameOf),
        nodeChecks: new OrderedHeapTable(ofCheck),
        jobs: new HeapTable(byValue),
        inputs: new HeapTable(byValue),
        outputs: new HeapTable(byValue),
        details: new HeapTable(byValue),
        jobIdsByOwner: new HeapLists(nameOf),
        deadIdsByOwner: new HeapLists(nameOf),
        jobIdsByIdempotencyKey: new HeapTable(({ payer, key }) => `${ofPayer(payer)} ${key}`),
        loadByPayer: new HeapTable(ofPayer),
        sessions: new HeapTable(({ payer, key }) => `${ofPayer(payer)} ${key}`),
        sessionLeases: new HeapTable(byValue),
        sessionIdsByKey: new HeapTable(latin1Of),
        sessionSchedule: new OrderedHeapTable(ofDue),
        sockets: new HeapTable(byValue),
        holdings: new HeapTable(ofAccount),
        nextSocketId: new HeapCell(1n),
        pendingMints: new OrderedHeapTable(ofDue),
        tokenApprovals: new HeapTable(byValue),
        collectionApprovals: new HeapTable(ofAccount),
        tokenWindow: new OrderedHeapTable(latin1Of),
        nextTransaction: new HeapCell(0n),
        groups: new HeapLog(),
        schedule: new OrderedHeapTable(ofDue),
        nextSeen: new HeapCell(1n),
        alarms: new OrderedHeapTable(ofCheck),
        alarmOfNode: new HeapTable(nameOf),
        outbox: new OrderedHeapTable(ofDue),
        appQueues: new HeapTable(byValue),
        flowIds: new HeapTable(({ appId, lane, payer }) => `${appId} ${lane} ${ofPayer(payer)}`),
        flows: new HeapTable(byValue),
        flowEntries: new HeapEntries()
    };
}
