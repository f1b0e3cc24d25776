import type { AppKind } from '../core/compute/app_terms';
import type { InputReference } from '../core/compute/input_reference';
import type { Result } from '../core/result';

export { PortUnavailable } from '../client/asked';

/** Kinds of apps; each has its own payloads (src/core/compute). */
export type { AppKind };

/** What a node knows about an app that it serves. */
export interface App {
    readonly appId: string;
    readonly kind: AppKind;
    readonly unit: string;
    readonly modelHash: Uint8Array;
    /** How long one attempt may run, from its claim on. */
    readonly execLimitMs: number;
}

/** Why a job or a call is ended that has run as long as its app lets it. */
export const LATE = 'late';

/** Time that is left to tell the canister before it ends the attempt itself. */
const REPORT_MS = 5_000;

/** How long a backend may take for a job of the app that begins now. */
export function runLimitMs({ execLimitMs }: App): number {
    return Math.max(execLimitMs - REPORT_MS, execLimitMs / 2);
}

/** A job that this node may run until the deadline. */
export interface LeasedJob {
    readonly jobId: bigint;
    readonly attempt: number;
    readonly token: bigint;
    readonly appId: string;
    readonly input: Uint8Array;
    readonly maxUnits: bigint;
    /** How long a lease lasts from now when it is renewed. */
    readonly leaseMs: number;
    /** A gateway that wants the result itself. */
    readonly replyUrl?: string;
    /** Where the input is, when it does not come with the lease. */
    readonly inputReference?: InputReference;
}

/** A lease with what was done for it so far, in units of the app. */
export interface LeaseProgress {
    readonly job: LeasedJob;
    readonly units: bigint;
}

export interface Completion {
    readonly output: Uint8Array;
    readonly outputHash: Uint8Array;
    readonly units: bigint;
    readonly modelHash: Uint8Array;
    readonly details?: Uint8Array;
    /** The gateway's word that it has the output: the output stays off the chain. */
    readonly ack?: Uint8Array;
}

export interface Failure {
    readonly code: string;
    readonly retryable: boolean;
    /** The node gives the job back without anybody's fault: the attempt does not count. */
    readonly isBlameless?: boolean;
    /** What there was when the job was called off. */
    readonly partial?: BackendResult;
}

export interface HeartbeatReply {
    readonly extended: readonly bigint[];
    readonly cancelled: readonly bigint[];
    readonly unknown: readonly bigint[];
}

/** The canister has decided: the name of its error arm. Asking again changes nothing, unless the world changes. */
export interface Refusal {
    readonly code: string;
    /** The app that the refusal is about, and what the node lacks for it. */
    readonly appId?: string;
    readonly lacks?: string;
}

/** The job queue as a worker sees it. Every method throws {@link PortUnavailable} when it cannot be asked. */
export interface JobSource {
    getApp(appId: string): Promise<App | undefined>;
    attach(appIds: readonly string[], slots: number): Promise<Result<void, Refusal>>;
    /** How many jobs wait; a free query. */
    peek(appIds: readonly string[]): Promise<bigint>;
    /** Up to `max` jobs of these apps. */
    claim(max: number, appIds: readonly string[]): Promise<Result<readonly LeasedJob[], Refusal>>;
    /** Leases that this node still holds, after a restart. */
    myLeases(): Promise<readonly LeasedJob[]>;
    /** Renews leases; what was done of a job that its owner has cancelled is paid then. */
    heartbeat(leases: readonly LeaseProgress[]): Promise<HeartbeatReply>;
    complete(job: LeasedJob, completion: Completion): Promise<Result<void, Refusal>>;
    fail(job: LeasedJob, failure: Failure): Promise<Result<void, Refusal>>;
    /** Withdraws the node until it attaches again. */
    goodbye(): Promise<void>;
}

export interface NodeStatus {
    readonly apps: readonly string[];
    readonly queueDepth: number;
    readonly capacity: number;
}

/** The registry's view of this node. Every method throws {@link PortUnavailable} when it cannot be asked. */
export interface Registry {
    reportStatus(status: NodeStatus): Promise<Result<void, Refusal>>;
}

/** What a backend made of a job, in the app's own payload format. */
export interface BackendResult {
    readonly output: Uint8Array;
    /** What there is to tell besides the output; see `TextDetails`. */
    readonly details?: Uint8Array;
    readonly tokens: number;
    readonly inputs: number;
}

/** One job as a backend sees it. */
export interface Task {
    readonly kind: AppKind;
    readonly input: Uint8Array;
    /** Tokens that are paid for, of the prompt and of what is generated; absent when tokens are not what is counted. */
    readonly maxTokens?: number;
    /** Takes text as it is generated. */
    onText?(text: string): void;
    /** Hears what was done so far, in tokens of prompt and answer. */
    onTokens?(tokens: number): void;
}

/** How a server does. */
export interface BackendLoad {
    readonly isUp: boolean;
    /** Requests that it runs at a time. */
    readonly slots: number;
    /** Requests that wait in its own queue. */
    readonly waiting: number;
}

/** Runs jobs of one model. */
export interface Backend {
    readonly name: string;
    /** Known when the backend itself can prove which model it runs. */
    readonly modelHash?: Uint8Array;
    /** How many more jobs it would take now; 0 while it is down or behind. */
    room(): Promise<number>;
    /** Each of its servers as it was last seen; absent where there is none. */
    loads?(): readonly BackendLoad[];
    /** Ends soon after the signal. */
    run(task: Task, signal: AbortSignal): Promise<Result<BackendResult, Failure>>;
}

/** Carries one result to the gateway that wants it. Never throws: what does not arrive is delivered through the chain. */
export interface Delivery {
    text(text: string): void;
    /** Sends what is missing of the output; the gateway's acknowledgement when it has everything. */
    finish(result: BackendResult): Promise<Uint8Array | undefined>;
    /** Leaves off; the gateway sees an unfinished delivery. */
    abort(): void;
    /** Aborted when nobody waits for the result any more. */
    readonly gone: AbortSignal;
}

/** Opens deliveries to gateways; undefined where none may be made. */
export type OpenDelivery = (job: LeasedJob & { readonly replyUrl: string }) => Delivery | undefined;

/** Logs events with fields; never a payload or a key. */
export interface Log {
    info(fields: object, event: string): void;
    warn(fields: object, event: string): void;
    error(fields: object, event: string): void;
}
