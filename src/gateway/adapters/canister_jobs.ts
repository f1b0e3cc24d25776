import type { ActorSubclass } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { asked } from '../../client/asked';
import { NS_PER_MS } from '../../core/clock';
import { err, ok } from '../../core/result';
import type { _SERVICE } from '../../declarations/compute_gateway';
import type { Job, JobPort, JobRequest, JobState, Model, Priority, SubmitRefusal } from '../ports';

type Actor = ActorSubclass<_SERVICE>;
type JobView = Extract<Awaited<ReturnType<Actor['get_job']>>, { Ok: unknown }>['Ok'];
type AppView = Awaited<ReturnType<Actor['list_apps']>>[number];
type SubmitError = Extract<Awaited<ReturnType<Actor['submit_job']>>, { Err: unknown }>['Err'];

const PAGE = 100n;
/** Models that a gateway offers at most. */
const MAX_MODELS = 10_000;

/** The job queue of the compute_gateway canister. */
export function canisterJobs(actor: Actor, gateway: Principal): JobPort {
    return {
        submit: (request) =>
            asked('submit_job', async () => {
                const { inputReference: reference } = request;
                const args = toSubmitArgs(request);
                const answer =
                    reference === undefined
                        ? await actor.submit_job(args)
                        : await actor.submit_job_by_reference(args, {
                              ...reference,
                              locators: [...reference.locators]
                          });
                return 'Ok' in answer ? ok(fromJobView(answer.Ok)) : err(fromSubmitError(answer.Err));
            }),
        get: (jobId) =>
            asked('get_job', async () => {
                const answer = await actor.get_job(jobId);
                return 'Ok' in answer ? fromJobView(answer.Ok) : undefined;
            }),
        cancel: (jobId) =>
            asked('cancel_job', async () => {
                await actor.cancel_job(jobId);
            }),
        find: (keyHash, idempotencyKey) =>
            asked('find_job', async () => {
                const payer = { ApiKey: keyHash };
                const answer = await actor.find_job({ payer, idempotency_key: idempotencyKey });
                return 'Ok' in answer ? fromJobView(answer.Ok) : undefined;
            }),
        list: (owner, start, take) =>
            asked('list_jobs_of', async () => {
                const views = await actor.list_jobs_of(Principal.fromText(owner), start, take);
                return views.map(fromJobView);
            }),
        isAttached: (node) =>
            asked('get_attachment', async () => 'Ok' in (await actor.get_attachment(Principal.fromText(node)))),
        announce: (url) => asked('set_gateway_url', () => announce(actor, gateway, url)),
        listModels: () => asked('list_apps', () => allModels(actor))
    };
}

function toSubmitArgs(request: JobRequest): Parameters<Actor['submit_job']>[0] {
    return {
        app_id: request.appId,
        input: request.input,
        max_credits: request.maxCredits,
        idempotency_key: [request.idempotencyKey],
        payer: { ApiKey: request.keyHash },
        ttl_s: [request.ttlS],
        priority: [toCandidPriority(request.priority)],
        session_key: request.sessionKey === undefined ? [] : [request.sessionKey],
        ack_hash: request.ackHash === undefined ? [] : [request.ackHash]
    };
}

/** The canister is only told what it does not know: an update costs, a query does not. */
async function announce(actor: Actor, gateway: Principal, url: string): Promise<boolean> {
    const [known] = await actor.get_gateway_url(gateway);
    return known === url || 'Ok' in (await actor.set_gateway_url([url]));
}

function toCandidPriority(priority: Priority): { Interactive: null } | { Standard: null } | { Batch: null } {
    switch (priority) {
        case 'Interactive':
            return { Interactive: null };
        case 'Standard':
            return { Standard: null };
        case 'Batch':
            return { Batch: null };
    }
}

async function allModels(actor: Actor): Promise<readonly Model[]> {
    const models: Model[] = [];
    while (models.length < MAX_MODELS) {
        const page = await actor.list_apps(BigInt(models.length), PAGE);
        models.push(...page.map(fromAppView));
        if (BigInt(page.length) < PAGE) break;
    }
    return models;
}

function nameOf<T extends object>(variant: T): Extract<T extends T ? keyof T : never, string> {
    return Object.keys(variant)[0] as Extract<T extends T ? keyof T : never, string>;
}

function fromAppView(view: AppView): Model {
    return {
        appId: view.app_id,
        kind: nameOf(view.kind),
        unit: view.unit,
        unitPriceCredits: view.unit_price_credits,
        maxUnits: view.max_units,
        execLimitS: view.exec_limit_s,
        registeredAtMs: Number(view.registered_at_ns / NS_PER_MS)
    };
}

function fromJobView(view: JobView): Job {
    return {
        jobId: view.job_id,
        appId: view.app_id,
        owner: view.owner.toText(),
        state: nameOf(view.state) satisfies JobState,
        attempt: view.attempt,
        output: bytesOf(view.output),
        outputHash: bytesOf(view.output_hash),
        details: bytesOf(view.details),
        leaseHash: bytesOf(view.lease_hash),
        createdAtMs: Number(view.created_at_ns / NS_PER_MS),
        finishedAtMs: view.finished_at_ns === 0n ? undefined : Number(view.finished_at_ns / NS_PER_MS),
        error: view.error[0],
        whyNot: view.why_not[0]
    };
}

function bytesOf([bytes]: [] | [Uint8Array | number[]]): Uint8Array | undefined {
    return bytes === undefined ? undefined : Uint8Array.from(bytes);
}

function retryAfterOf(error: SubmitError): number | undefined {
    if ('Busy' in error) return Number(error.Busy.retry_after_ms);
    return 'RateLimited' in error ? Number(error.RateLimited.retry_after_ms) : undefined;
}

function fromSubmitError(error: SubmitError): SubmitRefusal {
    return { code: nameOf(error), retryAfterMs: retryAfterOf(error) };
}
