/**
 * The whole state of a network as plain data, between two rounds: what a checkpoint holds. Records are clonable as they are;
 * modules and memories, which are large and of which a record only has the names, stand beside them.
 */
import { createSandbox, loadModule, StableMemory, type GlobalValue, type TableImage } from '../execution';
import { newCanister, type Canister } from './canister';
import type { Change } from './history';
import type { LogRecord } from './logs';
import type { Message } from './message';
import { outcallTimeoutNs } from './limits';
import { installed } from './module';
import type { Network, RequestRecord, WaitingOutcall } from './network';
import { idKey } from './principals';
import type { Snapshot } from './snapshot';

/** A network's records, and what they name. */
export interface NetworkImage {
    readonly records: NetworkRecords;
    /** Modules as uploaded, by hex of their sha256. */
    readonly modules: ReadonlyMap<string, Uint8Array>;
    /** Memories by the names that the records give them. */
    readonly memories: ReadonlyMap<string, StableMemory>;
}

/** Fields of the network that are what they are. */
type Scalars = Pick<
    Network,
    | 'genesisNs'
    | 'clockNs'
    | 'roundNs'
    | 'prunedNs'
    | 'nextCanisterIndex'
    | 'nextOutcallId'
    | 'nextExecutionId'
    | 'nextTasksOf'
    | 'version'
    | 'cyclesMinted'
    | 'cyclesConsumed'
    | 'instructionsExecuted'
>;

/** Everything but modules and memories; can be cloned and serialized. */
export interface NetworkRecords {
    readonly scalars: Scalars;
    readonly randomDraws: bigint;
    readonly canisters: readonly CanisterRecord[];
    readonly deletedIds: readonly string[];
    readonly queue: readonly Message[];
    readonly requests: readonly RequestRecord[];
    readonly waitingForRandomness: Network['waitingForRandomness'];
    readonly outcalls: ReadonlyMap<bigint, OutcallRecord>;
    readonly deadlines: Network['deadlines'];
    /** Absent in images of older versions. */
    readonly endedExecutions?: readonly string[];
    /** Absent in images of older versions. */
    readonly subnetTotals?: Network['subnetTotals'];
    /** Absent in images of older versions. */
    readonly blocks?: Network['blocks'];
}

/** Images of earlier versions know no deadline. */
type OutcallRecord = Omit<WaitingOutcall, 'deadlineNs'> & { readonly deadlineNs?: bigint };

type SnapshotRecord = Omit<Snapshot, 'heap' | 'stable'>;

interface ModuleRecord {
    readonly hash: string;
    readonly globals: readonly GlobalValue[];
    /** Of modules that change their tables. */
    readonly tables: readonly TableImage[] | undefined;
}

/** Classes and memories of the record are taken apart. */
type PlainCanister = Omit<Canister, 'module' | 'history' | 'log' | 'snapshots'>;

interface CanisterRecord {
    readonly plain: PlainCanister;
    readonly history: { readonly changes: readonly Change[]; readonly total: bigint };
    readonly log: { readonly records: readonly LogRecord[]; readonly next: bigint };
    readonly module: ModuleRecord | undefined;
    readonly snapshots: readonly SnapshotRecord[];
}

/** A record names something that is not there: the image has been put together wrongly. */
export class IncompleteImageError extends Error {
    override readonly name = 'IncompleteImageError';

    constructor(readonly missing: string) {
        super(`the image of the network has no ${missing}`);
    }
}

const name = {
    heap: (key: string): string => `${key}/heap`,
    stable: (key: string): string => `${key}/stable`,
    snapshotHeap: (id: Uint8Array): string => `snapshot/${idKey(id)}/heap`,
    snapshotStable: (id: Uint8Array): string => `snapshot/${idKey(id)}/stable`
};

/** The image shares stable memories with the network. */
export function takeImage(network: Network): NetworkImage {
    const modules = new Map<string, Uint8Array>();
    const memories = new Map<string, StableMemory>();
    const canisters = [...network.canisters.values()].map((canister) => recordOf(canister, modules, memories));
    const records: NetworkRecords = {
        scalars: scalarsOf(network),
        randomDraws: network.random.drawn,
        canisters,
        deletedIds: [...network.deletedIds],
        queue: [...network.queue],
        requests: [...network.requests.values()],
        waitingForRandomness: network.waitingForRandomness,
        outcalls: network.outcalls,
        deadlines: network.deadlines,
        endedExecutions: network.endedExecutions,
        subnetTotals: network.subnetTotals,
        blocks: network.blocks
    };
    return { records, modules, memories };
}

