import type { Principal } from '@dfinity/principal';
import { jitteredMs, nextPauseMs, sleep } from '../../client/wait';
import type { JobPort } from '../ports';
import type { SessionPort } from '../sessions/ports';
import { JournalEntry } from './entries';
import { JobDebts } from './job_debts';
import type { JournalFile } from './journal_file';
import type { JournalWriter, Ledger } from './ledger';
import { SessionDebts } from './session_debts';

/** Where the gateway keeps its word: a file, or nothing but memory. */
export type OutboxFile = Pick<JournalFile, 'append' | 'rewrite' | 'close'>;

export interface OutboxParts {
    readonly jobs: JobPort;
    /** Absent: the gateway opens no sessions. */
    readonly sessions?: { readonly port: SessionPort; readonly canister: Principal };
    readonly file?: OutboxFile;
    /** Told of records that could not be written; what they say is only forgotten in a crash. */
    onProblem?(failure: unknown): void;
    nowMs?(): number;
}

const RETRY = { minMs: 500, maxMs: 30_000, factor: 2 };
/** Records after which the file is written anew with what still counts. */
const COMPACT_AFTER = 10_000;

/** What the gateway owes to the canister, by its ledgers, in one journal; sent until the canister has answered. */
export class Outbox implements JournalWriter {
    readonly jobs: JobDebts;
    readonly sessions: SessionDebts | undefined;
    private readonly ledgers: readonly Ledger[];
    private records = 0;

    constructor(private readonly parts: OutboxParts) {
        this.jobs = new JobDebts(parts.jobs, this);
        this.sessions = parts.sessions && new SessionDebts({ ...parts.sessions, writer: this });
        this.ledgers = this.sessions === undefined ? [this.jobs] : [this.jobs, this.sessions];
    }

    /** Messages that the canister has not answered. */
    get depth(): number {
        return this.ledgers.reduce((sum, { depth }) => sum + depth, 0);
    }

    /** Age of the oldest of them in milliseconds; 0 without any. */
    get oldestMs(): number {
        const oldest = Math.min(...this.ledgers.map(({ oldestMs = Infinity }) => oldestMs));
        return oldest === Infinity ? 0 : this.nowMs() - oldest;
    }

    /**
     * Takes over what an earlier process has left: its clients are gone, so what they asked for is called off. A client
     * with a key of its own may come back for its job, which therefore runs on.
     */
    async recover(records: readonly unknown[]): Promise<void> {
        for (const record of records) {
            const entry = JournalEntry.safeParse(record);
            if (entry.success) this.apply(entry.data);
        }
        for (const ledger of this.ledgers) ledger.takeOver();
        await this.compact();
    }

    /** Sends what is owed, until the signal and once more after it. */
    async run(signal: AbortSignal): Promise<void> {
        let pauseMs: number | undefined;
        for (;;) {
            pauseMs = (await this.sent()) ? undefined : nextPauseMs(RETRY, pauseMs);
            if (signal.aborted) return;
            await sleep(jitteredMs(pauseMs ?? RETRY.minMs, Math.random()), signal);
        }
    }

    async close(): Promise<void> {
        await this.parts.file?.close();
    }

    async write(entry: JournalEntry): Promise<void> {
        this.apply(entry);
        this.records++;
        await this.parts.file?.append(entry);
        if (this.records >= COMPACT_AFTER) await this.compact();
    }

    writeSoon(entry: JournalEntry): void {
        this.write(entry).catch((failure: unknown) => this.parts.onProblem?.(failure));
    }

    nowMs(): number {
        return this.parts.nowMs?.() ?? performance.now();
    }

    private apply(entry: JournalEntry): void {
        for (const ledger of this.ledgers) ledger.apply(entry);
    }

    /** Whether everything could be sent: what the canister cannot hear now, no ledger can tell it. */
    private async sendAll(): Promise<boolean> {
        for (const ledger of this.ledgers) if (!(await ledger.sendAll())) return false;
        return true;
    }

    /** A disk that takes nothing now may do so later: what could not be written is sent, and written, again. */
    private async sent(): Promise<boolean> {
        try {
            return await this.sendAll();
        } catch (failure) {
            this.parts.onProblem?.(failure);
            return false;
        }
    }

    private async compact(): Promise<void> {
        this.records = 0;
        await this.parts.file?.rewrite(() => this.ledgers.flatMap((ledger) => ledger.state()));
    }
}
