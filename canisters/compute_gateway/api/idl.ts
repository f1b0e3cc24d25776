import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { CandidPeers } from '../../../src/azle/peers';
import { PRIORITIES, type Priority } from '../domain/job';
import { answer } from './answers';
import { CandidCapacity } from './idl_requirements';

/** Candid types of this canister, and what @dfinity/candid makes of them. */
export type Opt<T> = [] | [T];
export type Tags<Names extends string> = Partial<Record<Names, null>>;

const Blob = IDL.Vec(IDL.Nat8);
export const tags = (names: readonly string[]): IDL.Type =>
    IDL.Variant(Object.fromEntries(names.map((name) => [name, IDL.Null])));

const LIMIT_NAMES = [
    'max_input_bytes',
    'max_output_bytes',
    'max_active_per_payer',
    'max_active',
    'max_leased_per_payer',
    'max_queued_per_app',
    'max_attempts',
    'default_ttl_s',
    'max_ttl_s',
    'max_exec_s',
    'retention_s',
    'node_cache_s',
    'max_nodes_per_app',
    'min_lease_s',
    'max_lease_s',
    'max_slots',
    'affinity_ms',
    'max_group',
    'max_apps_per_developer',
    'settle_spacing_s',
    'max_bad_receipts',
    'max_silence_s'
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

const CandidLimits = IDL.Record(Object.fromEntries(LIMIT_NAMES.map((name) => [name, IDL.Opt(IDL.Nat64)])));
export type CandidLimits = Record<LimitName, Opt<bigint>>;

export const InitArgs = IDL.Record({
    peers: IDL.Opt(CandidPeers),
    /** Who governs; default: the rewards canister. Counts at installation. */
    governance: IDL.Opt(IDL.Principal),
    sweep_s: IDL.Opt(IDL.Nat64),
    limits: IDL.Opt(CandidLimits)
});
export interface InitArgs {
    peers: Opt<CandidPeers>;
    governance: Opt<Principal>;
    sweep_s: Opt<bigint>;
    limits: Opt<CandidLimits>;
}

export const AttachNodeArgs = IDL.Record({
    apps: IDL.Vec(IDL.Text),
    slots: IDL.Nat32,
    capacity: IDL.Opt(CandidCapacity)
});
export interface AttachNodeArgs {
    apps: string[];
    slots: number;
    capacity: Opt<CandidCapacity>;
}

/** `withheld`: apps of its offer that ask for more than it has now; they come back by themselves. */
export const AttachmentView = IDL.Record({
    node: IDL.Principal,
    apps: IDL.Vec(IDL.Text),
    withheld: IDL.Vec(IDL.Text),
    slots: IDL.Nat32,
    capacity: IDL.Opt(CandidCapacity),
    leased: IDL.Nat32,
    active: IDL.Bool,
    checked_at_ns: IDL.Nat64,
    result_conflicts: IDL.Nat64
});
export interface AttachmentView {
    node: Principal;
    apps: string[];
    withheld: string[];
    slots: number;
    capacity: Opt<CandidCapacity>;
    leased: number;
    active: boolean;
    checked_at_ns: bigint;
    /** How often it has brought another output for a job that it had completed. */
    result_conflicts: bigint;
}

const PriorityTag = tags(PRIORITIES);

export const CandidPayer = IDL.Variant({ Caller: IDL.Null, ApiKey: Blob });
export type CandidPayer = { Caller: null } | { ApiKey: Uint8Array };

export const SubmitJobArgs = IDL.Record({
    app_id: IDL.Text,
    input: Blob,
    max_credits: IDL.Nat64,
    idempotency_key: IDL.Opt(IDL.Text),
    payer: CandidPayer,
    ttl_s: IDL.Opt(IDL.Nat64),
    priority: IDL.Opt(PriorityTag),
    session_key: IDL.Opt(IDL.Text),
    ack_hash: IDL.Opt(Blob)
});
export interface SubmitJobArgs {
    app_id: string;
    input: Uint8Array;
    max_credits: bigint;
    idempotency_key: Opt<string>;
    payer: CandidPayer;
    ttl_s: Opt<bigint>;
    priority: Opt<Tags<Priority>>;
    /** Jobs with the same key run one after the other, on the same node where that is possible. */
    session_key: Opt<string>;
    /** A gateway that takes the result itself sets this. */
    ack_hash: Opt<Uint8Array>;
}

export const SubmitGroupArgs = IDL.Record({
    app_id: IDL.Text,
    inputs: IDL.Vec(Blob),
    max_credits: IDL.Nat64,
    idempotency_key: IDL.Opt(IDL.Text),
    payer: CandidPayer,
    ttl_s: IDL.Opt(IDL.Nat64),
    priority: IDL.Opt(PriorityTag)
});
export interface SubmitGroupArgs {
    app_id: string;
    /** One for each shard. */
    inputs: Uint8Array[];
    /** Of each shard. */
    max_credits: bigint;
    idempotency_key: Opt<string>;
    payer: CandidPayer;
    ttl_s: Opt<bigint>;
    priority: Opt<Tags<Priority>>;
}

export const FindJobArgs = IDL.Record({ payer: CandidPayer, idempotency_key: IDL.Text });
export interface FindJobArgs {
    payer: CandidPayer;
    idempotency_key: string;
}

/** States as a user sees them: asking for the hold and backing off count as queued. */
export const JOB_STATES = [
    'Queued',
    'Leased',
    'Cancelling',
    'Completed',
    'Failed',
    'TimedOut',
    'Cancelled',
    'Expired'
] as const;
export type JobStateName = (typeof JOB_STATES)[number];

export const JobStateTag = tags(JOB_STATES);

export const JobView = IDL.Record({
    job_id: IDL.Nat64,
    app_id: IDL.Text,
    owner: IDL.Principal,
    state: JobStateTag,
    attempt: IDL.Nat32,
    node: IDL.Opt(IDL.Principal),
    credits_held: IDL.Nat64,
    credits_used: IDL.Nat64,
    units: IDL.Nat64,
    output: IDL.Opt(Blob),
    output_hash: IDL.Opt(Blob),
    receipt_hash: IDL.Opt(Blob),
    details: IDL.Opt(Blob),
    lease_hash: IDL.Opt(Blob),
    error: IDL.Opt(IDL.Text),
    created_at_ns: IDL.Nat64,
    finished_at_ns: IDL.Nat64,
    why_not: IDL.Opt(IDL.Text),
    group: IDL.Opt(IDL.Nat64),
    redrive_of: IDL.Opt(IDL.Nat64)
});
export interface JobView {
    job_id: bigint;
    app_id: string;
    owner: Principal;
    state: Tags<JobStateName>;
    attempt: number;
    node: Opt<Principal>;
    credits_held: bigint;
    credits_used: bigint;
    units: bigint;
    output: Opt<Uint8Array>;
    output_hash: Opt<Uint8Array>;
    receipt_hash: Opt<Uint8Array>;
    /** What the node tells about the output besides it. */
    details: Opt<Uint8Array>;
    /** Names the live lease, for a gateway that takes the result itself. */
    lease_hash: Opt<Uint8Array>;
    error: Opt<string>;
    created_at_ns: bigint;
    finished_at_ns: bigint;
    why_not: Opt<string>;
    group: Opt<bigint>;
    redrive_of: Opt<bigint>;
}

export const GroupView = IDL.Record({ group_id: IDL.Nat64, jobs: IDL.Vec(JobView) });
export interface GroupView {
    group_id: bigint;
    /** In the order of the inputs. */
    jobs: JobView[];
}

export const PeekReply = IDL.Record({ queued: IDL.Nat64 });
export interface PeekReply {
    queued: bigint;
}

export const ClaimArgs = IDL.Record({ max: IDL.Nat32, apps: IDL.Opt(IDL.Vec(IDL.Text)) });
export interface ClaimArgs {
    max: number;
    /** Those of the node's apps that it has room for now; absent: all. */
    apps: Opt<string[]>;
}

/** An input that is kept elsewhere: its SHA-256, its bytes, and URLs to be tried in this order. */
export const InputRef = IDL.Record({ sha256: Blob, size: IDL.Nat64, locators: IDL.Vec(IDL.Text) });
export interface InputRef {
    sha256: Uint8Array;
    size: bigint;
    locators: string[];
}

export const LeaseView = IDL.Record({
    job_id: IDL.Nat64,
    attempt: IDL.Nat32,
    token: IDL.Nat64,
    app_id: IDL.Text,
    input: Blob,
    max_units: IDL.Nat64,
    deadline_ns: IDL.Nat64,
    lease_ns: IDL.Nat64,
    reply_url: IDL.Opt(IDL.Text),
    input_ref: IDL.Opt(InputRef)
});
export interface LeaseView {
    job_id: bigint;
    attempt: number;
    token: bigint;
    app_id: string;
    input: Uint8Array;
    max_units: bigint;
    deadline_ns: bigint;
    lease_ns: bigint;
    /** Where the result is wanted, besides its hash here. */
    reply_url: Opt<string>;
    /** Where the input is, when it is not here. */
    input_ref: Opt<InputRef>;
}

export const HeldLeases = IDL.Vec(IDL.Record({ job_id: IDL.Nat64, token: IDL.Nat64, units: IDL.Opt(IDL.Nat64) }));
/** `units`: done so far, which is paid when the owner cancels. */
export type HeldLeases = { job_id: bigint; token: bigint; units: Opt<bigint> }[];

export const HeartbeatReply = IDL.Record({
    extended: IDL.Vec(IDL.Nat64),
    cancelled: IDL.Vec(IDL.Nat64),
    unknown: IDL.Vec(IDL.Nat64)
});
export interface HeartbeatReply {
    extended: bigint[];
    cancelled: bigint[];
    unknown: bigint[];
}

const attemptOf = { job_id: IDL.Nat64, attempt: IDL.Nat32, token: IDL.Nat64 };
interface AttemptArgs {
    job_id: bigint;
    attempt: number;
    token: bigint;
}

export const CompleteJobArgs = IDL.Record({
    ...attemptOf,
    output: Blob,
    output_hash: IDL.Opt(Blob),
    units: IDL.Nat64,
    model_hash: Blob,
    details: IDL.Opt(Blob),
    ack: IDL.Opt(Blob)
});
export interface CompleteJobArgs extends AttemptArgs {
    output: Uint8Array;
    output_hash: Opt<Uint8Array>;
    units: bigint;
    model_hash: Uint8Array;
    details: Opt<Uint8Array>;
    /** The gateway's secret: it has the output. */
    ack: Opt<Uint8Array>;
}

export const FailJobArgs = IDL.Record({
    ...attemptOf,
    code: IDL.Text,
    retryable: IDL.Bool,
    no_penalty: IDL.Opt(IDL.Bool)
});
export interface FailJobArgs extends AttemptArgs {
    code: string;
    retryable: boolean;
    /** The job is given back without fault: the attempt does not count. */
    no_penalty: Opt<boolean>;
}

/** Results of the methods: what each gives, and every way in which it can refuse. */
export const AddGatewayAnswer = answer<null>(IDL.Null)(
    'Unauthorized',
    'AlreadyExists',
    'TooManyGateways',
    'InvalidArgument'
);
export const SetGatewayUrlAnswer = answer<null>(IDL.Null)('Anonymous', 'Unauthorized', 'InvalidArgument');
export const RemoveGatewayAnswer = answer<null>(IDL.Null)('Unauthorized', 'NotFound');
export const AttachNodeAnswer = answer<AttachmentView>(AttachmentView)(
    'Anonymous',
    'InvalidArgument',
    'AppNotFound',
    'TooManyNodes',
    'NodeInactive',
    'NotBound',
    'RequirementsNotMet',
    'TemporarilyUnavailable'
);
export const GetAttachmentAnswer = answer<AttachmentView>(AttachmentView)('NotFound');
/** What the hub refuses of a payer whom it is to hold credits of. */
export const HOLD_ERRORS = [
    'InsufficientCredits',
    'KeyNotFound',
    'KeyRevoked',
    'AppNotAllowed',
    'RateLimited',
    'KeyLimitReached',
    'TemporarilyUnavailable'
] as const;
export const SUBMIT_ERRORS = [
    'Anonymous',
    'Unauthorized',
    'AppNotFound',
    'InvalidArgument',
    'PayloadTooLarge',
    'PriceTooHigh',
    'IdempotencyConflict',
    'Busy',
    ...HOLD_ERRORS
] as const;

export const SubmitJobAnswer = answer<JobView>(JobView)(...SUBMIT_ERRORS);
export const SubmitGroupAnswer = answer<GroupView>(GroupView)(...SUBMIT_ERRORS);
export const RedriveJobAnswer = answer<JobView>(JobView)(...SUBMIT_ERRORS, 'NotFound', 'NotRedrivable');
export const GetGroupAnswer = answer<GroupView>(GroupView)('NotFound', 'Unauthorized');
export const CancelGroupAnswer = answer<GroupView>(GroupView)('Anonymous', 'NotFound', 'Unauthorized');
export const GoodbyeAnswer = answer<number>(IDL.Nat32)('Anonymous', 'NotAttached');
export const GetJobAnswer = answer<JobView>(JobView)('NotFound', 'Unauthorized');
export const FindJobAnswer = answer<JobView>(JobView)('NotFound', 'Unauthorized', 'InvalidArgument');
export const CancelJobAnswer = answer<JobView>(JobView)('Anonymous', 'NotFound', 'Unauthorized', 'NotCancellable');
export const ClaimJobsAnswer = answer<LeaseView[]>(IDL.Vec(LeaseView))(
    'Anonymous',
    'NotAttached',
    'NodeInactive',
    'TemporarilyUnavailable'
);
