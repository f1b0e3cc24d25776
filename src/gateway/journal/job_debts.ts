import { randomUUID } from 'node:crypto';
import { fromHex, toHex } from '../../core/bytes';
import type { JobPort, JobRequest } from '../ports';
import type { JournalEntry } from './entries';
import { reached, type JournalWriter, type Ledger } from './ledger';
import type { JournalPort, OpenSubmission } from './journal_port';

interface Submission {
    readonly keyHash: string;
    readonly key: string;
    /** The key is our own: no client will ever name it again. */
    readonly ours: boolean;
    /** Secret that acknowledges its result. */
    readonly ack?: string;
    readonly jobId?: string;
}

/** A submission of an earlier process whose client may ask for it again, by its own key. */
export interface Survivor {
    /** SHA-256 of the API key. */
    readonly keyHash: Uint8Array;
    readonly key: string;
    /** What its node was promised for the result; 32 bytes. */
    readonly ack?: Uint8Array;
    /** Absent where the canister's answer had not come. */
    readonly jobId?: bigint;
    /** Its job has ended, or there is none. */
    closed(): void;
}

/** A submission whose answer nobody saw. */
interface Orphan {
    readonly submission: Submission;
    readonly sinceMs: number;
    /** When it was looked for last. */
    lookedAtMs: number;
}

/** How long the network may still execute a submission that was sent: as long as it takes an ingress message. */
const INGRESS_MS = 5 * 60_000;
/** Between two looks for the job of one. */
const LOOK_MS = 5_000;

/** Keys that the gateway has made up itself begin with this. */
export const OWN_KEY_PREFIX = 'g:';

/**
 * The cancellation of every job whose client has gone. It is written down before it is sent and struck out when the canister
 * has answered. After a crash the clients of all running requests have gone; those with a key of their own may come back.
 */
export class JobDebts implements Ledger, JournalPort {
    private readonly submissions = new Map<string, Submission>();
    /** Submissions whose answers nobody saw: there may be jobs of them, for which nobody waits. */
    private readonly orphans = new Map<string, Orphan>();
    private readonly cancels = new Map<string, { readonly sinceMs: number }>();

    constructor(
        private readonly jobs: JobPort,
        private readonly writer: JournalWriter
    ) {}

    get depth(): number {
        return this.cancels.size + this.orphans.size;
    }

    get oldestMs(): number | undefined {
        const [oldest] = this.cancels.values();
        return oldest?.sinceMs;
    }

    async opening(request: JobRequest, ack?: Uint8Array): Promise<OpenSubmission> {
        const id = randomUUID();
        const { idempotencyKey: key } = request;
        const ours = key.startsWith(OWN_KEY_PREFIX);
        const secret = ack && toHex(ack);
        await this.writer.write({ kind: 'opening', id, keyHash: toHex(request.keyHash), key, ours, ack: secret });
        return {
            submitted: (jobId) => this.writer.writeSoon({ kind: 'submitted', id, jobId: `${jobId}` }),
            unanswered: () => this.orphan(id),
            closed: () => this.writer.writeSoon({ kind: 'closed', id })
        };
    }

    async cancel(jobId: bigint): Promise<void> {
        await this.writer.write({ kind: 'cancel', jobId: `${jobId}` });
        await this.sendOne(`${jobId}`);
    }

    /** Submissions of the earlier process that are worth waiting for; after {@link takeOver}, nothing else is open. */
    survivors(): readonly Survivor[] {
        return [...this.submissions].map(([id, { keyHash, key, ack, jobId }]) => ({
            keyHash: fromHex(keyHash) ?? new Uint8Array(),
            key,
            ack: ack === undefined ? undefined : fromHex(ack),
            jobId: jobId === undefined ? undefined : BigInt(jobId),
            closed: () => this.writer.writeSoon({ kind: 'closed', id })
        }));
    }

    takeOver(): void {
        for (const [id, { jobId, ours }] of [...this.submissions]) {
            if (!ours) continue;
            if (jobId === undefined) this.orphan(id);
            else this.cancels.set(jobId, { sinceMs: this.writer.nowMs() });
            this.submissions.delete(id);
        }
    }

    async sendAll(): Promise<boolean> {
        for (const [id, orphan] of this.orphans) if (!(await this.lookUp(id, orphan))) return false;
        for (const jobId of [...this.cancels.keys()]) if (!(await this.sendOne(jobId))) return false;
        return true;
    }

    apply(entry: JournalEntry): void {
        switch (entry.kind) {
            case 'opening': {
                const { id, kind: _kind, ...submission } = entry;
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
                this.cancels.set(entry.jobId, { sinceMs: this.writer.nowMs() });
                return;
            case 'cancelled':
                this.cancels.delete(entry.jobId);
                return;
            default:
        }
    }

    state(): readonly JournalEntry[] {
        const orphans = [...this.orphans].map(([id, { submission }]) => [id, submission] as const);
        const submissions = [...orphans, ...this.submissions].flatMap(([id, { jobId, ...rest }]): JournalEntry[] => [
            { kind: 'opening', id, ...rest },
            ...(jobId === undefined ? [] : [{ kind: 'submitted' as const, id, jobId }])
        ]);
        return [...submissions, ...[...this.cancels.keys()].map((jobId): JournalEntry => ({ kind: 'cancel', jobId }))];
    }

    /** A client that has its own key may come back for what it has not heard of. */
    private orphan(id: string): void {
        const submission = this.submissions.get(id);
        const sinceMs = this.writer.nowMs();
        if (submission?.ours) this.orphans.set(id, { submission, sinceMs, lookedAtMs: -Infinity });
        this.submissions.delete(id);
    }

    /** That there is no job says nothing while its submission may still be executed. */
    private async lookUp(id: string, orphan: Orphan): Promise<boolean> {
        const nowMs = this.writer.nowMs();
        if (nowMs - orphan.lookedAtMs < LOOK_MS) return true;
        const { keyHash, key } = orphan.submission;
        return reached(async () => {
            const job = await this.jobs.find(fromHex(keyHash) ?? new Uint8Array(), key);
            if (job !== undefined) await this.writer.write({ kind: 'cancel', jobId: `${job.jobId}` });
            orphan.lookedAtMs = nowMs;
            if (job === undefined && nowMs - orphan.sinceMs < INGRESS_MS) return;
            await this.writer.write({ kind: 'closed', id });
        });
    }

    /** Any answer will do: a job that cannot be cancelled any more has ended. */
    private sendOne(jobId: string): Promise<boolean> {
        return reached(async () => {
            await this.jobs.cancel(BigInt(jobId));
            this.writer.writeSoon({ kind: 'cancelled', jobId });
        });
    }
}
