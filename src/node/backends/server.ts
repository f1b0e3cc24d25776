import type { IncomingMessage } from 'node:http';
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleType } from 'cockatiel';
import { jitteredMs, nextPauseMs, sleep } from '../../client/wait';
import { err, ok, type Result } from '../../core/result';
import { LATE, type Failure } from '../ports';
import { httpPost } from './http_post';
import { Places } from './places';

export interface ServerOptions {
    /** With the version, such as http://127.0.0.1:11434/v1; without a slash at the end. */
    readonly baseUrl: string;
    readonly apiKey?: string;
    /** From request to the end of the answer; absent: as long as the app lets a job run. */
    readonly timeoutMs?: number;
    /** Longest silence within an answer. */
    readonly idleMs: number;
    /** Requests that the server is given at a time. */
    readonly slots: number;
    /** Failures in a row after which the server is left alone, and for how long. */
    readonly breaker: { readonly failures: number; readonly restMs: number };
    readonly retry: { readonly tries: number; readonly minMs: number; readonly maxMs: number };
    /** Hears why a request is sent again: a failure's code. */
    readonly onRetry?: (cause: string) => void;
}

/**
 * What a reader thinks of a body after a piece of it: there is more to come, nothing that follows matters, or it is not what
 * it should be.
 */
export type Verdict = 'more' | 'enough' | 'bad';

/** An answer whose body is read once. */
export interface ServerAnswer {
    /**
     * Hands the body's pieces over until it ends or `take` wants no more; whether it has ended.
     * @throws whatever ends the body early; {@link failureOfBody} names it.
     */
    read(take: (piece: Uint8Array) => Verdict): Promise<'ended' | 'left'>;
}

/** Counts against the server: it is not reachable or not working. */
class ServerDown extends Error {
    constructor(readonly failure: Failure) {
        super(failure.code);
        this.name = 'ServerDown';
    }
}

/** The connection has closed within the body. */
class BodyCut extends Error {
    constructor() {
        super('the connection was closed');
        this.name = 'BodyCut';
    }
}

/** The body made no progress for too long. */
class BodyStalled extends Error {
    constructor() {
        super('no byte came in time');
        this.name = 'BodyStalled';
    }
}

/** What a server may answer when it is overloaded or away; only these are asked again (compute.md §5.10). */
const RETRIED_STATUS = new Set([429, 502, 503, 504]);
const MAX_RETRY_AFTER_MS = 5_000;
/** What the server finds wrong with the request would be wrong elsewhere as well; that it has not got the model (404) would not. */
const FINAL_STATUS = new Set([400, 413, 422]);
const CONNECT_CODES = new Set([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ETIMEDOUT'
]);

/** Makes a result of an answer. */
type ReadAnswer<T> = (answer: ServerAnswer) => Promise<Result<T, Failure>>;

type Attempt = Result<IncomingMessage, Failure & { readonly waitMs?: number; readonly again: boolean }>;

/**
 * One AI server over HTTP: so many requests at a time, whoever comes without asking for {@link room} waits; retries before the
 * first byte of an answer, a circuit breaker, time limits, and the closing of the socket when a job is lost.
 */
export class BackendServer {
    private readonly places: Places;
    /** Requests that run, or wait for a place. */
    private inFlight = 0;
    private readonly policy;
    private restsUntilMs = -Infinity;

    constructor(readonly options: ServerOptions) {
        this.places = new Places(options.slots);
        const { failures, restMs } = options.breaker;
        this.policy = circuitBreaker(handleType(ServerDown), {
            halfOpenAfter: restMs,
            breaker: new ConsecutiveBreaker(failures)
        });
        // By the clock that the breaker goes by: what it refuses must not have been claimed.
        this.policy.onBreak(() => (this.restsUntilMs = Date.now() + restMs));
    }

    /** Requests that it may be given now; one, that shows whether it works again, after it has rested. */
    get room(): number {
        if (this.isResting) return 0;
        const slots = this.policy.state === CircuitState.Closed ? this.options.slots : 1;
        return Math.max(0, slots - this.inFlight);
    }

