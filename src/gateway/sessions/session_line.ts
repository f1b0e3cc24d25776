import { fromHex } from '../../core/bytes';
import type { GatewayFrame, NodeFrame } from '../../core/compute/session_wire';
import { MAX_SESSION_CALLS } from '../../core/compute/session_wire';
import { err, ok, type Result } from '../../core/result';
import { LiveResult, type DirectResult, type Intake } from '../delivery/live_result';
import type { ReceiptBook } from './receipt_book';

/** A call's result and what it costs. */
export interface SessionResult extends DirectResult {
    readonly units: bigint;
}

/** Why a call brought nothing. */
export type CallFailure =
    /** The node or the line to it is gone, or it does not work as agreed. */
    | { readonly kind: 'lost' }
    /** The node says no. */
    | { readonly kind: 'failed'; readonly code: string; readonly retryable: boolean }
    | { readonly kind: 'left' };

export interface CallOptions {
    /** What the call may cost. */
    readonly maxUnits: bigint;
    /** What a result costs by the app's own unit: the node's word is checked against it. */
    unitsOf(result: DirectResult): bigint | undefined;
    onText?(text: string): void;
    /** Aborted when the client leaves. */
    readonly signal: AbortSignal;
    /** How long the client waits at most. */
    readonly limitMs: number;
}

interface OpenCall {
    readonly live: LiveResult;
    readonly intake: Intake;
    readonly options: CallOptions;
    settle(result: Result<SessionResult, CallFailure>): void;
}

/** Closes an output; the intake has compared its hash with the output's own. */
type EndFrame = Extract<NodeFrame, { readonly kind: 'end' }>;

/** Largest result of one call. */
const LIMITS = { maxBytes: 16 * 1_048_576 };

/** How long a node may take to end a call that was called off: one that does not would be asked again and again. */
const CANCEL_MS = 10_000;

/** How long results gather before one signature covers them. */
const SIGN_MS = 20;

/**
 * The gateway's end of the line to the node that holds a session: calls go out by number, results come back mingled. What
 * has arrived whole is entered in the book and signed for; a node whose result or price is not what it should be is dropped.
 */
export class SessionLine {
    private readonly open = new Map<number, OpenCall>();
    private readonly end = new AbortController();
    private reserved = 0n;
    private signing: NodeJS.Timeout | undefined;

    constructor(
        private readonly book: ReceiptBook,
        private readonly send: (frame: GatewayFrame) => void,
        knownCalls: number
    ) {
        book.resume(knownCalls);
        send(book.signWhole());
    }

    /** Aborted when nothing goes through any more. */
    get closed(): AbortSignal {
        return this.end.signal;
    }

    /** Number of the next call. */
    get nextId(): number {
        return this.book.nextId;
    }

    get inFlight(): number {
        return this.open.size;
    }

    /** Units that calls under way may still come to. */
    get reservedUnits(): bigint {
        return this.reserved;
    }

    get isFull(): boolean {
        return this.open.size >= MAX_SESSION_CALLS;
    }

    /**
     * Runs one call. Never throws. When its client leaves, the node is told, and ends it with what there is by then: that
     * much is signed for.
     */
    call(input: Uint8Array, options: CallOptions): Promise<Result<SessionResult, CallFailure>> {
        if (this.closed.aborted) return Promise.resolve(err({ kind: 'lost' }));
        const id = this.book.issueId();
        const live = new LiveResult();
        const intake = live.intake(1, LIMITS);
        if (intake === undefined) return Promise.resolve(err({ kind: 'lost' }));
        if (options.onText !== undefined) live.listen(options.onText);
        return new Promise((resolve) => {
            if (options.signal.aborted) return resolve(err({ kind: 'left' }));
            const answer = (result: Result<SessionResult, CallFailure>): void => {
                clearTimeout(limit);
                options.signal.removeEventListener('abort', leave);
                resolve(result);
            };
            let late: NodeJS.Timeout | undefined;
            const leave = (): void => {
                this.send({ kind: 'cancel', id });
                late = setTimeout(() => this.drop(), CANCEL_MS).unref();
                answer(err({ kind: 'left' }));
            };
            const limit = setTimeout(leave, options.limitMs).unref();
            const settle = (result: Result<SessionResult, CallFailure>): void => {
                if (!this.open.delete(id)) return;
                clearTimeout(late);
                this.reserved -= options.maxUnits;
                answer(result);
            };
            this.open.set(id, { live, intake, options, settle });
            this.reserved += options.maxUnits;
            options.signal.addEventListener('abort', leave, { once: true });
            const text = Buffer.from(input).toString('utf8');
            const whole = options.onText === undefined ? true : undefined;
            this.send({ kind: 'call', id, input: text, maxUnits: `${options.maxUnits}`, whole });
        });
    }

    /** Takes what the node says; whether it may go on. */
    take(frame: NodeFrame): boolean {
        const call = this.open.get(frame.id);
        if (call === undefined) return this.drop();
        if (frame.kind === 'failed') {
            call.settle(err({ kind: 'failed', code: frame.code, retryable: frame.retryable }));
            return true;
        }
        const taken = call.intake.take(frame);
        if (!taken.ok) return this.drop();
        if (frame.kind !== 'end') return true;
        return this.complete(frame, call) || this.drop();
    }

    /** Nothing comes any more: calls that are under way are lost. */
    close(): void {
        if (this.closed.aborted) return;
        this.flush();
        this.end.abort();
        for (const { settle } of [...this.open.values()]) settle(err({ kind: 'lost' }));
    }

    private complete({ id, units, outputHash: hash }: EndFrame, { live, options, settle }: OpenCall): boolean {
        const { finished } = live;
        if (finished === undefined) return false;
        const used = options.unitsOf(finished);
        if (used === undefined) return false;
        const owed = used < options.maxUnits ? used : options.maxUnits;
        if (`${owed}` !== units) return false;
        const outputHash = fromHex(hash);
        if (outputHash === undefined) return false;
        this.book.add(id, { outputHash, units: owed });
        this.signing ??= setTimeout(() => this.flush(), SIGN_MS);
        settle(ok({ ...finished, units: owed }));
        return true;
    }

    private flush(): void {
        clearTimeout(this.signing);
        this.signing = undefined;
        if (this.book.hasUnsigned && !this.closed.aborted) this.send(this.book.sign());
    }

    private drop(): false {
        this.close();
        return false;
    }
}