function scalarsOf(network: Network): Scalars {
    const { genesisNs, clockNs, roundNs, prunedNs, nextCanisterIndex, nextOutcallId, nextExecutionId } = network;
    const { version, cyclesMinted, cyclesConsumed, instructionsExecuted } = network;
    const times = { genesisNs, clockNs, roundNs, prunedNs };
    const numbers = { nextCanisterIndex, nextOutcallId, nextExecutionId, version };
    return {
        ...times,
        ...numbers,
        nextTasksOf: network.nextTasksOf,
        cyclesMinted,
        cyclesConsumed,
        instructionsExecuted
    };
}

function recordOf(
    canister: Canister,
    modules: Map<string, Uint8Array>,
    memories: Map<string, StableMemory>
): CanisterRecord {
    const { module, history, log, snapshots, ...plain } = canister;
    for (const { id, heap, stable } of snapshots.values()) {
        memories.set(name.snapshotHeap(id), heap).set(name.snapshotStable(id), stable);
    }
    return {
        plain,
        history: { changes: history.recent(Number.POSITIVE_INFINITY), total: history.total },
        log: { records: log.list(), next: log.next },
        module: module && moduleRecord(canister.key, module, modules, memories),
        snapshots: [...snapshots.values()].map(({ heap: _heap, stable: _stable, ...rest }) => rest)
    };
}

function moduleRecord(
    key: string,
    { code, sandbox }: NonNullable<Canister['module']>,
    modules: Map<string, Uint8Array>,
    memories: Map<string, StableMemory>
): ModuleRecord {
    const hash = idKey(code.hash);
    const { heap, globals } = sandbox.save();
    modules.set(hash, code.uploaded);
    memories.set(name.heap(key), heap).set(name.stable(key), sandbox.stable);
    return { hash, globals, tables: sandbox.saveTables() };
}

/** Makes the network what the image shows. Throws IncompleteImageError. */
export function restoreImage(network: Network, { records, modules, memories }: NetworkImage): void {
    Object.assign(network, records.scalars);
    network.random.skipTo(records.randomDraws);
    for (const id of records.deletedIds) network.deletedIds.add(id);
    for (const message of records.queue) network.queue.push(message);
    for (const request of records.requests) network.requests.set(idKey(request.requestId), request);
    network.waitingForRandomness.push(...records.waitingForRandomness);
    const latestNs = records.scalars.roundNs + outcallTimeoutNs;
    for (const [id, { deadlineNs = latestNs, ...outcall }] of records.outcalls) {
        network.outcalls.set(id, { ...outcall, deadlineNs });
    }
    network.deadlines = records.deadlines;
    network.endedExecutions = [...(records.endedExecutions ?? [])];
    for (const [key, totals] of records.subnetTotals ?? []) network.subnetTotals.set(key, { ...totals });
    for (const [key, days] of structuredClone(records.blocks) ?? []) network.blocks.set(key, days);
    for (const record of records.canisters) {
        const canister = restoreCanister(record, modules, memories);
        network.canisters.set(canister.key, canister);
    }
}

function need<T>(things: ReadonlyMap<string, T>, key: string): T {
    const thing = things.get(key);
    if (thing === undefined) throw new IncompleteImageError(key);
    return thing;
}

function restoreCanister(
    { plain, history, log, module, snapshots }: CanisterRecord,
    modules: ReadonlyMap<string, Uint8Array>,
    memories: ReadonlyMap<string, StableMemory>
): Canister {
    // A fresh canister has the classes, and whatever fields are newer than the image.
    const canister: Canister = { ...newCanister(plain.id, plain.settings, plain.balance, plain.createdAtNs), ...plain };
    canister.history.restore(history.changes, history.total);
    canister.log.restore(log.records, log.next);
    for (const record of snapshots) {
        const heap = need(memories, name.snapshotHeap(record.id));
        const stable = need(memories, name.snapshotStable(record.id));
        canister.snapshots.set(idKey(record.id), { ...record, heap, stable });
    }
    if (module !== undefined) {
        const { hash, globals, tables } = module;
        const loaded = loadModule(need(modules, hash));
        if (!loaded.ok) throw new IncompleteImageError(`usable module ${hash}`);
        const sandbox = createSandbox(loaded.module, need(memories, name.stable(plain.key)));
        const heap = need(memories, name.heap(plain.key));
        if (!sandbox.load({ heap, globals })) throw new IncompleteImageError(`heap that fits ${hash}`);
        sandbox.loadTables(tables);
        canister.module = installed(loaded.module, sandbox);
    }
    return canister;
}
