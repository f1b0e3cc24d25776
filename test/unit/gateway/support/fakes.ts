import { Principal } from '@dfinity/principal';
import { createHash } from 'node:crypto';
import pino from 'pino';
import { heartbeat } from '../../../../canisters/compute_gateway/domain/claim';
import { cancel } from '../../../../canisters/compute_gateway/domain/finish';
import { addGateway, setGatewayUrl } from '../../../../canisters/compute_gateway/domain/gateways';
import { isTerminal } from '../../../../canisters/compute_gateway/domain/job';
import { findJob, listJobsOf } from '../../../../canisters/compute_gateway/domain/listing';
import { settleOpening, submit } from '../../../../canisters/compute_gateway/domain/submit';
import { whyNot } from '../../../../canisters/compute_gateway/domain/diagnosis';
import { PortUnavailable } from '../../../../src/client/asked';
import { toHex } from '../../../../src/core/bytes';
import { encodeInputReference } from '../../../../src/core/compute/input_reference';
import { leaseHash } from '../../../../src/core/compute/direct_delivery';
import { decodeEmbeddingInput, encodeEmbeddingOutput } from '../../../../src/core/compute/embedding_job';
import { err, ok, type Result } from '../../../../src/core/result';
import { parseGatewayConfig, type GatewayConfigInput } from '../../../../src/gateway/config';
import type {
    Job,
    JobPort,
    JobRequest,
    KeyOwner,
    KeyPort,
    KeyRefusal,
    SubmitRefusal
} from '../../../../src/gateway/ports';
import { listen, type GatewayParts, type RunningGateway } from '../../../../src/gateway/start_gateway';
import { encodeVector } from '../../../../src/client/vectors';
import { ALICE, BOB, GATEWAY, Market, MODEL_HASH, NODE_A } from '../../compute_gateway/support/market';

export const GOOD_KEY = 'emc-good-key';
export const OTHER_KEY = 'emc-other-owner';
export const REVOKED_KEY = 'emc-revoked-key';

/** The canister's queue and the hub's keys behind the gateway's ports; a node in the same process answers the jobs. */
export class FakeNetwork implements JobPort, KeyPort {
    readonly market = new Market();
    /** What the node does with a job: its output, a failure, or nothing. */
    node: 'works' | 'idle' | { readonly fails: string } = 'works';
    credits = 1_000_000n;
    /** Calls that fail before they reach anything, by name. */
    readonly outages: Partial<Record<keyof JobPort | 'check', number>> = {};
    readonly requests: JobRequest[] = [];
    /** What every submission is answered with. */
    refuses: SubmitRefusal | undefined;
    /** So many answers to submissions are lost after they were taken. */
    loseAnswers = 0;
    /** What answers of a kind wait for. */
    readonly answersAfter: Partial<Record<'check' | 'submit' | 'listModels', Promise<void>>> = {};

    constructor() {
        this.market.attach(NODE_A, 64);
        addGateway(this.market.book.tables, GATEWAY);
    }

    async check(keyHash: Uint8Array): Promise<Result<KeyOwner, KeyRefusal>> {
        this.enter('check');
        await this.answersAfter.check;
        if (toHex(keyHash) === hashOf(GOOD_KEY)) return ok({ owner: ALICE.toText() });
        if (toHex(keyHash) === hashOf(OTHER_KEY)) return ok({ owner: BOB.toText() });
        return err(toHex(keyHash) === hashOf(REVOKED_KEY) ? 'KeyRevoked' : 'KeyNotFound');
    }

    async submit(request: JobRequest): Promise<Result<Job, SubmitRefusal>> {
        this.enter('submit');
        this.requests.push(request);
        if (this.refuses !== undefined) return err(this.refuses);
        const { market } = this;
        const payer = { kind: 'ApiKey', keyHash: request.keyHash } as const;
        const { inputReference: reference } = request;
        const input = reference === undefined ? request.input : encodeInputReference(reference);
        const isByReference = reference !== undefined;
        const submission = { ...request, input, isByReference, payer, submitter: GATEWAY } as const;
        const intent = submit(market.book, submission, market.nowNs);
        if (!intent.ok) return err({ code: intent.error.kind, retryAfterMs: 1_000 });
        if (intent.value.kind === 'Ask') {
            const answer =
                intent.value.request.maxCredits <= this.credits
                    ? ({ kind: 'Held', owner: toHex(request.keyHash) === hashOf(OTHER_KEY) ? BOB : ALICE } as const)
                    : ({ kind: 'Refused', error: { kind: 'InsufficientCredits', available: this.credits } } as const);
            const opened = settleOpening(market.book, intent.value.request, answer, market.nowNs);
            if (!opened.ok) return err({ code: opened.error.kind });
        }
        await this.answersAfter.submit;
        if (this.loseAnswers > 0) {
            this.loseAnswers--;
            throw new PortUnavailable('submit_job', 'lost');
        }
        const jobId = intent.value.kind === 'Known' ? intent.value.job.id : intent.value.request.requestId;
        const view = this.view(jobId);
        if (view === undefined) throw new PortUnavailable('submit_job', 'vanished');
        return ok(view);
    }

    async get(jobId: bigint): Promise<Job | undefined> {
        this.enter('get');
        if (this.node !== 'idle') this.work();
        return this.view(jobId);
    }

