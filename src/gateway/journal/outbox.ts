import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { PortUnavailable } from '../../client/asked';
import { jitteredMs, nextPauseMs, sleep } from '../../client/wait';
import { fromHex, toHex } from '../../core/bytes';
import type { JobPort, JobRequest } from '../ports';
import type { JournalFile } from './journal_file';
import type { JournalPort, OpenSubmission } from './journal_port';

const Id = z.string().regex(/^\d{1,20}$/);

const Entry = z.discriminatedUnion('kind', [
    /** A submission is on its way. */
    z.object({ kind: z.literal('opening'), id: z.string(), keyHash: z.string(), key: z.string(), ours: z.boolean() }),
    z.object({ kind: z.literal('submitted'), id: z.string(), jobId: Id }),
    z.object({ kind: z.literal('closed'), id: z.string() }),
    /** The canister must be told. */
    z.object({ kind: z.literal('cancel'), jobId: Id }),
    z.object({ kind: z.literal('cancelled'), jobId: Id })
]);
type Entry = z.output<typeof Entry>;

interface Submission {
    readonly keyHash: string;
    readonly key: string;
    /** The key is our own: no client will ever name it again. */
    readonly ours: boolean;
    readonly jobId?: string;
}

/** Where the gateway keeps its word: a file, or nothing but memory. */
export type OutboxFile = Pick<JournalFile, 'append' | 'rewrite' | 'close'>;

export interface OutboxParts {
    readonly jobs: JobPort;
    readonly file?: OutboxFile;
    /** Told of records that could not be written; what they say is only forgotten in a crash. */
    onProblem?(failure: unknown): void;
    nowMs?(): number;
}

/** Keys that the gateway has made up itself begin with this. */
export const OWN_KEY_PREFIX = 'g:';

const RETRY = { minMs: 500, maxMs: 30_000, factor: 2 };
/** Records after which the file is written anew with what still counts. */
const COMPACT_AFTER = 10_000;

/**
 * What the gateway owes to the canister: the cancellation of every job whose client has gone. It is written down before it
 * is sent and struck out when the canister has answered. After a crash the clients of all running requests have gone.
 */
export class Outbox implements JournalPort {
    private readonly submissions = new Map<string, Submission>();
    /** Submissions whose answers nobody saw: there may be jobs of them, for which nobody waits. */
    private readonly orphans = new Map<string, Submission>();
    private readonly cancels = new Map<string, { readonly sinceMs: number }>();
    private records = 0;

    constructor(private readonly parts: OutboxParts) {}

    /** Messages that the canister has not answered. */
    get depth(): number {
        return this.cancels.size + this.orphans.size;
    }

    /** Age of the oldest of them in milliseconds; 0 without any. */
    get oldestMs(): number {
        const [oldest] = this.cancels.values();
        return oldest === undefined ? 0 : this.nowMs() - oldest.sinceMs;
    }

    async opening(request: JobRequest): Promise<OpenSubmission> {
        const id = randomUUID();
        const { idempotencyKey: key } = request;
        const ours = key.startsWith(OWN_KEY_PREFIX);
        await this.write({ kind: 'opening', id, keyHash: toHex(request.keyHash), key, ours });
        return {
            submitted: (jobId) => this.writeSoon({ kind: 'submitted', id, jobId: `${jobId}` }),
            unanswered: () => this.orphan(id),
            closed: () => this.writeSoon({ kind: 'closed', id })
        };
    }

    async cancel(jobId: bigint): Promise<void> {
        await this.write({ kind: 'cancel', jobId: `${jobId}` });
        await this.sendOne(`${jobId}`);
    }

    /**
     * Takes over what an earlier process has left: its clients are gone, so what they asked for is called off. A client
     * that has named its submission by an Idempotency-Key may come back for it; its time to live ends it otherwise.
     */
    async recover(records: readonly unknown[]): Promise<void> {
        for (const record of records) {
            const entry = Entry.safeParse(record);
            if (entry.success) this.apply(entry.data);
        }
        for (const [id, { jobId, ours }] of [...this.submissions]) {
            if (jobId === undefined) this.orphan(id);
            else if (ours) this.cancels.set(jobId, { sinceMs: this.nowMs() });
        }
        this.submissions.clear();
        await this.compact();
    }