    /** Whether the circuit breaker keeps requests away. It stays open until a request comes after the rest: that one must come. */
    get isResting(): boolean {
        return this.policy.state === CircuitState.Open && Date.now() < this.restsUntilMs;
    }

    /**
     * Posts JSON and gives the answer to `read`, whose own failures are the body's. While `read` runs the request counts
     * as in flight.
     */
    async post<T>(path: string, body: object, signal: AbortSignal, read: ReadAnswer<T>): Promise<Result<T, Failure>> {
        this.inFlight++;
        try {
            if (!(await this.places.enter(signal))) return err(ABORTED);
            try {
                return await this.posted(path, body, signal, read);
            } finally {
                this.places.leave();
            }
        } finally {
            this.inFlight--;
        }
    }

    private async posted<T>(
        path: string,
        body: object,
        signal: AbortSignal,
        read: ReadAnswer<T>
    ): Promise<Result<T, Failure>> {
        // One controller and one timer: AbortSignal.any and AbortSignal.timeout cost more than the rest of a call.
        const end = new AbortController();
        const abort = (): void => end.abort(signal.reason);
        const { timeoutMs } = this.options;
        const limit = timeoutMs === undefined ? undefined : setTimeout(() => end.abort(LATE), timeoutMs).unref();
        signal.addEventListener('abort', abort, { once: true });
        if (signal.aborted) abort();
        const nameOf = (failure: Failure): Failure =>
            signal.aborted ? ABORTED : end.signal.reason === LATE ? TIMEOUT : failure;
        try {
            const answer = await this.answered(path, body, end.signal);
            if (!answer.ok) return err(nameOf(answer.error));
            return await read({ read: (take) => readBody(answer.value, this.options.idleMs, take) });
        } catch (failure) {
            return err(nameOf(failureOfBody(failure)));
        } finally {
            clearTimeout(limit);
            signal.removeEventListener('abort', abort);
        }
    }

    private async answered(path: string, body: object, signal: AbortSignal): Promise<Result<IncomingMessage, Failure>> {
        const { tries, minMs, maxMs } = this.options.retry;
        let pauseMs: number | undefined;
        let asked: Failure | undefined;
        for (let left = tries; ; left--) {
            const attempt = await this.guarded(path, body, signal);
            if (attempt.ok) return attempt;
            // What the server said when it was asked counts more than that it is not asked again.
            if (attempt.error.code === RESTING.code) return err(asked ?? RESTING);
            const { code, retryable, again, waitMs } = attempt.error;
            asked = { code, retryable };
            if (!again || left <= 1 || signal.aborted) return err(asked);
            this.options.onRetry?.(code);
            pauseMs = nextPauseMs({ minMs, maxMs, factor: 2 }, pauseMs);
            await sleep(Math.max(waitMs ?? 0, jitteredMs(pauseMs, Math.random())), signal);
        }
    }

    /** One attempt, unless the breaker is open. */
    private async guarded(path: string, body: object, signal: AbortSignal): Promise<Attempt> {
        try {
            return await this.policy.execute(async () => {
                const attempt = await this.attempt(path, body, signal);
                if (!attempt.ok && countsAgainst(attempt.error.again, signal)) throw new ServerDown(attempt.error);
                return attempt;
            });
        } catch (failure) {
            if (failure instanceof ServerDown) return err({ ...failure.failure, again: !signal.aborted });
            if (failure instanceof BrokenCircuitError) return err({ ...RESTING, again: false });
            throw failure;
        }
    }

    private async attempt(path: string, body: object, signal: AbortSignal): Promise<Attempt> {
        try {
            const url = `${this.options.baseUrl}${path}`;
            const response = await httpPost(url, this.headers(), JSON.stringify(body), signal);
            const { statusCode: status = 0 } = response;
            if (status >= 200 && status < 300) return ok(response);
            response.destroy();
            return err({ ...failureOfStatus(status, response), again: RETRIED_STATUS.has(status) });
        } catch (failure) {
            return err({ ...UNREACHABLE, again: CONNECT_CODES.has(codeOf(failure)) });
        }
    }

