import type { Principal } from '@dfinity/principal';
import { errorText } from '../../client/error_text';
import { sleep, within } from '../../client/wait';
import { toHex } from '../../core/bytes';
import type { GatewayFrame } from '../../core/compute/session_wire';
import type { OpenSession, SessionJournal } from '../journal/journal_port';
import type { Model } from '../ports';
import { LineGate } from './line_gate';
import type { SessionPort } from './ports';
import { makeSessionKey, ReceiptBook } from './receipt_book';
import { SessionLine } from './session_line';

export interface SessionTerms {
    /** Units that a session is opened with, at most; the model's own bound may be less. */
    readonly maxCredits: bigint;
    readonly ttlS: bigint;
    /** A session that nobody uses for so long is closed. */
    readonly idleMs: number;
    /** How long a node may take to come. */
    readonly openMs: number;
    /** Sessions at a time; without room, requests go by jobs. */
    readonly capacity: number;
}

interface Log {
    info(fields: object, event: string): void;
    warn(fields: object, event: string): void;
}

export interface PoolParts {
    readonly port: SessionPort;
    readonly journal: SessionJournal;
    /** The compute_gateway canister. */
    readonly canister: Principal;
    readonly log: Log;
    readonly terms: SessionTerms;
    /** Where nodes are told that this gateway is. */
    gatewayUrl(): string;
    nowMs?(): number;
}

/** Whom a session serves. */
export interface SessionUser {
    readonly keyHash: Uint8Array;
    readonly model: Model;
}

interface Session {
    readonly name: string;
    readonly id: bigint;
    readonly maxUnits: bigint;
    readonly book: ReceiptBook;
    readonly journal: OpenSession;
    line?: SessionLine;
    usedAtMs: number;
}

/** How long a node's line waits for the answer to an opening that may be its session's. */
const OPENING_MS = 10_000;

/** Names of users without a session that are remembered. */
const MAX_ASKED = 10_000;

/**
 * Sessions by key and model. A key's first request for a model goes by a job; a second one within the idle time as well, and
 * has a session opened beside it, to whose node all that follow go directly. A single request holds no session's credits.
 */
export class SessionPool {
    private readonly sessions = new Map<string, Session | 'opening'>();
    private readonly byId = new Map<bigint, Session>();
    /** Sessions that the canister has been asked for, until its answer is here. */
    private readonly openings = new Set<Promise<void>>();
    /** When a key last asked for a model without having a session, oldest first. */
    private readonly asked = new Map<string, number>();
    /** Until when those whose session was refused are not asked for again; oldest first. */
    private readonly refused = new Map<string, number>();
    /** Proves nodes that open lines. */
    readonly gate: LineGate;

    constructor(private readonly parts: PoolParts) {
        this.gate = new LineGate(parts.canister, parts.gatewayUrl);
    }

    get size(): number {
        return this.sessions.size;
    }

    /** A line that takes a call of so many units now; otherwise one is opened for the calls to come. */
    find(user: SessionUser, maxUnits: bigint): { readonly id: bigint; readonly line: SessionLine } | undefined {
        const name = `${toHex(user.keyHash)} ${user.model.appId}`;
        const known = this.sessions.get(name);
        if (known === undefined && this.isRepeated(name) && !this.isRefused(name)) this.begin(name, user);
        if (known === undefined || known === 'opening') return undefined;
        const { line, book } = known;
        if (line === undefined || line.closed.aborted || line.isFull) return undefined;
        if (book.units + line.reservedUnits + maxUnits > known.maxUnits) {
            // What is left is too little: when all calls have ended, the next request opens another one.
            if (line.inFlight === 0) void this.close(known, 'spent');
            return undefined;
        }
        known.usedAtMs = this.nowMs();
        return { id: known.id, line };
    }

    /** Whether the node holds the session, by the canister's word. */
    async isHolder(sessionId: bigint, node: string): Promise<boolean> {
        // A node may see its session on the canister before the answer to whoever opened it has arrived.
        if (!this.byId.has(sessionId)) await within(OPENING_MS, Promise.all(this.openings));
        if (!this.byId.has(sessionId)) return false;
        const view = await this.parts.port.get(sessionId);
        return view !== undefined && !view.isClosed && view.node === node;
    }

