import { errorText } from '../../client/error_text';
import { aborted, jitteredMs, nextPauseMs, sleep } from '../../client/wait';
import { equalBytes, fromHex } from '../../core/bytes';
import type { GatewayFrame } from '../../core/compute/session_wire';
import type { ServedApp } from '../job_runner';
import type { Log } from '../ports';
import { proveLine, type LineSigner } from './line_proof';
import type { HeldSession, ReceiptStore, SessionSource } from './ports';
import { SessionReceipts } from './receipts';
import { SessionCalls } from './session_calls';
import { SessionConnection } from './session_connection';

export interface HostOptions {
    /** Between two settlements of what is signed for. */
    readonly settleMs: number;
    /** How long a call may stay unsigned before no further call is taken. */
    readonly unsignedMs: number;
    /** How long calls may go on when the node is told to stop. */
    readonly graceMs: number;
    /** How long a gateway may deny the session: it, or the replica that it asks, may not have heard of it yet. */
    readonly deniedMs: number;
    /** Also gateways on other machines without TLS. */
    readonly allowHttp: boolean;
}

export interface HostParts {
    readonly source: SessionSource;
    readonly log: Log;
    /** The node's key. */
    readonly signer: LineSigner;
    readonly receipts: ReceiptStore;
    readonly options: HostOptions;
}

const RETRY = { minMs: 250, maxMs: 10_000, factor: 2 };
const DENIED = new Set([401, 404]);
/** Between two looks whether the last calls have ended and are signed for. */
const LEAVE_MS = 25;

/** Serves one session: has its calls run, keeps what is signed for, and has it paid. */
export class SessionHost {
    private readonly receipts: SessionReceipts;
    private readonly calls: SessionCalls;
    private isGreeted = false;
    private settledUnits = 0n;

    constructor(
        private readonly session: HeldSession,
        served: ServedApp,
        private readonly parts: HostParts
    ) {
        const { log, receipts: store, options } = parts;
        const earlier = store.get(session.sessionId);
        // Of another session of that number, on a network that was begun anew.
        const isStrange = earlier !== undefined && !equalBytes(earlier.publicKey, session.publicKey);
        if (isStrange) store.forget(session.sessionId);
        const receipts = new SessionReceipts(session, isStrange ? undefined : earlier);
        this.receipts = receipts;
        this.calls = new SessionCalls({ session, served, receipts, log, unsignedMs: options.unsignedMs });
    }

    /**
     * Until the session has ended or is somebody else's (the signal); what is signed for is settled then. When the node is to
     * leave, calls that run are let end, and signed for, within the grace. Never throws.
     */
    async run(signal: AbortSignal, leaving: AbortSignal): Promise<void> {
        const over = new AbortController();
        const end = (): void => over.abort();
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
        const settling = this.settleUntil(over.signal);
        const left = this.leave(leaving, over);
        await this.connectUntil(over.signal);
        end();
        await left;
        signal.removeEventListener('abort', end);
        await settling;
        await this.settle(true);
    }

    private async leave(leaving: AbortSignal, over: AbortController): Promise<void> {
        await aborted(AbortSignal.any([leaving, over.signal]));
        this.calls.leave();
        const { graceMs, unsignedMs } = this.parts.options;
        const limitMs = performance.now() + graceMs;
        const isDone = (): boolean =>
            this.calls.isIdle && (!this.receipts.hasUnsigned || this.receipts.oldestUnsignedMs > unsignedMs);
        while (!over.signal.aborted && !isDone() && performance.now() < limitMs) await sleep(LEAVE_MS, over.signal);
        over.abort();
    }

    private async connectUntil(signal: AbortSignal): Promise<void> {
        let pauseMs: number | undefined;
        let deniedAtMs: number | undefined;
        while (!signal.aborted) {
            const proof = await proveLine(this.session, this.parts.signer);
            const known = this.receipts.signed?.receipt.calls ?? 0;
            const connection = new SessionConnection(this.session, proof, known);
            this.isGreeted = false;
            const startedAtMs = performance.now();
            const ended = await connection.run((frame) => this.take(frame, connection), signal);
            this.calls.loseAll();
            this.parts.log.info({ ...this.names(), ...ended }, 'session_line_ended');
            const isDenied = ended.kind === 'refused' && DENIED.has(ended.status);
            deniedAtMs = isDenied ? (deniedAtMs ?? startedAtMs) : undefined;
            if (deniedAtMs !== undefined && performance.now() - deniedAtMs >= this.parts.options.deniedMs) return;
            const wasOpen = performance.now() - startedAtMs > RETRY.maxMs;
            pauseMs = nextPauseMs(RETRY, wasOpen ? undefined : pauseMs);
            await sleep(jitteredMs(pauseMs, Math.random()), signal);
        }
    }

    /** Whether the line may go on. */
    private take(frame: GatewayFrame, connection: SessionConnection): boolean {
        switch (frame.kind) {
            case 'call':
                if (this.calls.isRunning(frame.id)) return false;
                void this.calls.run(frame, (answer) => connection.send(answer));
                return true;
            case 'cancel':
                this.calls.cancel(frame.id);
                return true;
            case 'receipt':
                return this.takeReceipt(frame);
        }
    }

    /** The first one on a line says what of the last line has arrived: the rest is lost to both. */
    private takeReceipt({ calls, signature, total }: Extract<GatewayFrame, { readonly kind: 'receipt' }>): boolean {
        if (!this.receipts.take(calls, fromHex(signature) ?? new Uint8Array(), total)) return false;
        const { signed } = this.receipts;
        if (signed !== undefined && signed.receipt.calls > 0) {
            this.parts.receipts.keep({ ...signed, publicKey: this.session.publicKey });
        }
        if (this.isGreeted) return true;
        this.isGreeted = true;
        const lost = this.receipts.forgetUnsigned();
        if (lost > 0) this.parts.log.warn({ ...this.names(), calls: lost }, 'session_calls_lost');
        return true;
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
        if (await settleReceipt(this.parts, this.session, signed, isFinal)) {
            this.settledUnits = signed?.receipt.units ?? 0n;
        }
    }

    private names(): { readonly session_id: string } {
        return { session_id: `${this.session.sessionId}` };
    }
}

/**
 * Brings a receipt to the canister; whether it was taken. When the canister has answered for the last time the receipt is
 * worth nothing any more; one that it could not hear stays for later. Where a payer that is done has said that it owes more,
 * which happens when the signature of its last calls was lost with the line, that stands, and the session need not wait.
 */
export async function settleReceipt(
    parts: Pick<HostParts, 'source' | 'receipts' | 'log'>,
    session: Pick<HeldSession, 'sessionId'>,
    signed: Parameters<SessionSource['settle']>[1],
    isFinal: boolean
): Promise<boolean> {
    const { source, receipts, log } = parts;
    const { calls, units } = signed?.receipt ?? { calls: 0, units: 0n };
    const facts = { session_id: `${session.sessionId}`, calls, units: `${units}`, isFinal };
    try {
        const settled = await source.settle(session, signed, isFinal);
        log.info({ ...facts, outcome: settled.ok ? 'settled' : settled.error.code }, 'session_settled');
        const isLater = !settled.ok && settled.error.code === 'RateLimited';
        if (isFinal && !isLater) receipts.forget(session.sessionId);
        const isOutdone = isFinal && !settled.ok && settled.error.code === 'StaleReceipt';
        return isOutdone && signed !== undefined ? settleReceipt(parts, session, undefined, true) : settled.ok;
    } catch (failure) {
        log.warn({ ...facts, error: errorText(failure) }, 'settle_failed');
        return false;
    }
}