    async cancel(jobId: bigint): Promise<void> {
        this.enter('cancel');
        const { book, nowNs } = this.market;
        cancel(book, jobId, GATEWAY, nowNs);
        // The node that runs it, if one does, hears of it at once here, and has done nothing.
        const lease = book.get(jobId)?.lease;
        if (lease !== undefined) heartbeat(book, lease.node, [{ jobId, token: lease.token, units: 0n }], nowNs);
    }

    async find(keyHash: Uint8Array, idempotencyKey: string): Promise<Job | undefined> {
        this.enter('find');
        const job = findJob(this.market.book, { kind: 'ApiKey', keyHash }, idempotencyKey);
        return job === undefined ? undefined : this.view(job.id);
    }

    async list(owner: string, start: bigint, take: bigint): Promise<readonly Job[]> {
        this.enter('list');
        const jobs = listJobsOf(this.market.book, GATEWAY, Principal.fromText(owner), start, take);
        return jobs.flatMap(({ id }) => this.view(id) ?? []);
    }

    async isAttached(node: string): Promise<boolean> {
        this.enter('isAttached');
        return this.market.book.tables.attachments.get(Principal.fromText(node)) !== undefined;
    }

    async announce(url: string): Promise<boolean> {
        this.enter('announce');
        return setGatewayUrl(this.market.book.tables, GATEWAY, url).ok;
    }

    async listModels() {
        this.enter('listModels');
        await this.answersAfter.listModels;
        const { appIds, appsById } = this.market.book.tables;
        const apps = Array.from({ length: Number(appIds.length()) }, (_, index) => appIds.get(BigInt(index)) ?? '');
        return apps.flatMap((appId) => {
            const app = appsById.get(appId);
            return app === undefined ? [] : [{ ...app, registeredAtMs: Number(app.registeredAtNs / 1_000_000n) }];
        });
    }

    state(jobId: bigint): string | undefined {
        return this.market.book.get(jobId)?.state.kind;
    }

    lastId(): bigint {
        return this.market.book.tables.nextJobId.get() - 1n;
    }

    private work(): void {
        for (const job of this.market.claim(NODE_A, 8)) {
            const input = decodeEmbeddingInput(this.market.book.tables.inputs.get(job.id) ?? new Uint8Array());
            if (typeof this.node === 'object') {
                this.market.fail(job, this.node.fails, false);
            } else if (input.ok) {
                const embeddings = input.value.input.map((text) => encodeVector([text.length, 0.5, -1]));
                const output = encodeEmbeddingOutput({ embeddings, promptTokens: 4 });
                const outputHash = Uint8Array.from(createHash('sha256').update(output).digest());
                const units = BigInt(embeddings.length);
                this.market.complete(job, { output, outputHash, units, modelHash: MODEL_HASH });
            }
        }
    }

    private view(jobId: bigint): Job | undefined {
        const { book, nowNs } = this.market;
        const job = book.get(jobId);
        if (job === undefined) return undefined;
        const { kind } = job.state;
        const { lease } = job;
        return {
            jobId,
            appId: job.appId,
            owner: (job.owner ?? job.submitter).toText(),
            attempt: job.attempt,
            details: book.tables.details.get(jobId),
            leaseHash: kind === 'Leased' && lease && job.ackHash ? leaseHash({ jobId, ...lease }) : undefined,
            createdAtMs: Number(job.createdAtNs / 1_000_000n),
            finishedAtMs: isTerminal(job.state) ? Number(job.state.finishedAtNs / 1_000_000n) : undefined,
            state: kind === 'Opening' || kind === 'Waiting' ? 'Queued' : kind,
            output: book.tables.outputs.get(jobId),
            outputHash: job.state.kind === 'Completed' ? job.state.outputHash : undefined,
            error: job.state.kind === 'Failed' ? job.state.code : undefined,
            whyNot: whyNot(book, job, nowNs)
        };
    }

    private enter(name: keyof JobPort | 'check'): void {
        const left = this.outages[name] ?? 0;
        if (left <= 0) return;
        this.outages[name] = left - 1;
        throw new PortUnavailable(name, 'outage');
    }
}

function hashOf(key: string): string {
    return createHash('sha256').update(key).digest('hex');
}

export const CANISTER = 'rrkah-fqaaa-aaaaa-aaaaq-cai';

/** A gateway on a free port before a fake network; `log` keeps its lines. */
export async function startOn(
    network: FakeNetwork,
    changes: Partial<GatewayConfigInput> = {},
    sessions?: GatewayParts['sessions']
): Promise<RunningGateway & { readonly log: string[] }> {
    const log: string[] = [];
    const config = parseGatewayConfig({
        network: { host: 'http://127.0.0.1:1' },
        canisters: { compute_gateway: CANISTER, hub: CANISTER },
        keyFile: 'unused',
        port: 0,
        journalFile: false,
        poll: { minMs: 20, maxMs: 40 },
        ...changes
    });
    const logger = pino({ level: 'info' }, { write: (line: string) => void log.push(line) });
    const gateway = await listen({ config, jobs: network, keys: network, log: logger, sessions });
    return { ...gateway, log };
}

/** Waits until the condition holds; the test's own timeout ends a wait for what never comes. */
export async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
