import { Principal } from '@dfinity/principal';
import { maxAmount } from '../../../src/core/amount';
import { leaseHash } from '../../../src/core/compute/direct_delivery';
import {
    decodeInputReference,
    encodeInputReference,
    faultOfReference
} from '../../../src/core/compute/input_reference';
import { err, ok, type Result } from '../../../src/core/result';
import { APP_KINDS, execLimitS, type App, type AppSpec } from '../domain/app';
import type { HeartbeatReply as DomainHeartbeatReply, HeldLease } from '../domain/claim';
import { whyNot } from '../domain/diagnosis';
import type { ErrorOf } from '../domain/errors';
import type { Completion, Failure } from '../domain/finish';
import type { GroupOrder } from '../domain/groups';
import {
    creditsUsed,
    holdOf,
    isTerminal,
    PRIORITIES,
    receiptHashOf,
    unitsUsed,
    type Job,
    type Payer
} from '../domain/job';
import type { JobBook } from '../domain/job_book';
import type { Limits } from '../domain/limits';
import type { Attachment } from '../domain/node';
import type { Requirements } from '../domain/requirements';
import { RESERVED_KEY, type Submission } from '../domain/submit';
import type { Granted } from './encode_leases';
import type {
    AttachmentView,
    CandidLimits,
    CandidPayer,
    CompleteJobArgs,
    FailJobArgs,
    GroupView,
    HeartbeatReply,
    HeldLeases,
    InputRef,
    JobStateName,
    JobView,
    LeaseView,
    Opt,
    SubmitGroupArgs,
    SubmitJobArgs,
    Tags
} from './idl';
import type { AppView, RegisterAppArgs } from './idl_apps';
import { fromCandidRequirements, toCandidCapacity, toCandidRequirements } from './idl_requirements';
import type { WorkView } from './idl_work';

/** The name of a Candid variant without data. Candid has checked that it is one of them. */
function nameOf<const Names extends readonly string[]>(names: Names, value: Tags<Names[number]>): Names[number] {
    const found = names.find((name) => name in value);
    return found ?? (names[0] as Names[number]);
}

export const toOpt = <T>(value: T | undefined): Opt<T> => (value === undefined ? [] : [value]);

/** Who calls, unless nobody does. */
export function signedIn(caller: Principal): Result<Principal, ErrorOf<'Anonymous'>> {
    return caller.isAnonymous() ? err({ kind: 'Anonymous' }) : ok(caller);
}

export function fromRegisterAppArgs(args: RegisterAppArgs): AppSpec {
    const [required] = args.requirements;
    return {
        appId: args.app_id,
        kind: nameOf(APP_KINDS, args.kind),
        modelHash: args.model_hash,
        unit: args.unit,
        unitPriceCredits: args.unit_price_credits,
        maxUnits: args.max_units,
        leaseS: args.lease_s,
        execLimitS: args.exec_limit_s[0],
        requirements: required && fromCandidRequirements(required)
    };
}

export function toAppView(app: App, limits: Limits, required?: Requirements): AppView {
    return {
        app_id: app.appId,
        kind: { [app.kind]: null },
        model_hash: app.modelHash,
        unit: app.unit,
        unit_price_credits: app.unitPriceCredits,
        max_units: app.maxUnits,
        lease_s: app.leaseS,
        exec_limit_s: execLimitS(app, limits),
        requirements: required === undefined ? [] : [toCandidRequirements(required)],
        developer: app.developer,
        registered_at_ns: app.registeredAtNs
    };
}

/** Reads an order for a group; what its shards share is read as one submission is. */
export function fromSubmitGroupArgs(
    args: SubmitGroupArgs,
    caller: Principal
): Result<GroupOrder, ErrorOf<'InvalidArgument'>> {
    const alone: Pick<SubmitJobArgs, 'session_key' | 'ack_hash' | 'idempotency_key' | 'input'> = {
        session_key: [],
        ack_hash: [],
        idempotency_key: [],
        input: new Uint8Array()
    };
    const common = fromSubmitJobArgs({ ...args, ...alone }, caller);
    if (!common.ok) return common;
    const idempotencyKey = args.idempotency_key[0];
    return ok({ common: common.value, inputs: args.inputs.map((input) => Uint8Array.from(input)), idempotencyKey });
}

export function toGroupView(book: JobBook, id: bigint, jobs: readonly Job[], nowNs: bigint): GroupView {
    return { group_id: id, jobs: jobs.map((job) => toJobView(book, job, nowNs)) };
}

/** Who pays; an API key's hash must be 32 bytes long. */
export function fromCandidPayer(payer: CandidPayer, caller: Principal): Result<Payer, ErrorOf<'InvalidArgument'>> {
    if ('Caller' in payer) return ok({ kind: 'Principal', who: caller });
    const keyHash = payer.ApiKey;
    return keyHash.length === 32 ? ok({ kind: 'ApiKey', keyHash }) : err({ kind: 'InvalidArgument', reason: 'payer' });
}

