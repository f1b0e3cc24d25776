import { errorText } from '../client/error_text';
import { createHash } from 'node:crypto';
import { nextPauseMs, sleep } from '../client/wait';
import { unitsOf } from '../core/compute/units';
import { err, ok, type Result } from '../core/result';
import { PortUnavailable, type App, type Backend, type Completion, type Failure, type JobSource } from './ports';
import type { LeasedJob, Log, Refusal } from './ports';

/** An app and what runs it. */
export interface ServedApp {
    readonly app: App;
    readonly backend: Backend;
}

/** Results larger than this do not fit the canister (compute.md §5.5). */
const MAX_OUTPUT_BYTES = 1_048_576;
const RETRY = { minMs: 200, maxMs: 5_000, factor: 2 };
/** A completion is worth many tries: the work is done, and a repeated completion changes nothing. */
const REPORT_TRIES = 8;

/** Runs one job on its backend and reports the outcome. */
export class JobRunner {
    constructor(
        private readonly source: JobSource,
        private readonly apps: ReadonlyMap<string, ServedApp>,
        private readonly log: Log
    ) {}

    /** Never throws. A job whose lease is lost is not reported: it is somebody else's now. */
    async run(job: LeasedJob, signal: AbortSignal): Promise<void> {
        const startedAtMs = performance.now();
        const outcome = await this.execute(job, signal);
        if (signal.aborted && signal.reason !== 'shutdown') return;
        const reported = await this.report(job, outcome);
        this.log.info(
            {
                job_id: `${job.jobId}`,
                attempt: job.attempt,
                app_id: job.appId,
                ms: Math.round(performance.now() - startedAtMs),
                units: outcome.ok ? `${outcome.value.units}` : undefined,
                outcome: outcome.ok ? 'completed' : outcome.error.code,
                reported
            },
            'job_finished'
        );
    }

    private async execute(job: LeasedJob, signal: AbortSignal): Promise<Result<Completion, Failure>> {
        const served = this.apps.get(job.appId);
        if (served === undefined) return err({ code: 'app_not_served', retryable: true });
        try {
            const result = await served.backend.run(job.input, signal);
            if (signal.aborted) return err({ code: 'shutdown', retryable: true });
            return result.ok ? toCompletion(job, served, result.value) : result;
        } catch (failure) {
            this.log.error(
                { job_id: `${job.jobId}`, backend: served.backend.name, error: errorText(failure) },
                'backend_broke'
            );
            return err({ code: 'backend_error', retryable: true });
        }
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

    private send(job: LeasedJob, outcome: Result<Completion, Failure>): Promise<Result<void, Refusal>> {
        return outcome.ok ? this.source.complete(job, outcome.value) : this.source.fail(job, outcome.error);
    }
}

function toCompletion(
    job: LeasedJob,
    { app, backend }: ServedApp,
    result: { readonly output: Uint8Array; readonly tokens: number; readonly inputs: number }
): Result<Completion, Failure> {
    const units = unitsOf(app.unit, result);
    if (units > job.maxUnits) return err({ code: 'max_units_exceeded', retryable: false });
    if (result.output.length > MAX_OUTPUT_BYTES) return err({ code: 'output_too_large', retryable: false });
    const outputHash = Uint8Array.from(createHash('sha256').update(result.output).digest());
    return ok({ output: result.output, outputHash, units, modelHash: backend.modelHash ?? app.modelHash });
}
