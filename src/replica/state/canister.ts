/** One canister: its record, and the small questions that everybody asks of it. */
import type { InstalledModule } from './module';
import type { MetadataSection } from './api';
import type { LongExecution } from './long_execution';
import type { CallContext, Callback, Message, Origin } from './message';
import { snapshotBytes, type HookStatus, type Snapshot } from './snapshot';
import type { CanisterSettings } from './settings';
import type { StatusCode } from '../execution/types';
import { CanisterHistory } from './history';
import { CanisterLog } from './logs';
import { idKey, idText } from './principals';

/** A `stop_canister` call that waits until the canister has answered all it owes. */
export interface StopRequest {
    readonly origin: Origin;
    readonly cycles: bigint;
    readonly sinceNs: bigint;
}

/** `stopping` waits for open calls; the requests are answered when they are over. */
export type CanisterStatus =
    | { readonly kind: 'running' }
    | { readonly kind: 'stopping'; readonly requests: readonly StopRequest[] }
    | { readonly kind: 'stopped' };

/** Counted over all queries since the canister exists. */
export interface QueryStatistics {
    calls: bigint;
    instructions: bigint;
    requestBytes: bigint;
    responseBytes: bigint;
}

/** What cycles are spent on, as `canister_metrics` tells it. */
export type CyclesUse =
    | 'memory'
    | 'computeAllocation'
    | 'ingress'
    | 'instructions'
    | 'transmission'
    | 'uninstall'
    | 'creation'
    | 'httpOutcalls'
    | 'burned';

/** The whole record of a canister. `balance` is changed by `cycles/account` and by executions only. */
export interface Canister {
    readonly id: Uint8Array;
    readonly key: string;
    readonly text: string;
    readonly createdAtNs: bigint;
    settings: CanisterSettings;
    status: CanisterStatus;
    module?: InstalledModule;
    installedAtNs?: bigint;
    balance: bigint;
    version: bigint;
    certifiedData: Uint8Array;
    /** 0 when it is not armed. */
    globalTimerNs: bigint;
    /** The low-memory hook fires once each time that free memory falls below the threshold. */
    lowMemoryHook: HookStatus;
    /** The execution that goes on beside the rounds, if there is one. */
    longExecution?: LongExecution;
    /** The last execution took longer than a slice: the next one is given a short slice. */
    tookLong: boolean;
    /** Messages that were put aside until they can be taken, oldest first. */
    readonly waiting: Message[];
    /** Instructions of the messages that it took since everybody's turn began. */
    turnInstructions: bigint;
    /** Until when rent is paid. */
    rentPaidNs: bigint;
    readonly contexts: Map<number, CallContext>;
    readonly callbacks: Map<number, Callback>;
    /** Calls to each callee (by key) that wait for their responses. */
    readonly outstandingTo: Map<string, number>;
    nextContextId: number;
    nextCallbackId: number;
    readonly history: CanisterHistory;
    readonly log: CanisterLog;
    /** By hex of their sha256. */
    readonly chunks: Map<string, Uint8Array>;
    readonly queryStatistics: QueryStatistics;
    /** Cycles spent since the canister exists. */
    readonly consumed: { [Use in CyclesUse]: bigint };
    /** By hex of their ids, oldest first. */
    readonly snapshots: Map<string, Snapshot>;
    /** Numbers of snapshots are never given twice. */
    nextSnapshot: bigint;
    /** Grows with every change that the state tree shows. */
    changeCounter: number;
}

/** A running canister without code. */
export function newCanister(id: Uint8Array, settings: CanisterSettings, balance: bigint, nowNs: bigint): Canister {
    return {
        id,
        key: idKey(id),
        text: idText(id),
        createdAtNs: nowNs,
        settings,
        status: { kind: 'running' },
        balance,
        version: 0n,
        certifiedData: new Uint8Array(0),
        globalTimerNs: 0n,
        lowMemoryHook: 'quiet',
        tookLong: false,
        waiting: [],
        turnInstructions: 0n,
        rentPaidNs: nowNs,
        contexts: new Map(),
        callbacks: new Map(),
        outstandingTo: new Map(),
        nextContextId: 0,
        nextCallbackId: 0,
        history: new CanisterHistory(),
        log: new CanisterLog(),
        chunks: new Map(),
        queryStatistics: { calls: 0n, instructions: 0n, requestBytes: 0n, responseBytes: 0n },
        consumed: {
            memory: 0n,
            computeAllocation: 0n,
            ingress: 0n,
            instructions: 0n,
            transmission: 0n,
            uninstall: 0n,
            creation: 0n,
            httpOutcalls: 0n,
            burned: 0n
        },
        snapshots: new Map(),
        nextSnapshot: 0n,
        changeCounter: 0
    };
}

const statusCodes: { readonly [Kind in CanisterStatus['kind']]: StatusCode } = { running: 1, stopping: 2, stopped: 3 };

/** As `ic0.canister_status` tells it. */
export function statusCode(canister: Canister): StatusCode {
    return statusCodes[canister.status.kind];
}

/** Bytes that a canister takes, by what takes them; what rent is paid for. */
export interface MemoryMetrics {
    readonly heap: bigint;
    readonly stable: bigint;
    readonly module: bigint;
    readonly customSections: bigint;
    readonly history: bigint;
    readonly chunks: bigint;
    readonly logs: bigint;
    readonly snapshots: bigint;
}

/** Counted per entry of the history; the replica's own figure depends on its record layout. */
const bytesPerChange = 64n;

/** What takes the memory, in bytes. */
export function memoryMetrics(canister: Canister): MemoryMetrics {
    const module = canister.module;
    return {
        heap: BigInt(module?.sandbox.heapBytes() ?? 0),
        stable: BigInt(module?.sandbox.stableBytes() ?? 0),
        module: BigInt(module?.code.uploaded.length ?? 0),
        customSections: BigInt(sum(module?.metadata ?? [], (section: MetadataSection) => section.content.length)),
        history: bytesPerChange * BigInt(canister.history.length),
        chunks: BigInt(canister.chunks.size) * chunkSlotBytes,
        logs: BigInt(canister.log.sizeBytes),
        snapshots: BigInt(sum([...canister.snapshots.values()], snapshotBytes))
    };
}

/** A stored chunk takes a whole slot, whatever its length. */
export const chunkSlotBytes = 1024n * 1024n;

/** All memory together: what rent is paid for. */
export function memoryBytes(canister: Canister): bigint {
    return Object.values(memoryMetrics(canister)).reduce((total: bigint, bytes: bigint) => total + bytes, 0n);
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
    return items.reduce((total, item) => total + size(item), 0);
}