/** Reads a submission; hashes must be 32 bytes long. */
export function fromSubmitJobArgs(
    args: SubmitJobArgs,
    caller: Principal
): Result<Submission, ErrorOf<'InvalidArgument'>> {
    const payer = fromCandidPayer(args.payer, caller);
    if (!payer.ok) return payer;
    const [priority] = args.priority;
    const [ackHash] = args.ack_hash;
    if (ackHash !== undefined && ackHash.length !== 32) return err({ kind: 'InvalidArgument', reason: 'ack_hash' });
    const isReserved = args.idempotency_key[0]?.startsWith(RESERVED_KEY) === true;
    if (isReserved) return err({ kind: 'InvalidArgument', reason: 'idempotency_key' });
    return ok({
        appId: args.app_id,
        input: args.input,
        maxCredits: args.max_credits,
        idempotencyKey: args.idempotency_key[0],
        payer: payer.value,
        submitter: caller,
        sessionKey: args.session_key[0],
        ackHash,
        ttlS: args.ttl_s[0],
        priority: priority === undefined ? 'Standard' : nameOf(PRIORITIES, priority)
    });
}

/** Reads a submission whose input is elsewhere; whatever came inline is left. */
export function fromReferringArgs(
    args: SubmitJobArgs,
    { sha256, size, locators }: InputRef,
    caller: Principal
): Result<Submission, ErrorOf<'InvalidArgument'>> {
    const reference = { sha256, size, locators };
    const fault = faultOfReference(reference);
    if (fault !== undefined) return err({ kind: 'InvalidArgument', reason: fault });
    const submission = fromSubmitJobArgs(args, caller);
    if (!submission.ok) return submission;
    return ok({ ...submission.value, input: encodeInputReference(reference), isByReference: true });
}

function stateName(job: Job): JobStateName {
    const { kind } = job.state;
    return kind === 'Opening' || kind === 'Waiting' ? 'Queued' : kind;
}

/** What a view of a job adds to what its row tells: the result itself, and why it does not run. Both cost more than the rest. */
export interface ViewDetail {
    readonly output?: boolean;
    readonly whyNot?: boolean;
}

/** A job for those who may see it. */
export function toJobView(
    book: JobBook,
    job: Job,
    nowNs: bigint,
    { output: withOutput = false, whyNot: withWhyNot = false }: ViewDetail = {}
): JobView {
    const { state } = job;
    const done = state.kind === 'Completed' ? state : undefined;
    return {
        job_id: job.id,
        app_id: job.appId,
        owner: job.owner ?? job.submitter,
        state: { [stateName(job)]: null },
        attempt: job.attempt,
        node: toOpt(job.lease?.node),
        credits_held: isTerminal(state) ? 0n : holdOf(job),
        credits_used: creditsUsed(job),
        units: unitsUsed(job),
        output: withOutput && done !== undefined ? toOpt(book.tables.outputs.get(job.id)) : [],
        output_hash: toOpt(done?.outputHash),
        receipt_hash: withOutput ? toOpt(receiptHashOf(job)) : [],
        details: withOutput && done !== undefined ? toOpt(book.tables.details.get(job.id)) : [],
        lease_hash: withOutput ? leaseHashOf(job) : [],
        error: toOpt(state.kind === 'Failed' ? state.code : undefined),
        created_at_ns: job.createdAtNs,
        finished_at_ns: isTerminal(state) ? state.finishedAtNs : 0n,
        why_not: withWhyNot ? toOpt<string>(whyNot(book, job, nowNs)) : [],
        group: toOpt(job.group),
        redrive_of: toOpt(job.redriveOf)
    };
}

/** A job for the node that has worked on it. */
export function toWorkView(job: Job): WorkView {
    return {
        job_id: job.id,
        state: { [stateName(job)]: null },
        attempt: job.attempt,
        units: unitsUsed(job),
        credits_used: creditsUsed(job)
    };
}

/** A hash costs a canister more than the rest of the answer: only where somebody waits for the node's call. */
function leaseHashOf(job: Job): Opt<Uint8Array> {
    const { id, ackHash, lease, state } = job;
    if (ackHash === undefined || lease === undefined || state.kind !== 'Leased') return [];
    return [leaseHash({ jobId: id, attempt: lease.attempt, token: lease.token })];
}

/** Leases with what a node is given besides them; undefined when the input of one of them is elsewhere. */
export function grantedOf(book: JobBook, jobs: readonly Job[]): readonly Granted[] | undefined {
    const all: Granted[] = [];
    for (let i = 0; i < jobs.length; i++) {
        const job = jobs[i];
        if (job?.lease === undefined) continue;
        if (job.isByReference) return undefined;
        const input = book.tables.inputs.get(job.id) ?? new Uint8Array();
        const replyUrl = job.ackHash === undefined ? undefined : book.tables.gatewayUrls.get(job.submitter);
        all.push({ job, lease: job.lease, input, replyUrl });
    }
    return all;
}

