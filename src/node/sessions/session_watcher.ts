import { errorText } from '../../client/error_text';
import { sleep } from '../../client/wait';
import type { ServedApp } from '../job_runner';
import { mayTalkTo } from '../adapters/gateway_address';
import type { HeldSession } from './ports';
import { SessionHost, settleReceipt, type HostParts } from './session_host';

/** Looks for the sessions of this node, by a free query, and serves each until it has ended. */
export class SessionWatcher {
    private readonly hosts = new Map<bigint, { readonly end: AbortController; readonly done: Promise<void> }>();
    private readonly leaving = new AbortController();
    private settlingLeft: Promise<void> | undefined;

    constructor(
        private readonly apps: ReadonlyMap<string, ServedApp>,
        private readonly parts: HostParts
    ) {}

    /** Sessions that are served now. */
    get size(): number {
        return this.hosts.size;
    }

    /** Until the signal; then calls that run may end, and every session is settled for the last time. */
    async run(intervalMs: number, signal: AbortSignal): Promise<void> {
        while (!signal.aborted) {
            await this.look();
            await sleep(intervalMs, signal);
        }
        this.leaving.abort();
        await Promise.all([this.settlingLeft, ...[...this.hosts.values()].map(({ done }) => done)]);
    }

    async look(): Promise<void> {
        try {
            const sessions = await this.parts.source.mySessions();
            const ids = new Set(sessions.map(({ sessionId }) => sessionId));
            for (const [id, { end }] of this.hosts) if (!ids.has(id)) end.abort();
            for (const session of sessions) this.serve(session);
            // Beside the look: each takes a message, and new sessions must not wait for those that have ended.
            this.settlingLeft ??= this.settleLeft(ids).finally(() => (this.settlingLeft = undefined));
        } catch (failure) {
            this.parts.log.warn({ error: errorText(failure) }, 'sessions_unknown');
        }
    }

    /** Receipts of sessions that ended while this node, or the canister, was away. */
    private async settleLeft(open: ReadonlySet<bigint>): Promise<void> {
        for (const kept of this.parts.receipts.all()) {
            const { sessionId } = kept.receipt;
            if (this.leaving.signal.aborted) return;
            if (!open.has(sessionId) && !this.hosts.has(sessionId)) {
                await settleReceipt(this.parts, { sessionId }, kept, true);
            }
        }
    }

    private serve(session: HeldSession): void {
        const { sessionId, appId, replyUrl } = session;
        const served = this.apps.get(appId);
        if (served === undefined || this.hosts.has(sessionId)) return;
        const end = new AbortController();
        const isSafe = mayTalkTo(replyUrl, this.parts.options.allowHttp);
        const running = isSafe ? this.hold(session, served, end.signal) : this.giveBack(session);
        const done = running.finally(() => this.hosts.delete(sessionId));
        this.hosts.set(sessionId, { end, done });
    }

    private hold(session: HeldSession, served: ServedApp, end: AbortSignal): Promise<void> {
        this.parts.log.info({ session_id: `${session.sessionId}`, app_id: session.appId }, 'session_held');
        return new SessionHost(session, served, this.parts).run(end, this.leaving.signal);
    }

    /** Nothing is said to its gateway, which could be overheard; who pays gets back at once what is held. */
    private async giveBack(session: HeldSession): Promise<void> {
        this.parts.log.warn({ session_id: `${session.sessionId}`, url: session.replyUrl }, 'gateway_without_tls');
        await settleReceipt(this.parts, session, this.parts.receipts.get(session.sessionId), true);
    }
}
