import { createHash } from 'node:crypto';
import { errorText } from '../../client/error_text';
import { jitteredMs, nextPauseMs, sleep } from '../../client/wait';
import { minAmount } from '../../core/amount';
import { fromHex, toHex } from '../../core/bytes';
import { MAX_SESSION_CALLS, type GatewayFrame } from '../../core/compute/session_wire';
import { unitsOf } from '../../core/compute/units';
import { bytesAfter } from '../adapters/delivery_frames';
import type { ServedApp } from '../job_runner';
import type { BackendResult, Log } from '../ports';
import type { HeldSession, SessionSource } from './ports';
import { proveLine, type LineSigner } from './line_proof';
import { SessionReceipts } from './receipts';
import { SessionConnection } from './session_connection';

export interface HostOptions {
    /** Between two settlements of what is signed for. */
    readonly settleMs: number;
    /** How long a call may stay unsigned before no further call is taken. */
    readonly unsignedMs: number;
}

export interface HostParts {
    readonly source: SessionSource;
    readonly log: Log;
    /** The node's key. */
    readonly signer: LineSigner;
    readonly options: HostOptions;
}

const RETRY = { minMs: 250, maxMs: 10_000, factor: 2 };
const DENIED = new Set([401, 404]);

/** Serves one session: runs its calls on the app's backend, keeps what is signed for, and has it paid. */
export class SessionHost {
    private readonly receipts: SessionReceipts;
    private readonly running = new Map<number, AbortController>();
    private isGreeted = false;
    private settledUnits = 0n;
    private promisedUnits = 0n;

    constructor(
        private readonly session: HeldSession,
        private readonly served: ServedApp,
        private readonly parts: HostParts
    ) {
        this.receipts = new SessionReceipts(session);
    }

    /** Until the session has ended or is somebody else's (the signal); what is signed for is settled then. Never throws. */
    async run(signal: AbortSignal): Promise<void> {
        const over = new AbortController();
        const end = (): void => over.abort();
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
        const settling = this.settleUntil(over.signal);
        await this.connectUntil(over.signal);
        end();
        signal.removeEventListener('abort', end);
        await settling;
        await this.settle(true);
    }

    private async connectUntil(signal: AbortSignal): Promise<void> {
        let pauseMs: number | undefined;
        while (!signal.aborted) {
            const proof = await proveLine(this.session, this.parts.signer);
            const known = this.receipts.signed?.receipt.calls ?? 0;
            const connection = new SessionConnection(this.session, proof, known);
            this.isGreeted = false;
            const startedAtMs = performance.now();
            const ended = await connection.run((frame) => this.take(frame, connection), signal);
            for (const abort of this.running.values()) abort.abort('line_lost');
            this.running.clear();
            this.parts.log.info({ ...this.names(), ...ended }, 'session_line_ended');
            if (ended.kind === 'refused' && DENIED.has(ended.status)) return;
            const wasOpen = performance.now() - startedAtMs > RETRY.maxMs;
            pauseMs = nextPauseMs(RETRY, wasOpen ? undefined : pauseMs);
            await sleep(jitteredMs(pauseMs, Math.random()), signal);
        }
    }

    /** Whether the line may go on. */
    private take(frame: GatewayFrame, connection: SessionConnection): boolean {
        switch (frame.kind) {
            case 'call':
                if (this.running.has(frame.id)) return false;
                void this.call(frame, connection);
                return true;
            case 'cancel':
                this.running.get(frame.id)?.abort('cancelled');
                return true;
            case 'receipt':
                return this.takeReceipt(frame);
        }
    }

    /** The first one on a line says what of the last line has arrived: the rest is lost to both. */
    private takeReceipt({ calls, signature }: Extract<GatewayFrame, { readonly kind: 'receipt' }>): boolean {
        if (!this.receipts.take(calls, fromHex(signature) ?? new Uint8Array())) return false;
        if (this.isGreeted) return true;
        this.isGreeted = true;
        const lost = this.receipts.forgetUnsigned();
        if (lost > 0) this.parts.log.warn({ ...this.names(), calls: lost }, 'session_calls_lost');
        return true;
    }