    /** Opens the line of a session to its node; a newer one takes the place of an older one. */
    connect(sessionId: bigint, knownCalls: number, send: (frame: GatewayFrame) => void): SessionLine | undefined {
        const session = this.byId.get(sessionId);
        if (session === undefined) return undefined;
        session.line?.close();
        session.line = new SessionLine(session.book, send, knownCalls);
        // Nobody could use it before: its idle time begins now.
        session.usedAtMs = this.nowMs();
        this.parts.log.info({ session_id: `${sessionId}` }, 'session_connected');
        return session.line;
    }

    /** Closes what nobody uses, until the signal, and then everything. */
    async run(signal: AbortSignal): Promise<void> {
        const { idleMs, openMs } = this.parts.terms;
        while (!signal.aborted) {
            await sleep(Math.min(idleMs, openMs) / 4, signal);
            for (const session of [...this.byId.values()]) {
                const limitMs = session.line === undefined || session.line.closed.aborted ? openMs : idleMs;
                if (session.line !== undefined && session.line.inFlight > 0) continue;
                if (this.nowMs() - session.usedAtMs >= limitMs) await this.close(session, 'idle');
            }
        }
        await Promise.all([...this.byId.values()].map((session) => this.close(session, 'shutdown')));
    }

    /** What was refused a moment ago would be refused again, and each question costs the canister an update. */
    private isRefused(name: string): boolean {
        return this.nowMs() < (this.refused.get(name) ?? 0);
    }

    private isRepeated(name: string): boolean {
        const nowMs = this.nowMs();
        const beforeMs = this.asked.get(name);
        renew(this.asked, name, nowMs);
        return beforeMs !== undefined && nowMs - beforeMs < this.parts.terms.idleMs;
    }

    private begin(name: string, user: SessionUser): void {
        const opening: Promise<void> = this.open(name, user).finally(() => this.openings.delete(opening));
        this.openings.add(opening);
    }

    /** Never throws. */
    private async open(name: string, user: SessionUser): Promise<void> {
        if (this.sessions.size >= this.parts.terms.capacity) return;
        this.sessions.set(name, 'opening');
        try {
            const session = await this.opened(name, user);
            if (session === undefined) this.sessions.delete(name);
            else this.sessions.set(name, session);
        } catch (failure) {
            this.sessions.delete(name);
            this.parts.log.warn({ app_id: user.model.appId, error: errorText(failure) }, 'session_failed');
        }
    }

    /** The intent is written down first: a hold of which nobody knows would last until its time to live ends. */
    private async opened(name: string, { keyHash, model }: SessionUser): Promise<Session | undefined> {
        const { port, canister, terms, log } = this.parts;
        const key = makeSessionKey();
        const { maxCredits, ttlS } = terms;
        const request = { appId: model.appId, keyHash, publicKey: key.publicKey, maxCredits, ttlS };
        const journal = await this.parts.journal.opening(request);
        const opened = await port.open(request).catch((failure: unknown) => {
            journal.unanswered();
            throw failure;
        });
        if (!opened.ok) {
            journal.refused();
            renew(this.refused, name, this.nowMs() + terms.idleMs);
            log.info({ app_id: model.appId, code: opened.error.code }, 'session_refused');
            return undefined;
        }
        const { sessionId: id, maxUnits } = opened.value;
        journal.opened(id);
        const book = new ReceiptBook(canister, id, key, (receipt) => journal.owes(receipt));
        const session: Session = { name, id, maxUnits, book, journal, usedAtMs: this.nowMs() };
        this.byId.set(id, session);
        log.info({ session_id: `${id}`, app_id: model.appId }, 'session_opened');
        return session;
    }

    private async close(session: Session, reason: 'idle' | 'spent' | 'shutdown'): Promise<void> {
        if (!this.byId.delete(session.id)) return;
        this.sessions.delete(session.name);
        session.line?.close();
        this.parts.log.info({ session_id: `${session.id}`, reason }, 'session_closed');
        try {
            await session.journal.close(session.book.owed);
        } catch (failure) {
            // Its time to live ends it: what was signed for is paid then.
            this.parts.log.warn({ session_id: `${session.id}`, error: errorText(failure) }, 'session_not_closed');
        }
    }

    private nowMs(): number {
        return this.parts.nowMs?.() ?? performance.now();
    }
}

/** Sets an entry as the newest of so many. */
function renew(entries: Map<string, number>, name: string, value: number): void {
    entries.delete(name);
    entries.set(name, value);
    const [oldest] = entries.keys();
    if (entries.size > MAX_ASKED && oldest !== undefined) entries.delete(oldest);
}
