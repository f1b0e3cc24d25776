/** The whole state of the embedded network. Everything else is functions over it. */
import type { CanisterRange, HttpOutcall, IngressStatus, NetworkConfig, SubnetConfig } from './api';
import type { Canister } from './canister';
import type { Message, Origin } from './message';
import type { NativeCanister } from './native';
import type { DetachedResult } from '../execution';
import { Prices } from '../cycles/prices';
import type { DayOfBlocks } from './block_makers';
import { Fifo } from './fifo';
import { benchmarkingLimits, productionLimits, systemLimits, type InstructionLimits } from './limits';
import { canisterIdOfIndex, idInRange, idKey } from './principals';
import { SeededRandom } from './random';
import type { SubnetTotals } from './subnet_metrics';
import { hosts, type Subnet, type Subnets } from './subnet';

/** An ingress message and what became of it. */
export interface RequestRecord {
    readonly requestId: Uint8Array;
    readonly sender: Uint8Array;
    /** Whom the message was sent to; empty for the management canister. */
    readonly canisterId: Uint8Array;
    readonly effectiveCanisterId: Uint8Array;
    readonly expiryNs: bigint;
    status: IngressStatus;
    changeCounter: number;
}

/** A management call that is answered in a later round; its cycles are refunded with the answer. */
export interface WaitingCall {
    readonly origin: Origin;
    readonly refund: bigint;
}

/** An HTTPS outcall under way. */
export interface WaitingOutcall extends WaitingCall {
    readonly outcall: HttpOutcall;
    /** When the network gives it up. */
    readonly deadlineNs: bigint;
    /** Query method of the caller that reshapes the response, and its context. */
    readonly transform?: { readonly method: string; readonly context: Uint8Array };
}

/** A best-effort call that the caller stops waiting for at a fixed time. */
export interface CallDeadline {
    readonly canisterKey: string;
    readonly callbackId: number;
    readonly deadlineNs: bigint;
}

/** The state of everything. */
export interface Network extends Subnets {
    readonly config: NetworkConfig;
    genesisNs: bigint;
    readonly random: SeededRandom;
    readonly canisters: Map<string, Canister>;
    readonly natives: Map<string, NativeCanister>;
    /** Ids are never given twice. */
    readonly deletedIds: Set<string>;
    readonly queue: Fifo<Message>;
    readonly requests: Map<string, RequestRecord>;
    readonly waitingForRandomness: WaitingCall[];
    readonly outcalls: Map<bigint, WaitingOutcall>;
    deadlines: CallDeadline[];
    /** The present round sends long executions away instead of waiting for them. */
    isSliced: boolean;
    nextExecutionId: number;
    /** Keys of canisters whose long executions are over: the next round makes what they did part of the state. */
    endedExecutions: string[];
    /** Bytes that memories may still grow by on this machine, as told with the last rounds; undefined for no bound. Not part of the state. */
    roomBytes: bigint | undefined;
    /** Instructions of the last installation, in the present round. */
    usedByDeployment: bigint;
    /** Key of the canister whose tasks are first in the next round; empty for the oldest. */
    nextTasksOf: string;
    /** What they did, by id, as far as another thread has found it out: no part of the state, since it follows from it. */
    readonly detachedResults: Map<number, DetachedResult>;
    /** The next round's time. */
    clockNs: bigint;
    /** The last round's time, which queries and certificates show. */
    roundNs: bigint;
    /** When finished requests were last looked through. */
    prunedNs: bigint;
    nextOutcallId: bigint;
    /** Grows with every change of what the state tree shows. */
    version: number;
    /** Messages of users that are not executed yet, by the key of the canister that they are for. */
    readonly waitingIngress: { bytes: number; readonly byReceiver: Map<string, number> };
    /** What answers take that are kept. */
    answerBytes: number;
    /** Ids of requests whose answers were dropped, for the state tree to follow. */
    readonly doneRequests: Uint8Array[];
    /** Of the last days, by hex of the subnets' ids. */
    readonly blocks: Map<string, DayOfBlocks[]>;
    /** By hex of the subnets' ids. */
    readonly subnetTotals: Map<string, SubnetTotals>;
    /** Cycles that came into being, and cycles that are gone: the difference is what canisters and messages hold. */
    cyclesMinted: bigint;
    cyclesConsumed: bigint;
    /** Instructions of all messages and queries so far: for measurements from outside. */
    instructionsExecuted: bigint;
    /** The same of each canister, by its key, since this process began: no part of the state. */
    readonly instructionsOfCanisters: Map<string, bigint>;
}

