import { createHash } from 'node:crypto';
import { errorText } from '../client/error_text';
import { nextPauseMs, sleep } from '../client/wait';
import { minAmount } from '../core/amount';
import { unitsOf } from '../core/compute/units';
import { err, ok, type Result } from '../core/result';
import { inputOf, type FetchInput } from './input';
import type { NodeMetrics } from './metrics';
import {
    LATE,
    PortUnavailable,
    runLimitMs,
    type App,
    type Backend,
    type BackendResult,
    type Completion
} from './ports';
import type { Delivery, Failure, JobSource, LeasedJob, Log, OpenDelivery, Refusal, Task } from './ports';

/** An app and what runs it. */
export interface ServedApp {
    readonly app: App;
    readonly backend: Backend;
}

/** Results larger than this do not fit the canister (compute.md §5.5). */
const MAX_OUTPUT_BYTES = 1_048_576;
const RETRY = { minMs: 200, maxMs: 5_000, factor: 2 };
const TOO_LARGE: Failure = { code: 'output_too_large', retryable: false };
const INTERRUPTED: Failure = { code: 'shutdown', retryable: true, isBlameless: true };
/** Another node may be quicker. */
const OVERDUE: Failure = { code: 'exec_limit', retryable: true };
/** How long a gateway may be away. */
const REDELIVERY_MS = 60_000;
/** A completion is worth many tries: the work is done, and a repeated completion changes nothing. */
const REPORT_TRIES = 8;

/**
 * Where nobody waits for a result any more, the gateway calls the job off: the next heartbeat hears of it, and tells what was
 * done. A gateway that has died calls nothing off: then the job is given back.
 */
const CALLED_OFF_MS = 15_000;

/** What a runner works with besides its apps. */
export interface RunnerParts {
    readonly source: JobSource;
    readonly log: Log;
    readonly openDelivery?: OpenDelivery;
    readonly metrics?: NodeMetrics;
    /** Gets inputs that are kept elsewhere. */
    readonly fetchInput?: FetchInput;
}

/** What a job runs with besides its lease. */
interface Run {
    readonly delivery: Delivery | undefined;
    /** Aborted when the lease is lost. */
    readonly signal: AbortSignal;
    /** Hears what was done so far. */
    onUnits?(units: bigint): void;
}

/** Runs one job on its backend and reports the outcome. */
export class JobRunner {
    constructor(
        private readonly apps: ReadonlyMap<string, ServedApp>,
        private readonly parts: RunnerParts
    ) {}

    /** Never throws. A job whose lease is lost, or that nobody waits for, is not reported. */
    async run(job: LeasedJob, signal: AbortSignal, onUnits?: (units: bigint) => void): Promise<void> {
        const startedAtMs = performance.now();
        const delivery = this.deliveryOf(job);
        const outcome = await this.execute(job, { delivery, signal, onUnits });
        if (!outcome.ok) delivery?.abort();
        if (delivery?.gone.aborted) await sleep(CALLED_OFF_MS, signal);
        const isMine = !signal.aborted || signal.reason === 'shutdown';
        const reported = isMine ? await this.report(job, outcome) : 'not_ours';
        this.account(job, outcome, reported, performance.now() - startedAtMs);
    }

    private deliveryOf(job: LeasedJob): Delivery | undefined {
        const { replyUrl } = job;
        return replyUrl === undefined ? undefined : this.parts.openDelivery?.({ ...job, replyUrl });
    }

    private async execute(job: LeasedJob, run: Run): Promise<Result<Completion, Failure>> {
        const { delivery, signal } = run;
        const served = this.apps.get(job.appId);
        if (served === undefined) return err({ code: 'app_not_served', retryable: true });
        const late = new AbortController();
        const limit = setTimeout(() => late.abort(LATE), runLimitMs(served.app)).unref();
        const ends = [signal, late.signal];
        const either = AbortSignal.any(delivery === undefined ? ends : [...ends, delivery.gone]);
        try {
            const input = await inputOf(job, this.parts.fetchInput, either);
            if (!input.ok) return input;
            const task = taskOf(job, input.value, served, run);
            const result = await served.backend.run(task, either);
            if (either.aborted) return err(either.reason === LATE ? OVERDUE : INTERRUPTED);
            if (!result.ok) return result;
            const completion = toCompletion(job, served, result.value);
            return completion.ok ? await this.delivered(job, completion.value, result.value, run) : completion;
        } catch (failure) {
            const names = { job_id: `${job.jobId}`, backend: served.backend.name, error: errorText(failure) };
            this.parts.log.error(names, 'backend_broke');
            return err({ code: 'backend_error', retryable: true });
        } finally {
            clearTimeout(limit);
        }
    }