export function toLeaseViews(book: JobBook, jobs: readonly Job[]): LeaseView[] {
    return jobs.flatMap((job) => {
        const { lease } = job;
        if (lease === undefined) return [];
        return {
            job_id: job.id,
            attempt: lease.attempt,
            token: lease.token,
            app_id: job.appId,
            ...inputOf(book, job),
            max_units: job.maxUnits,
            deadline_ns: lease.deadlineNs,
            lease_ns: job.leaseNs,
            reply_url: toOpt(job.ackHash && book.tables.gatewayUrls.get(job.submitter))
        };
    });
}

/** The input itself, or where it is. */
function inputOf(book: JobBook, job: Job): Pick<LeaseView, 'input' | 'input_ref'> {
    const { id, isByReference } = job;
    const input = book.tables.inputs.get(id) ?? new Uint8Array();
    if (!isByReference || input.length === 0) return { input, input_ref: [] };
    const { sha256, size, locators } = decodeInputReference(input);
    return { input: new Uint8Array(), input_ref: [{ sha256, size, locators: [...locators] }] };
}

export function fromHeldLeases(held: HeldLeases): readonly HeldLease[] {
    return held.map(({ job_id, token, units }) => ({ jobId: job_id, token, units: units[0] }));
}

export function toHeartbeatReply(reply: DomainHeartbeatReply): HeartbeatReply {
    const { extended, cancelled, unknown } = reply;
    return { extended: [...extended], cancelled: [...cancelled], unknown: [...unknown] };
}

export function fromCompleteJobArgs(args: CompleteJobArgs, node: Principal): Completion {
    const [outputHash] = args.output_hash;
    return {
        jobId: args.job_id,
        claim: { node, token: args.token, attempt: args.attempt },
        output: args.output,
        outputHash,
        units: args.units,
        modelHash: args.model_hash,
        details: args.details[0],
        ack: args.ack[0]
    };
}

export function fromFailJobArgs(args: FailJobArgs, node: Principal): Failure {
    const { code, retryable, no_penalty } = args;
    const claim = { node, token: args.token, attempt: args.attempt };
    return { jobId: args.job_id, claim, code, retryable, isBlameless: no_penalty[0] === true };
}

export function toAttachmentView(book: JobBook, attachment: Attachment): AttachmentView {
    const { tables } = book;
    const { node } = attachment;
    const capacity = tables.capacities.get(node);
    return {
        node,
        apps: [...attachment.apps],
        withheld: [...attachment.withheld],
        capacity: capacity === undefined ? [] : [toCandidCapacity(capacity)],
        slots: attachment.slots,
        leased: tables.leases.get(node)?.length ?? 0,
        active: attachment.active,
        checked_at_ns: attachment.checkedAtNs,
        result_conflicts: tables.conflicts.get(node) ?? 0n
    };
}

/** Limits that are given replace what is stored, the others stay. */
export function mergeLimits(stored: Limits, given: CandidLimits | undefined, sweepS: bigint | undefined): Limits {
    const merged = { ...stored, sweepS: maxAmount(sweepS ?? stored.sweepS, 1n) };
    if (given === undefined) return merged;
    return {
        ...merged,
        maxInputBytes: given.max_input_bytes[0] ?? stored.maxInputBytes,
        maxOutputBytes: given.max_output_bytes[0] ?? stored.maxOutputBytes,
        maxActivePerPayer: given.max_active_per_payer[0] ?? stored.maxActivePerPayer,
        maxActive: given.max_active[0] ?? stored.maxActive,
        maxLeasedPerPayer: given.max_leased_per_payer[0] ?? stored.maxLeasedPerPayer,
        maxQueuedPerApp: given.max_queued_per_app[0] ?? stored.maxQueuedPerApp,
        maxAttempts: given.max_attempts[0] ?? stored.maxAttempts,
        defaultTtlS: given.default_ttl_s[0] ?? stored.defaultTtlS,
        maxTtlS: given.max_ttl_s[0] ?? stored.maxTtlS,
        maxExecS: given.max_exec_s[0] ?? stored.maxExecS,
        retentionS: given.retention_s[0] ?? stored.retentionS,
        nodeCacheS: given.node_cache_s[0] ?? stored.nodeCacheS,
        maxNodesPerApp: given.max_nodes_per_app[0] ?? stored.maxNodesPerApp,
        minLeaseS: given.min_lease_s[0] ?? stored.minLeaseS,
        maxLeaseS: given.max_lease_s[0] ?? stored.maxLeaseS,
        maxSlots: given.max_slots[0] ?? stored.maxSlots,
        affinityMs: given.affinity_ms[0] ?? stored.affinityMs,
        maxGroup: given.max_group[0] ?? stored.maxGroup,
        maxAppsPerDeveloper: given.max_apps_per_developer[0] ?? stored.maxAppsPerDeveloper,
        settleSpacingS: given.settle_spacing_s[0] ?? stored.settleSpacingS,
        maxBadReceipts: given.max_bad_receipts[0] ?? stored.maxBadReceipts,
        maxSilenceS: given.max_silence_s[0] ?? stored.maxSilenceS
    };
}