/** Clock at genesis when nobody says otherwise: that of PocketIC, 2021-05-06T19:17:10Z. */
export const defaultGenesisNs = 1_620_328_630_000_000_000n;
/** Index of lxzze-o7777-77777-aaaaa-cai, the first canister that PocketIC creates. */
const defaultFirstCanisterIndex = 0xffff_ffff_ffe0_0000n;
const wholeRange: CanisterRange = { start: canisterIdOfIndex(0n), end: canisterIdOfIndex(2n ** 64n - 1n) };

/** What canisters have from a subnet. */
export function subnet(config: Partial<SubnetConfig> & Pick<SubnetConfig, 'subnetId'>): Subnet {
    return {
        subnetId: config.subnetId,
        nodeIds: config.nodeIds ?? [],
        ranges: config.canisterRanges ?? [wholeRange],
        allocation: config.allocation,
        prices: new Prices({
            nodes: config.pricedNodes ?? 13,
            free: config.costSchedule === 'Free',
            // Benchmarking lifts the limit, not the price of a call.
            callbackInstructions: productionLimits.message
        }),
        limits: limitsOf(config),
        nextCanisterIndex: config.firstCanisterIndex ?? defaultFirstCanisterIndex
    };
}

function limitsOf({ instructionLimits, isSystem }: Partial<SubnetConfig>): InstructionLimits {
    if (instructionLimits === 'benchmarking') return benchmarkingLimits;
    return isSystem === true ? systemLimits : productionLimits;
}

/** Whether a subnet gives such ids to its canisters. The others lead nowhere until somebody has chosen one. */
export function hasRoute({ config, others }: Network, id: Uint8Array): boolean {
    const first = canisterIdOfIndex(config.firstCanisterIndex ?? defaultFirstCanisterIndex);
    return others.some((other) => hosts(other, id)) || idInRange(id, first, wholeRange.end);
}

/** A network without canisters, its clock at genesis. */
export function newNetwork(config: NetworkConfig, natives: readonly NativeCanister[]): Network {
    const genesisNs = config.genesisNs ?? defaultGenesisNs;
    return {
        config,
        genesisNs,
        ...subnet(config),
        others: (config.otherSubnets ?? []).map(subnet),
        random: new SeededRandom(config.seed),
        canisters: new Map(),
        natives: new Map(natives.map((native) => [idKey(native.canisterId), native])),
        deletedIds: new Set(),
        queue: new Fifo(),
        requests: new Map(),
        waitingForRandomness: [],
        outcalls: new Map(),
        deadlines: [],
        blocks: new Map(),
        isSliced: false,
        nextExecutionId: 0,
        endedExecutions: [],
        roomBytes: undefined,
        usedByDeployment: 0n,
        nextTasksOf: '',
        detachedResults: new Map(),
        clockNs: genesisNs,
        roundNs: genesisNs,
        prunedNs: genesisNs,
        nextOutcallId: 0n,
        version: 0,
        waitingIngress: { bytes: 0, byReceiver: new Map() },
        answerBytes: 0,
        doneRequests: [],
        subnetTotals: new Map(),
        cyclesMinted: 0n,
        cyclesConsumed: 0n,
        instructionsExecuted: 0n,
        instructionsOfCanisters: new Map()
    };
}

/** Undefined for ids without a (WebAssembly) canister. */
export function findCanister(network: Network, id: Uint8Array): Canister | undefined {
    return network.canisters.get(idKey(id));
}

/** Notes what an execution took, for measurements from outside. */
export function countInstructions(network: Network, { key }: Canister, instructions: bigint): void {
    network.instructionsExecuted += instructions;
    const before = network.instructionsOfCanisters.get(key) ?? 0n;
    network.instructionsOfCanisters.set(key, before + instructions);
}

/** Marks a canister's entry in the state tree as changed. */
export function touchCanister(network: Network, canister: Canister): void {
    network.version += 1;
    canister.changeCounter = network.version;
}

/** Moves a request on. */
export function setRequestStatus(network: Network, request: RequestRecord, status: IngressStatus): void {
    network.version += 1;
    request.status = status;
    request.changeCounter = network.version;
}