    private orphan(id: string): void {
        const submission = this.submissions.get(id);
        if (submission?.ours) this.orphans.set(id, submission);
        this.submissions.delete(id);
    }

    /** Sends what is owed, until the signal and once more after it. */
    async run(signal: AbortSignal): Promise<void> {
        let pauseMs: number | undefined;
        for (;;) {
            pauseMs = (await this.sendAll()) ? undefined : nextPauseMs(RETRY, pauseMs);
            if (signal.aborted) return;
            await sleep(jitteredMs(pauseMs ?? RETRY.minMs, Math.random()), signal);
        }
    }

    async close(): Promise<void> {
        await this.parts.file?.close();
    }

    /** Whether everything could be sent. */
    private async sendAll(): Promise<boolean> {
        for (const [id, submission] of this.orphans) if (!(await this.lookUp(id, submission))) return false;
        for (const jobId of [...this.cancels.keys()]) if (!(await this.sendOne(jobId))) return false;
        return true;
    }

    private lookUp(id: string, { keyHash, key }: Submission): Promise<boolean> {
        return reached(async () => {
            const job = await this.parts.jobs.find(fromHex(keyHash) ?? new Uint8Array(), key);
            if (job !== undefined) await this.write({ kind: 'cancel', jobId: `${job.jobId}` });
            await this.write({ kind: 'closed', id });
        });
    }

    /** Any answer will do: a job that cannot be cancelled any more has ended. */
    private sendOne(jobId: string): Promise<boolean> {
        return reached(async () => {
            await this.parts.jobs.cancel(BigInt(jobId));
            this.writeSoon({ kind: 'cancelled', jobId });
        });
    }

    private writeSoon(entry: Entry): void {
        this.write(entry).catch((failure: unknown) => this.parts.onProblem?.(failure));
    }

    private async write(entry: Entry): Promise<void> {
        this.apply(entry);
        this.records++;
        await this.parts.file?.append(entry);
        if (this.records >= COMPACT_AFTER) await this.compact();
    }

    private nowMs(): number {
        return this.parts.nowMs?.() ?? performance.now();
    }

    private apply(entry: Entry): void {
        switch (entry.kind) {
            case 'opening': {
                const { id, ...submission } = entry;
                this.submissions.set(id, submission);
                return;
            }
            case 'submitted': {
                const submission = this.submissions.get(entry.id);
                if (submission !== undefined) this.submissions.set(entry.id, { ...submission, jobId: entry.jobId });
                return;
            }
            case 'closed':
                this.submissions.delete(entry.id);
                this.orphans.delete(entry.id);
                return;
            case 'cancel':
                this.cancels.set(entry.jobId, { sinceMs: this.nowMs() });
                return;
            case 'cancelled':
                this.cancels.delete(entry.jobId);
        }
    }

    private async compact(): Promise<void> {
        this.records = 0;
        await this.parts.file?.rewrite(() => this.state());
    }

    /** The fewest entries that say the same. */
    private state(): readonly Entry[] {
        const submissions = [...this.orphans, ...this.submissions].flatMap(([id, { jobId, ...rest }]): Entry[] => [
            { kind: 'opening', id, ...rest },
            ...(jobId === undefined ? [] : [{ kind: 'submitted' as const, id, jobId }])
        ]);
        return [...submissions, ...[...this.cancels.keys()].map((jobId): Entry => ({ kind: 'cancel', jobId }))];
    }
}

/** Whether the canister could be asked. */
async function reached(call: () => Promise<void>): Promise<boolean> {
    try {
        await call();
        return true;
    } catch (failure) {
        if (!(failure instanceof PortUnavailable)) throw failure;
        return false;
    }
}
