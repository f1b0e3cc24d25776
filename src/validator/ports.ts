import type { Logger } from 'pino';
import type { Claim, Drawing } from '../core/poc/verify';
import type { AgreementPort, RecordsPort } from './agreement/ports';
import type { TextSource } from './duties/text_source';
import type { JournalStore } from './journal/journal';
import type { Metrics } from './metrics/metrics';

/** Structured log; secrets are never passed to it. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** Time and chance, so that tests own both. */
export interface Clock {
    nowMs(): number;
    /** Resolves after the time, or as soon as the signal aborts. */
    sleep(ms: number, signal: AbortSignal): Promise<void>;
    /** Uniform in [0, 1). */
    random(): number;
}

/** An answer of a canister that refuses: the name of its `Err` arm. */
export interface Refused {
    readonly code: string;
}

/** A compute node as the registry shows it. */
export interface ComputeNode {
    readonly node: string;
    readonly isActive: boolean;
    /** It never was Active. */
    readonly isNew: boolean;
    /** Apps that it says it serves. */
    readonly apps: readonly string[];
    /** When its last proof was requested; 0 before the first. */
    readonly lastPocMs: number;
}

/** How a node has done lately. */
export interface Standing {
    /** Failed proofs in a row. */
    readonly failures: number;
    /** It is a newcomer that has a proof for this validator to its credit: others must ask for what is missing. */
    readonly isMine: boolean;
}

/** An opening that waits for verdicts. */
export interface PendingProof {
    readonly id: bigint;
    readonly node: string;
    readonly claim: Claim;
    readonly drawing: Drawing;
    readonly hasMyVote: boolean;
}

/** What the agent asks of the state machine canister, in its own name. Network failures throw. */
export interface StateMachinePort {
    isRegistered(): Promise<boolean>;
    register(region: string, bandwidthMbps: number): Promise<Refused | undefined>;
    report(version: string): Promise<Refused | undefined>;
    isValidator(): Promise<boolean>;
    validatorCount(): Promise<number>;
    /** Least time between two proofs of a node. */
    proofSpacingMs(): Promise<number>;
    onlineComputeNodes(): Promise<readonly ComputeNode[]>;
    /** Apps that a node says it serves; none when it is not known. */
    appsOf(node: string): Promise<readonly string[]>;
    /** How nodes have done, by node. */
    standings(nodes: readonly string[]): Promise<ReadonlyMap<string, Standing>>;
    requestProof(node: string): Promise<Refused | undefined>;
    pendingProofs(): Promise<readonly PendingProof[]>;
    /** The rows that the node opened; undefined when the proof has ended meanwhile. */
    opening(id: bigint): Promise<Uint8Array | undefined>;
    attest(id: bigint, ok: boolean): Promise<Refused | undefined>;
}

/** An embedding: any number of finite values. */
export type Vector = readonly number[];

export type ProbeOutcome =
    | {
          readonly kind: 'served';
          readonly requestId: bigint | undefined;
          /** What a call for embeddings was answered, in the order of its texts. */
          readonly vectors?: readonly Vector[];
      }
    | { readonly kind: 'refused'; readonly httpStatus: number; readonly code: string }
    | { readonly kind: 'unreachable'; readonly reason: string };

/** A model that the public API offers. */
export interface ApiModel {
    readonly id: string;
    readonly kind: 'embedding' | 'chat' | 'completion' | 'image';
}

/** A call of the public API. */
export interface ApiCall {
    readonly model: string;
    readonly kind: ApiModel['kind'];
    /** Fields of the OpenAI API besides the model. */
    readonly body: Readonly<Record<string, unknown>>;
    /** Whether the answer comes as a stream of events. */
    readonly stream: boolean;
}

/** The public API of the off-chain gateway, used as any user uses it. */
export interface ApiPort {
    /** Those of the kinds that can be called; none when it cannot be told. */
    models(signal: AbortSignal): Promise<readonly ApiModel[]>;
    /** Served only when the answer is whole: a vector for each text, a stream to its end. */
    send(call: ApiCall, signal: AbortSignal): Promise<ProbeOutcome>;
}

/** The models that this validator can run itself, to hold answers against its own. */
export interface ReferencePort {
    /**
     * Its own vectors of the texts, and how alike an honest answer is at least, as the cosine of the angle between them.
     * Undefined for a model without a reference, and while the reference does not answer: then nobody is judged by values.
     */
    embed(model: string, texts: readonly string[], signal: AbortSignal): Promise<ReferenceAnswer | undefined>;
}

export interface ReferenceAnswer {
    readonly vectors: readonly Vector[];
    readonly leastCosine: number;
}

/** A probe of the hub's plan that waits for this validator. */
export interface DueProbe {
    readonly probeId: bigint;
    readonly node: string;
}

export type ProbeStatus = 'Success' | 'Failed' | 'Timeout' | 'Unreachable';

export interface ProbeReport extends DueProbe {
    readonly status: ProbeStatus;
    readonly elapsedMs: bigint;
    /** The hub's request that the probe travelled as; undefined when it became none. */
    readonly requestId: bigint | undefined;
}

/** What the hub recorded of a call that has ended. */
export interface CallRecord {
    readonly isSuccess: boolean;
    /** The node that executed it, if one did. */
    readonly executor: string | undefined;
}

/** An API key of the agent's, by whose limits a request goes to one node and no other: one probe at a time. */
export interface ProbeKey {
    /** The API that it opens. */
    readonly api: Pick<ApiPort, 'send'>;
    /** Lets it reach this node only. */
    direct(node: string): Promise<Refused | undefined>;
}

/** The hub's plan of probes, and what they are paid by. */
export interface ProbePlanPort {
    /** So many probes go on at a time. */
    readonly keys: readonly ProbeKey[];
    dueProbes(): Promise<readonly DueProbe[]>;
    /** The request that the latest call to a due node became, if it did and no result names it yet. */
    callTo(node: string): Promise<bigint | undefined>;
    /** How a request of the agent's ended; undefined while the hub does not know. */
    recordOf(requestId: bigint): Promise<CallRecord | undefined>;
    submit(report: ProbeReport): Promise<Refused | undefined>;
}

/** What every duty has. */
export interface Context {
    readonly state: StateMachinePort;
    readonly api: ApiPort;
    readonly clock: Clock;
    /** What probes are made of. */
    readonly texts: TextSource;
    readonly log: Log;
    readonly metrics: Metrics;
}

/** What the duties of the agreement have besides. */
export interface AgreementContext extends Context {
    readonly agreement: AgreementPort;
    readonly records: RecordsPort;
    readonly journal: JournalStore;
}

/** All that an agent works with. */
export interface AgentContext extends AgreementContext {
    /** Absent when nobody told the agent where the hub is: it then probes at random times. */
    readonly plan: ProbePlanPort | undefined;
}
