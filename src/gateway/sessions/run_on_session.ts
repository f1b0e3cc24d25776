import { decodeTextOutput } from '../../core/compute/text_output';
import { unitsOf } from '../../core/compute/units';
import { err, ok, type Result } from '../../core/result';
import type { DirectResult } from '../delivery/live_result';
import type { Order } from '../http/endpoint';
import { deadlineExceeded, failedWith, interrupted, type ApiError } from '../http/errors';
import { OWN_KEY_PREFIX } from '../journal/job_debts';
import type { Origin } from '../origin';
import type { Model } from '../ports';
import type { ClientGone, FinishedJob } from '../run_job';
import type { CallFailure } from './session_line';
import type { SessionPool } from './session_pool';

export interface SessionOptions {
    readonly limitMs: number;
    onOrigin?(origin: Origin): void;
    onText?(text: string): void;
}

/**
 * Answers a request by a session, where its key has one. Undefined when there is none, or when it failed before anything was
 * heard: then a job does it. A request with an Idempotency-Key of its client is always a job, since sessions forget.
 */
export async function runOnSession(
    sessions: SessionPool | undefined,
    { ask, job, model, maxUnits }: Order,
    options: SessionOptions,
    signal: AbortSignal
): Promise<Result<FinishedJob, ApiError | ClientGone> | undefined> {
    if (sessions === undefined || !ask.wantsSession || !job.idempotencyKey.startsWith(OWN_KEY_PREFIX)) return undefined;
    const found = sessions.find({ keyHash: job.keyHash, model }, maxUnits);
    if (found === undefined) return undefined;
    const origin: Origin = { kind: 'session', sessionId: found.id, call: found.line.nextId };
    let hasSpoken = false;
    const onText = (text: string): void => {
        if (!hasSpoken) options.onOrigin?.(origin);
        hasSpoken = true;
        options.onText?.(text);
    };
    const result = await found.line.call(job.input, {
        maxUnits,
        unitsOf: (output) => textUnits(model, output),
        onText: options.onText && onText,
        signal,
        limitMs: options.limitMs
    });
    if (!result.ok) return failureOf(result.error, hasSpoken, signal);
    if (!hasSpoken) options.onOrigin?.(origin);
    return ok({ ...result.value, origin });
}

/** What a text costs, by what the node says of it. */
function textUnits({ unit }: Model, { output, details }: DirectResult): bigint | undefined {
    const text = details && decodeTextOutput({ output, details });
    return text?.ok
        ? unitsOf(unit, { tokens: text.value.promptTokens + text.value.completionTokens, inputs: 1 })
        : undefined;
}

function failureOf(
    failure: CallFailure,
    hasSpoken: boolean,
    client: AbortSignal
): Result<never, ApiError | ClientGone> | undefined {
    switch (failure.kind) {
        case 'left':
            return err(client.aborted ? 'client_gone' : deadlineExceeded());
        case 'lost':
            return hasSpoken ? err(interrupted()) : undefined;
        case 'failed':
            if (hasSpoken) return err(interrupted());
            return failure.retryable ? undefined : err(failedWith(failure.code));
    }
}
