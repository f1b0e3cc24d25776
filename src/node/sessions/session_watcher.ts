import { errorText } from '../../client/error_text';
import { sleep } from '../../client/wait';
import type { ServedApp } from '../job_runner';
import type { HeldSession } from './ports';
import { SessionHost, settleReceipt, type HostParts } from './session_host';

/** Looks for the sessions of this node, by a free query, and serves each until it has ended. */
export class SessionWatcher {
    private readonly hosts = new Map<bigint, { readonly end: AbortController; readonly done: Promise<void> }>();

    constructor(
        private readonly apps: ReadonlyMap<string, ServedApp>,
        private readonly parts: HostParts
    ) {}

    /** Sessions that are served now. */
    get size(): number {
        return this.hosts.size;
    }

    /** Until the signal; then every session is settled for the last time. */
    async run(intervalMs: number, signal: AbortSignal): Promise<void> {
        while (!signal.aborted) {
            await this.look();
            await sleep(intervalMs, signal);
        }
        for (const { end } of this.hosts.values()) end.abort();
        await Promise.all([...this.hosts.values()].map(({ done }) => done));
    }

    async look(): Promise<void> {
        try {
            const sessions = await this.parts.source.mySessions();
            const ids = new Set(sessions.map(({ sessionId }) => sessionId));
            for (const [id, { end }] of this.hosts) if (!ids.has(id)) end.abort();
            for (const session of sessions) this.serve(session);
            await this.settleLeft(ids);
        } catch (failure) {
            this.parts.log.warn({ error: errorText(failure) }, 'sessions_unknown');
        }
    }

    /** Receipts of sessions that ended while this node, or the canister, was away. */
    private async settleLeft(open: ReadonlySet<bigint>): Promise<void> {
        for (const kept of this.parts.receipts.all()) {
            const { sessionId } = kept.receipt;
            if (!open.has(sessionId) && !this.hosts.has(sessionId)) {
                await settleReceipt(this.parts, { sessionId }, kept, true);
            }
        }
    }

    private serve(session: HeldSession): void {
        const { sessionId, appId } = session;
        const served = this.apps.get(appId);
        if (served === undefined || this.hosts.has(sessionId)) return;
        const end = new AbortController();
        const host = new SessionHost(session, served, this.parts);
        const done = host.run(end.signal).finally(() => this.hosts.delete(sessionId));
        this.hosts.set(sessionId, { end, done });
        this.parts.log.info({ session_id: `${sessionId}`, app_id: appId }, 'session_held');
    }
}