    /** Hands the result to whoever waits for it; what is not taken there must fit the canister. */
    private async delivered(
        job: LeasedJob,
        completion: Completion,
        result: BackendResult,
        { delivery, signal }: Run
    ): Promise<Result<Completion, Failure>> {
        const ack = await delivery?.finish(result);
        if (ack !== undefined || completion.output.length <= MAX_OUTPUT_BYTES) return ok({ ...completion, ack });
        const late = delivery === undefined ? undefined : await this.redelivered(job, result, signal);
        return late === undefined ? err(TOO_LARGE) : ok({ ...completion, ack: late });
    }

    /** A gateway that is being restarted takes a result later; there is no other way for one that no message can hold. */
    private async redelivered(
        job: LeasedJob,
        result: BackendResult,
        signal: AbortSignal
    ): Promise<Uint8Array | undefined> {
        const limitMs = performance.now() + REDELIVERY_MS;
        let pauseMs: number | undefined;
        while (performance.now() < limitMs && !signal.aborted) {
            pauseMs = nextPauseMs(RETRY, pauseMs);
            await sleep(pauseMs, signal);
            const delivery = this.deliveryOf(job);
            const ack = await delivery?.finish(result);
            if (ack !== undefined || delivery?.gone.aborted) return ack;
        }
        return undefined;
    }

    /** The code of the canister's answer. */
    private async report(job: LeasedJob, outcome: Result<Completion, Failure>): Promise<string> {
        let pauseMs: number | undefined;
        for (let tries = REPORT_TRIES; tries > 0; tries--) {
            try {
                const answer = await this.send(job, outcome);
                return answer.ok ? 'ok' : answer.error.code;
            } catch (failure) {
                if (!(failure instanceof PortUnavailable)) throw failure;
                pauseMs = nextPauseMs(RETRY, pauseMs);
                await sleep(pauseMs);
            }
        }
        return 'unreachable';
    }

    /** An acknowledgement that the canister does not know, since the gateway was restarted, is made up for by the output. */
    private async send(job: LeasedJob, outcome: Result<Completion, Failure>): Promise<Result<void, Refusal>> {
        const { source } = this.parts;
        if (!outcome.ok) return source.fail(job, outcome.error);
        const answer = await source.complete(job, outcome.value);
        const isUnknown = !answer.ok && answer.error.code === 'BadReceipt' && outcome.value.ack !== undefined;
        return isUnknown ? source.complete(job, { ...outcome.value, ack: undefined }) : answer;
    }

    private account(job: LeasedJob, outcome: Result<Completion, Failure>, reported: string, ms: number): void {
        const code = outcome.ok ? 'completed' : outcome.error.code;
        this.parts.metrics?.job(job.appId, code, ms / 1_000);
        this.parts.metrics?.reported(reported);
        const fields = {
            job_id: `${job.jobId}`,
            attempt: job.attempt,
            app_id: job.appId,
            ms: Math.round(ms),
            units: outcome.ok ? `${outcome.value.units}` : undefined,
            delivered: outcome.ok && job.replyUrl !== undefined ? outcome.value.ack !== undefined : undefined,
            outcome: code,
            reported
        };
        this.parts.log.info(fields, 'job_finished');
    }
}

function taskOf(job: LeasedJob, input: Uint8Array, { app }: ServedApp, { delivery, onUnits }: Run): Task {
    return {
        kind: app.kind,
        input,
        maxTokens: app.unit === 'token' ? Number(job.maxUnits) : undefined,
        onText: delivery === undefined ? undefined : (text) => delivery.text(text),
        // Only tokens are done one by one; an image or an embedding is there or it is not.
        onTokens: (tokens) => app.unit === 'token' && onUnits?.(minAmount(BigInt(tokens), job.maxUnits))
    };
}

/** Tokens are counted by the model alone, so what goes beyond the paid bound is the node's loss; other units are known before. */
function toCompletion(
    job: LeasedJob,
    { app, backend }: ServedApp,
    { output, details, tokens, inputs }: BackendResult
): Result<Completion, Failure> {
    const used = unitsOf(app.unit, { tokens, inputs });
    const isGenerated = app.unit === 'token' && app.kind !== 'Embedding';
    if (used > job.maxUnits && !isGenerated) return err({ code: 'max_units_exceeded', retryable: false });
    const units = minAmount(used, job.maxUnits);
    const outputHash = Uint8Array.from(createHash('sha256').update(output).digest());
    return ok({ output, details, outputHash, units, modelHash: backend.modelHash ?? app.modelHash });
}
