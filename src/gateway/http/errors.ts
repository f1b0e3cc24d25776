import type { Job, KeyRefusal, SubmitRefusal } from '../ports';

/** What an API call can end with besides its answer; named as the OpenAI API names them where it does. */
export type ApiErrorCode =
    | 'invalid_request'
    | 'invalid_api_key'
    | 'insufficient_credits'
    | 'model_not_allowed'
    | 'model_not_found'
    | 'unknown_url'
    | 'job_cancelled'
    | 'idempotency_conflict'
    | 'request_timeout'
    | 'payload_too_large'
    | 'headers_too_large'
    | 'unsupported_media_type'
    | 'job_failed'
    | 'rate_limit_exceeded'
    | 'busy'
    | 'market_paused'
    | 'node_failed'
    | 'unavailable'
    | 'deadline_exceeded'
    | 'stream_interrupted'
    | 'result_not_kept'
    | 'job_not_found'
    | 'internal_error';

/** HTTP status and OpenAI error type of each code (compute.md §5.10). */
const STATUS: { readonly [Code in ApiErrorCode]: readonly [number, string] } = {
    invalid_request: [400, 'invalid_request_error'],
    invalid_api_key: [401, 'invalid_request_error'],
    insufficient_credits: [402, 'insufficient_quota'],
    model_not_allowed: [403, 'invalid_request_error'],
    model_not_found: [404, 'invalid_request_error'],
    unknown_url: [404, 'invalid_request_error'],
    job_cancelled: [409, 'invalid_request_error'],
    idempotency_conflict: [409, 'idempotency_error'],
    request_timeout: [408, 'invalid_request_error'],
    payload_too_large: [413, 'invalid_request_error'],
    unsupported_media_type: [415, 'invalid_request_error'],
    headers_too_large: [431, 'invalid_request_error'],
    job_failed: [422, 'invalid_request_error'],
    rate_limit_exceeded: [429, 'rate_limit_error'],
    busy: [429, 'rate_limit_error'],
    market_paused: [503, 'server_error'],
    node_failed: [503, 'server_error'],
    unavailable: [503, 'server_error'],
    deadline_exceeded: [504, 'server_error'],
    stream_interrupted: [503, 'server_error'],
    result_not_kept: [409, 'idempotency_error'],
    job_not_found: [404, 'invalid_request_error'],
    internal_error: [500, 'server_error']
};

export interface ApiError {
    readonly code: ApiErrorCode;
    readonly message: string;
    readonly param?: string;
    readonly retryAfterMs?: number;
}

export function statusOf(error: ApiError): number {
    return STATUS[error.code][0];
}

/** The body that OpenAI clients expect of an error. */
export function errorBody(error: ApiError): object {
    const [, type] = STATUS[error.code];
    const { message, code, param, retryAfterMs } = error;
    const retryAfter = retryAfterMs === undefined ? {} : { retry_after: Math.ceil(retryAfterMs / 1_000) };
    return { error: { message, type, param: param ?? null, code, ...retryAfter } };
}

const UNAVAILABLE_RETRY_MS = 2_000;
/** A pause is for hours. */
const PAUSED_RETRY_MS = 60_000;

export function unavailable(): ApiError {
    const message = 'The network cannot be reached right now.';
    return { code: 'unavailable', message, retryAfterMs: UNAVAILABLE_RETRY_MS };
}

export function inputTooLarge(maxBytes: number): ApiError {
    const message = `The input is larger than ${maxBytes} bytes: keep it elsewhere, and name it by its SHA-256 in POST /v1/jobs.`;
    return { code: 'payload_too_large', message, param: 'input' };
}

/** One text for unknown and revoked keys: nobody learns which keys there were. */
export function fromKeyRefusal(_refusal: KeyRefusal): ApiError {
    return { code: 'invalid_api_key', message: 'Incorrect API key provided.' };
}

/** What the client has heard cannot be continued: another node says something else. */
export function interrupted(): ApiError {
    return { code: 'stream_interrupted', message: 'The node was lost in the middle of its answer.' };
}

/** A result that went to its client directly, or long ago, is nowhere any more. */
export function notKept(): ApiError {
    return { code: 'result_not_kept', message: 'The result is not kept any more.' };
}

export function jobNotFound(): ApiError {
    return { code: 'job_not_found', message: 'There is no such job.' };
}

export function modelNotFound(model: string): ApiError {
    return { code: 'model_not_found', message: `The model '${model}' does not exist.`, param: 'model' };
}

export function fromSubmitRefusal(refusal: SubmitRefusal, model: string): ApiError {
    switch (refusal.code) {
        case 'KeyNotFound':
        case 'KeyRevoked':
            return fromKeyRefusal(refusal.code);
        case 'InsufficientCredits':
            return { code: 'insufficient_credits', message: 'The account does not have enough credits.' };
        case 'KeyLimitReached':
            return { code: 'insufficient_credits', message: 'The API key has spent what it may.' };
        case 'AppNotAllowed':
            return { code: 'model_not_allowed', message: 'The API key may not use this model.', param: 'model' };
        case 'AppNotFound':
            return modelNotFound(model);
        case 'IdempotencyConflict':
            return { code: 'idempotency_conflict', message: 'The Idempotency-Key was used for another request.' };
        case 'PayloadTooLarge':
            return { code: 'payload_too_large', message: 'The input is too large for one job.', param: 'input' };
        case 'PriceTooHigh':
        case 'InvalidArgument':
            return { code: 'invalid_request', message: 'The job was not accepted as it is.' };
        case 'RateLimited': {
            const { retryAfterMs } = refusal;
            return { code: 'rate_limit_exceeded', message: 'Too many requests with this API key.', retryAfterMs };
        }
        case 'Busy':
            return { code: 'busy', message: 'The queue is full.', retryAfterMs: refusal.retryAfterMs };
        case 'Paused':
            return { code: 'market_paused', message: 'The market is paused.', retryAfterMs: PAUSED_RETRY_MS };
        case 'TemporarilyUnavailable':
        case 'Unauthorized':
        case 'Anonymous':
            return unavailable();
    }
}

/** Failures of nodes and their backends, after the last attempt: nothing is wrong with the request. */
const NODE_FAILURE = /^(backend_(?!refused)|shutdown|aborted|app_not_served)/;

/** What a node's failure means to its client. */
export function failedWith(code: string): ApiError {
    return NODE_FAILURE.test(code)
        ? { code: 'node_failed', message: `No node could run the job (${code}).`, retryAfterMs: UNAVAILABLE_RETRY_MS }
        : { code: 'job_failed', message: `The job failed: ${code}.` };
}

/** The error of a job that ended without a result; undefined while it runs and when it completed. */
export function fromJob(job: Job): ApiError | undefined {
    switch (job.state) {
        case 'Queued':
        case 'Leased':
        case 'Completed':
            return undefined;
        case 'Failed':
            return failedWith(job.error ?? 'unknown');
        case 'TimedOut':
        case 'Expired':
            return deadlineExceeded(job);
        case 'Cancelling':
        case 'Cancelled':
            return { code: 'job_cancelled', message: 'The job was cancelled.' };
    }
}

export function deadlineExceeded(job?: Job): ApiError {
    const reason = job?.whyNot === undefined ? '' : ` (${job.whyNot})`;
    return { code: 'deadline_exceeded', message: `The job did not finish in time${reason}.` };
}