    /** Headers of every request. */
    headers(): Record<string, string> {
        const { apiKey } = this.options;
        const headers = { 'content-type': 'application/json' };
        return apiKey === undefined ? headers : { ...headers, authorization: `Bearer ${apiKey}` };
    }
}

/** A server that lets a request's whole time pass is as bad as one that is not there; a lost lease is not its fault. */
function countsAgainst(again: boolean, signal: AbortSignal): boolean {
    return signal.aborted ? signal.reason === LATE : again;
}

const ABORTED: Failure = { code: 'aborted', retryable: true };
const TIMEOUT: Failure = { code: 'backend_timeout', retryable: true };
const UNREACHABLE: Failure = { code: 'backend_unreachable', retryable: true };
/** The server was not asked: the job has lost nothing but time. */
const RESTING: Failure = { code: 'backend_resting', retryable: true, isBlameless: true };
export const MALFORMED: Failure = { code: 'backend_malformed', retryable: true };

function failureOfBody(failure: unknown): Failure {
    return { code: failure instanceof BodyStalled ? 'backend_stalled' : 'backend_interrupted', retryable: true };
}

function failureOfStatus(status: number, { headers }: IncomingMessage): Failure & { waitMs?: number } {
    if (FINAL_STATUS.has(status)) return { code: `backend_refused_${status}`, retryable: false };
    const seconds = Number(headers['retry-after'] ?? Number.NaN);
    const waitMs = Number.isFinite(seconds) ? Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) : undefined;
    return { code: `backend_${status}`, retryable: true, waitMs };
}

function codeOf(failure: unknown): string {
    return failure instanceof Error && 'code' in failure ? String(failure.code) : '';
}

/** How long a server may take to end a body of which everything is known: then its connection can serve the next request. */
const ENDING_MS = 500;

function readBody(
    response: IncomingMessage,
    idleMs: number,
    take: (piece: Uint8Array) => Verdict
): Promise<'ended' | 'left'> {
    return new Promise((resolve, reject) => {
        const silence = setTimeout(() => response.destroy(new BodyStalled()), idleMs);
        const hear = (piece: Uint8Array): void => {
            silence.refresh();
            const verdict = verdictOn(piece, take, reject);
            if (verdict === 'more') return;
            response.off('data', hear);
            clearTimeout(silence);
            resolve('left');
            if (verdict === 'bad') response.destroy();
            else letEnd(response);
        };
        response.on('data', hear);
        response.once('end', () => resolve('ended'));
        response.on('error', reject);
        response.once('close', () => {
            clearTimeout(silence);
            // Most have ended by then: an error for each, with its stack, costs more than reading the body.
            if (!response.readableEnded) reject(new BodyCut());
        });
    });
}

function verdictOn(
    piece: Uint8Array,
    take: (piece: Uint8Array) => Verdict,
    reject: (failure: unknown) => void
): Verdict {
    try {
        return take(piece);
    } catch (failure) {
        reject(failure);
        return 'bad';
    }
}

/** Nobody reads what is left. */
function letEnd(response: IncomingMessage): void {
    if (response.readableEnded) return;
    const late = setTimeout(() => response.destroy(), ENDING_MS).unref();
    response.once('close', () => clearTimeout(late)).resume();
}

/** Largest JSON answer that is read: more than any job may hold. */
const MAX_JSON_BYTES = 32 * 1_048_576;

/** The whole body as JSON. */
export async function readJson(answer: ServerAnswer): Promise<Result<unknown, Failure>> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    const read = await answer.read((piece) => {
        length += piece.length;
        pieces.push(piece);
        return length > MAX_JSON_BYTES ? 'bad' : 'more';
    });
    if (read === 'left') return err({ code: 'output_too_large', retryable: false });
    try {
        return ok(JSON.parse(Buffer.concat(pieces).toString('utf8')));
    } catch {
        return err(MALFORMED);
    }
}