    private async call(
        { id, input, maxUnits, whole: isWhole }: Extract<GatewayFrame, { readonly kind: 'call' }>,
        connection: SessionConnection
    ): Promise<void> {
        const refuse = (code: string, retryable: boolean): void =>
            connection.send({ kind: 'failed', id, code, retryable });
        const bound = BigInt(maxUnits);
        if (this.running.size >= MAX_SESSION_CALLS) return refuse('session_full', true);
        if (this.receipts.oldestUnsignedMs > this.parts.options.unsignedMs) return refuse('receipt_missing', true);
        if (this.promisedUnits + bound > this.session.maxUnits) return refuse('session_spent', true);
        const abort = new AbortController();
        this.running.set(id, abort);
        this.promisedUnits += bound;
        let hasSpoken = false;
        const { app, backend } = this.served;
        const onText = (text: string): void => {
            hasSpoken = true;
            connection.send({ kind: 'text', id, text });
        };
        try {
            const task = {
                kind: app.kind,
                input: new TextEncoder().encode(input),
                maxTokens: app.unit === 'token' ? Number(bound) : undefined,
                onText: isWhole === true ? undefined : onText
            };
            const result = await backend.run(task, abort.signal);
            const whole = result.ok ? result.value : result.error.partial;
            if (abort.signal.reason === 'line_lost') return;
            if (whole !== undefined && (result.ok || abort.signal.reason === 'cancelled')) {
                this.promisedUnits += this.end({ id, bound, hasSpoken }, whole, connection);
            } else if (!result.ok) {
                refuse(result.error.code, result.error.retryable);
            }
        } catch (failure) {
            this.parts.log.error({ ...this.names(), error: errorText(failure) }, 'backend_broke');
            refuse('backend_error', true);
        } finally {
            this.promisedUnits -= bound;
            this.running.delete(id);
        }
    }

    /** Hands the end of a call over; its units. */
    private end(
        call: { id: number; bound: bigint; hasSpoken: boolean },
        result: BackendResult,
        connection: SessionConnection
    ): bigint {
        const { id, bound, hasSpoken } = call;
        const { output, details, tokens, inputs } = result;
        const units = minAmount(unitsOf(this.served.app.unit, { tokens, inputs }), bound);
        const outputHash = Uint8Array.from(createHash('sha256').update(output).digest());
        const text = details === undefined ? '' : Buffer.from(details).toString('utf8');
        for (const frame of bytesAfter(result, hasSpoken)) connection.send({ ...frame, id });
        this.receipts.add(id, { outputHash, units });
        connection.send({ kind: 'end', id, outputHash: toHex(outputHash), details: text, units: `${units}` });
        return units;
    }

    private async settleUntil(signal: AbortSignal): Promise<void> {
        while (!signal.aborted) {
            await sleep(this.parts.options.settleMs, signal);
            const { signed } = this.receipts;
            if (signed !== undefined && signed.receipt.units !== this.settledUnits) await this.settle(false);
        }
    }

    private async settle(isFinal: boolean): Promise<void> {
        const { signed } = this.receipts;
        const { calls, units } = signed?.receipt ?? { calls: 0, units: 0n };
        try {
            const settled = await this.parts.source.settle(this.session, signed, isFinal);
            if (settled.ok) this.settledUnits = units;
            const outcome = settled.ok ? 'settled' : settled.error.code;
            this.parts.log.info({ ...this.names(), calls, units: `${units}`, outcome, isFinal }, 'session_settled');
        } catch (failure) {
            this.parts.log.warn({ ...this.names(), error: errorText(failure) }, 'settle_failed');
        }
    }

    private names(): { readonly session_id: string } {
        return { session_id: `${this.session.sessionId}` };
    }
}
