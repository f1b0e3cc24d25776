import { createHash } from 'node:crypto';
import { errorText } from '../../client/error_text';
import { minAmount } from '../../core/amount';
import { toHex } from '../../core/bytes';
import { MAX_SESSION_CALLS, type GatewayFrame, type NodeFrame } from '../../core/compute/session_wire';
import { unitsOf } from '../../core/compute/units';
import { bytesAfter } from '../adapters/delivery_frames';
import type { ServedApp } from '../job_runner';
import { LATE, runLimitMs, type BackendResult, type Log, type Task } from '../ports';
import type { HeldSession } from './ports';
import type { SessionReceipts } from './receipts';

export type CallFrame = Extract<GatewayFrame, { readonly kind: 'call' }>;

/** What calls of a session run with. */
export interface CallParts {
    readonly session: Pick<HeldSession, 'sessionId' | 'maxUnits'>;
    readonly served: ServedApp;
    readonly receipts: SessionReceipts;
    readonly log: Log;
    /** How long a call may stay unsigned before no further call is taken. */
    readonly unsignedMs: number;
}

/** Its client has waited long enough: nothing tries again. */
const OVERDUE = { code: 'exec_limit', retryable: false };

/** A call under way. */
interface Call {
    readonly id: number;
    /** Most units that it may come to. */
    readonly bound: bigint;
    readonly abort: AbortController;
    readonly send: (frame: NodeFrame) => void;
    hasSpoken: boolean;
}

/** The calls of one session on the app's backend: side by side, never for more than the session holds. */
export class SessionCalls {
    private readonly running = new Map<number, Call>();
    private promisedUnits = 0n;
    private isLeaving = false;

    constructor(private readonly parts: CallParts) {}

    get isIdle(): boolean {
        return this.running.size === 0;
    }

    /** Takes no further calls. */
    leave(): void {
        this.isLeaving = true;
    }

    isRunning(id: number): boolean {
        return this.running.has(id);
    }

    /** Its client has gone: it ends with what there is by then. */
    cancel(id: number): void {
        this.running.get(id)?.abort.abort('cancelled');
    }

    /** The line has gone: nobody hears of these calls any more. */
    loseAll(): void {
        for (const { abort } of this.running.values()) abort.abort('line_lost');
        this.running.clear();
    }

    /** Runs a call and says what came of it. Never throws. */
    async run({ id, input, maxUnits, whole }: CallFrame, send: (frame: NodeFrame) => void): Promise<void> {
        const bound = BigInt(maxUnits);
        const refusal = this.refusalOf(bound);
        if (refusal !== undefined) return send({ kind: 'failed', id, code: refusal, retryable: true });
        const call: Call = { id, bound, abort: new AbortController(), send, hasSpoken: false };
        const limit = setTimeout(() => call.abort.abort(LATE), runLimitMs(this.parts.served.app)).unref();
        this.running.set(id, call);
        this.promisedUnits += bound;
        try {
            await this.compute(call, this.taskOf(call, input, whole === true));
        } catch (failure) {
            const { session, log } = this.parts;
            log.error({ session_id: `${session.sessionId}`, error: errorText(failure) }, 'backend_broke');
            send({ kind: 'failed', id, code: 'backend_error', retryable: true });
        } finally {
            clearTimeout(limit);
            this.promisedUnits -= bound;
            if (this.running.get(id) === call) this.running.delete(id);
        }
    }

    /** Each may be otherwise elsewhere, or later. */
    private refusalOf(bound: bigint): string | undefined {
        const { receipts, unsignedMs, session } = this.parts;
        if (this.isLeaving) return 'shutdown';
        if (this.running.size >= MAX_SESSION_CALLS) return 'session_full';
        if (receipts.oldestUnsignedMs > unsignedMs) return 'receipt_missing';
        return receipts.units + this.promisedUnits + bound > session.maxUnits ? 'session_spent' : undefined;
    }

    private taskOf(call: Call, input: string, isWhole: boolean): Task {
        const { app } = this.parts.served;
        const onText = (text: string): void => {
            call.hasSpoken = true;
            call.send({ kind: 'text', id: call.id, text });
        };
        return {
            kind: app.kind,
            input: new TextEncoder().encode(input),
            maxTokens: app.unit === 'token' ? Number(call.bound) : undefined,
            onText: isWhole ? undefined : onText
        };
    }

    private async compute(call: Call, task: Task): Promise<void> {
        const { signal } = call.abort;
        const result = await this.parts.served.backend.run(task, signal);
        if (signal.reason === 'line_lost') return;
        const isCancelled = signal.reason === 'cancelled';
        const whole = result.ok ? result.value : isCancelled ? result.error.partial : undefined;
        if (whole !== undefined) return this.end(call, whole);
        if (result.ok) return;
        const { code, retryable } = signal.reason === LATE ? OVERDUE : result.error;
        call.send({ kind: 'failed', id: call.id, code, retryable });
    }

    /** Hands the end of a call over. */
    private end({ id, bound, hasSpoken, send }: Call, result: BackendResult): void {
        const { output, details, tokens, inputs } = result;
        const units = minAmount(unitsOf(this.parts.served.app.unit, { tokens, inputs }), bound);
        const outputHash = Uint8Array.from(createHash('sha256').update(output).digest());
        const text = details === undefined ? '' : Buffer.from(details).toString('utf8');
        for (const frame of bytesAfter(result, hasSpoken)) send({ ...frame, id });
        this.parts.receipts.add(id, { outputHash, units });
        send({ kind: 'end', id, outputHash: toHex(outputHash), details: text, units: `${units}` });
    }
}
