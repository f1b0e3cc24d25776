import type { ActorSubclass } from '@dfinity/agent';
import { asked } from '../../client/asked';
import { Gathering } from '../../client/gathering';
import { NS_PER_MS } from '../../core/clock';
import type { _SERVICE } from '../../declarations/compute_gateway';
import type { Result } from '../../core/result';
import type { NodeCapacity } from '../capacity';
import type { Completion, JobSource, LeasedJob, Refusal } from '../ports';
import { toResult, variantName } from './to_result';

type Actor = ActorSubclass<_SERVICE>;
type LeaseView = Awaited<ReturnType<Actor['my_leases']>>[number];

interface Finished {
    readonly job: LeasedJob;
    readonly completion: Completion;
}

/**
 * Jobs that were claimed together often end together: their results share a message, whose own cost is a third of what the
 * canister spends on one. Neither it nor its answer, which repeats the outputs, may exceed the 2 MiB of a message.
 */
const TOGETHER = { waitMs: 10, maxItems: 16, maxSize: 786_432 };

/** The job queue of the compute_gateway canister. */
export function canisterJobSource(actor: Actor, { vramMib, quantizations }: NodeCapacity): JobSource {
    const said = quantizations.map(({ appId, quantization }) => ({ app_id: appId, quantization }));
    const completions = gatheredCompletions(actor);
    return {
        getApp: (appId) =>
            asked('get_app', async () => {
                const answer = await actor.get_app(appId);
                if (!('Ok' in answer)) return undefined;
                const { unit, kind, model_hash, exec_limit_s } = answer.Ok;
                const execLimitMs = Number(exec_limit_s) * 1_000;
                return { appId, kind: variantName(kind), unit, modelHash: Uint8Array.from(model_hash), execLimitMs };
            }),
        attach: (apps, slots) =>
            asked('attach_node', async () => {
                const capacity = {
                    vram_mib: vramMib,
                    quantizations: said.filter(({ app_id }) => apps.includes(app_id))
                };
                return toResult(await actor.attach_node({ apps: [...apps], slots, capacity: [capacity] }), nothing);
            }),
        peek: (appIds) => asked('peek', async () => (await actor.peek([...appIds])).queued),
        claim: (max, appIds) =>
            asked('claim_jobs', async () =>
                toResult(await actor.claim_jobs({ max, apps: [[...appIds]] }), (leases) => leases.map(fromLeaseView))
            ),
        myLeases: () => asked('my_leases', () => allLeases(actor)),
        heartbeat: (leases) =>
            asked('heartbeat', async () => {
                const reply = await actor.heartbeat(
                    leases.map(({ job, units }) => ({ job_id: job.jobId, token: job.token, units: opt(units) }))
                );
                return { extended: [...reply.extended], cancelled: [...reply.cancelled], unknown: [...reply.unknown] };
            }),
        complete: (job, completion) => asked('complete_jobs', () => completions.ask({ job, completion })),
        fail: (job, { code, retryable, isBlameless }) =>
            asked('fail_job', async () => {
                const failure = { code, retryable, no_penalty: opt(isBlameless) };
                return toResult(await actor.fail_job({ ...names(job), ...failure }), nothing);
            }),
        goodbye: () =>
            asked('goodbye', async () => {
                await actor.goodbye();
            })
    };
}

function gatheredCompletions(actor: Actor): Gathering<Finished, Result<void, Refusal>> {
    const call = async (all: readonly Finished[]): Promise<readonly Result<void, Refusal>[]> => {
        const args = all.map(({ job, completion }) => ({ ...names(job), ...toReceipt(completion) }));
        return (await actor.complete_jobs(args)).map((answer) => toResult(answer, nothing));
    };
    const sizeOf = ({ completion: { ack, output } }: Finished): number => (ack === undefined ? output.length : 0);
    return new Gathering(call, { ...TOGETHER, sizeOf });
}

function names(job: LeasedJob) {
    return { job_id: job.jobId, attempt: job.attempt, token: job.token };
}

/** What the gateway has is not repeated. */
function toReceipt({ output, outputHash, units, modelHash, details, ack }: Completion) {
    return {
        output: ack === undefined ? output : new Uint8Array(),
        output_hash: [outputHash] as [Uint8Array],
        units,
        model_hash: modelHash,
        details: opt(details),
        ack: opt(ack)
    };
}

function opt<T>(value: T | undefined): [] | [T] {
    return value === undefined ? [] : [value];
}

async function allLeases(actor: Actor): Promise<readonly LeasedJob[]> {
    const leases: LeasedJob[] = [];
    for (;;) {
        const page = await actor.my_leases(BigInt(leases.length));
        if (page.length === 0) return leases;
        leases.push(...page.map(fromLeaseView));
    }
}

function fromLeaseView(view: LeaseView): LeasedJob {
    const [reference] = view.input_ref;
    return {
        jobId: view.job_id,
        attempt: view.attempt,
        token: view.token,
        appId: view.app_id,
        input: Uint8Array.from(view.input),
        maxUnits: view.max_units,
        leaseMs: Number(view.lease_ns / NS_PER_MS),
        replyUrl: view.reply_url[0],
        inputReference: reference && { ...reference, sha256: Uint8Array.from(reference.sha256) }
    };
}

function nothing(): void {}
