/** What the worker that holds a network answers. All arguments and results can be cloned between threads. */
import type { Answer } from '../answer';
import type { ReadScope } from '../certification/read_access';
import type { CoreOptions } from '../core';
import type {
    BlockMakers,
    CallerInfo,
    CanisterRange,
    HttpOutcall,
    HttpOutcallAnswer,
    IngressStatus,
    QueryMessage,
    QueryResult,
    Rejection
} from '../state/api';
import type { SubnetIdentity } from '../subnets';
import type { AuthenticRequest } from '../wire/authenticate';
import type { CanisterRequest, ReadStateRequest } from '../wire/envelope';

/** How a network is started. `live` networks follow the wall clock, others run when they are told to. */
export type SessionOptions = Omit<CoreOptions, 'onHttpOutcall' | 'onCanisterLog' | 'onSubnetAdded'> & {
    readonly live: boolean;
    /** Folder where the network keeps its state; it must be locked by whoever starts the network. Default: in memory. */
    readonly stateFolder?: string;
    /** Each record of the journal reaches the disk before it takes effect; default false. */
    readonly durable?: boolean;
    /** Bytes that the process may take altogether (resident); default: what the machine, or its container, has. */
    readonly memoryLimitBytes?: number;
    /** Canister logs also go to standard error, as the real server's do. */
    readonly printsLogs?: boolean;
    /** How long a live network lets work wait for its round; default 0. */
    readonly artificialDelayMs?: number;
};

/** Of the root, and of the subnet where canisters are created by default. Only further subnets may come while the network lives. */
export interface NetworkIdentity {
    readonly rootKeyDer: Uint8Array;
    readonly subnetId: Uint8Array;
    readonly nodeIds: readonly Uint8Array[];
    readonly canisterRanges: readonly CanisterRange[];
    readonly defaultEffectiveCanisterId: Uint8Array;
    /** All subnets, the one of the fields above first. */
    readonly subnets: readonly SubnetIdentity[];
    /** Requests are taken for what they say they are. */
    readonly skipsValidation: boolean;
}

/** `sync` waits for the end, for some seconds; `async` does not. */
export type CallMode = 'sync' | 'async';

/** The signed HTTP interface. */
export interface AgentApi {
    call(request: AuthenticRequest<CanisterRequest>, effectiveCanisterId: Uint8Array, mode: CallMode): Promise<Answer>;
    query(request: AuthenticRequest<CanisterRequest>, effectiveCanisterId: Uint8Array): Promise<Answer>;
    readState(request: AuthenticRequest<ReadStateRequest>, scope: ReadScope): Promise<Answer>;
}

/** A call by a sender that nobody verifies: PocketIC's way in. */
export interface UnsignedCall {
    readonly sender: Uint8Array;
    readonly canisterId: Uint8Array;
    /** Undefined: the canister itself, or the subnet's default for the management canister. */
    readonly effectiveCanisterId?: Uint8Array;
    readonly methodName: string;
    readonly argument: Uint8Array;
    readonly callerInfo?: CallerInfo;
}

/** The id to wait for, or why the call was not accepted. */
export type SubmitOutcome =
    | { readonly kind: 'accepted'; readonly requestId: Uint8Array }
    | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** Control over a network from outside, unauthenticated by design: for tests and development only. */
export interface ControlApi {
    identity(): Promise<NetworkIdentity>;
    /** One round, whose blocks are made as told. */
    tick(blockMakers?: readonly BlockMakers[]): Promise<void>;
    /** Clock of the next round, nanoseconds since 1970. */
    time(): Promise<bigint>;
    /** False when `nowNs` lies in the past. */
    setTime(nowNs: bigint): Promise<boolean>;
    setCertifiedTime(nowNs: bigint): Promise<boolean>;
    submitUnsigned(call: UnsignedCall): Promise<SubmitOutcome>;
    /** Runs rounds (or waits for them, when live) until the call has ended or `maxRounds` are over. */
    awaitIngress(requestId: Uint8Array, maxRounds: number): Promise<IngressStatus>;
    /** Undefined when `caller` is given and is not the sender. */
    ingressStatus(requestId: Uint8Array, caller?: Uint8Array): Promise<IngressStatus | undefined>;
    queryUnsigned(message: QueryMessage): Promise<QueryResult>;
    controllers(canisterId: Uint8Array): Promise<readonly Uint8Array[] | undefined>;
    /** The subnet that is responsible for the id, and whether a canister stands there. */
    place(canisterId: Uint8Array): Promise<{ readonly subnetId: Uint8Array; readonly exists: boolean }>;
    /** A section that everybody may read; undefined when there is none. */
    publicMetadata(canisterId: Uint8Array, name: string): Promise<Uint8Array | undefined>;
    cycles(canisterId: Uint8Array): Promise<bigint | undefined>;
    addCycles(canisterId: Uint8Array, amount: bigint): Promise<bigint | undefined>;
    stableMemory(canisterId: Uint8Array): Promise<Uint8Array | undefined>;
    setStableMemory(canisterId: Uint8Array, bytes: Uint8Array): Promise<boolean>;
    httpOutcalls(): Promise<readonly HttpOutcall[]>;
    answerHttpOutcall(id: bigint, answer: HttpOutcallAnswer): Promise<boolean>;
    /** From now on the network follows the wall clock; work waits for its round as long as it is told to. False when it already does. */
    startLive(artificialDelayMs?: number): Promise<boolean>;
    stopLive(): Promise<void>;
    isLive(): Promise<boolean>;
    /** Writes a checkpoint, if the network has a folder for its state. */
    persist(): Promise<void>;
}

/** All of it. */
export type NetworkApi = AgentApi & ControlApi;
