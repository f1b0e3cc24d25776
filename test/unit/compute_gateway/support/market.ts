import { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../../src/core/clock';
import { MemoryTables } from '../../../../src/core/table';
import type { AppSpec } from '../../../../canisters/compute_gateway/domain/app';
import { registerApp } from '../../../../canisters/compute_gateway/domain/apps';
import { claim } from '../../../../canisters/compute_gateway/domain/claim';
import { complete, fail, type Completion } from '../../../../canisters/compute_gateway/domain/finish';
import type { Job } from '../../../../canisters/compute_gateway/domain/job';
import { JobBook } from '../../../../canisters/compute_gateway/domain/job_book';
import type { Limits } from '../../../../canisters/compute_gateway/domain/limits';
import { attach } from '../../../../canisters/compute_gateway/domain/nodes';
import type { DueMessage, ResultRecord } from '../../../../canisters/compute_gateway/domain/outbox';
import { settleOpening, submit, type Submission } from '../../../../canisters/compute_gateway/domain/submit';
import { openTables } from '../../../../canisters/compute_gateway/storage';

export const GENESIS_NS = 1_800_000_000n * NS_PER_S;
export const MODEL_HASH = new Uint8Array(32).fill(7);
export const APP = 'embed-en';

export const ALICE = someone(1);
export const BOB = someone(2);
export const GATEWAY = someone(3);
export const NODE_A = someone(10);
export const NODE_B = someone(11);
export const DEVELOPER = someone(20);

/** A principal of its own for every number. */
export function someone(number: number): Principal {
    return Principal.fromUint8Array(Uint8Array.of(number >> 8, number & 255, 1));
}

/** A book over memory tables with one app and a clock that only moves when told, as a test wants it. */
export class Market {
    readonly book: JobBook;
    nowNs = GENESIS_NS;
    private lastToken = 1000n;

    constructor(limits: Partial<Limits> = {}, tables = openTables(new MemoryTables())) {
        this.book = new JobBook(tables);
        tables.limits.set({ ...tables.limits.get(), ...limits });
        this.registerApp(APP, MODEL_HASH);
    }

    registerApp(appId: string, modelHash: Uint8Array, changes: Partial<AppSpec> = {}): void {
        const spec = { unit: 'input', unitPriceCredits: 2n, maxUnits: 100n, leaseS: 60n } as const;
        const app: AppSpec = { ...spec, kind: 'Embedding', ...changes, appId, modelHash };
        expect(registerApp(this.book.tables, app, DEVELOPER, this.nowNs)).toMatchObject({ ok: true });
    }

    advance(seconds: number | bigint): void {
        this.nowNs += BigInt(seconds) * NS_PER_S;
    }

    attach(node: Principal, slots = 8, apps: readonly string[] = [APP]): void {
        expect(attach(this.book.tables, node, { apps, slots }, this.nowNs)).toMatchObject({ ok: true });
    }

    submission(changes: Partial<Submission> = {}): Submission {
        const input = Uint8Array.of(1, 2, 3);
        const payer = { kind: 'Principal', who: ALICE } as const;
        return { appId: APP, input, maxCredits: 20n, payer, submitter: ALICE, priority: 'Standard', ...changes };
    }

    /** Submits and lets the hub hold. */
    queued(changes: Partial<Submission> = {}): Job {
        const intent = submit(this.book, this.submission(changes), this.nowNs);
        if (!intent.ok || intent.value.kind !== 'Ask') throw new UnexpectedRefusal(intent);
        const answer = { kind: 'Held', owner: ALICE } as const;
        const job = settleOpening(this.book, intent.value.request, answer, this.nowNs);
        if (!job.ok) throw new UnexpectedRefusal(job);
        return job.value;
    }

    claim(node: Principal, max = 1, apps?: readonly string[]): readonly Job[] {
        const tokens = Array.from({ length: max }, () => ++this.lastToken);
        return claim(this.book, node, tokens, this.nowNs, apps);
    }

    /** Claims exactly one job. */
    leased(node: Principal): Job {
        const [job] = this.claim(node);
        if (job === undefined) throw new UnexpectedRefusal('nothing to claim');
        return job;
    }

    completion(job: Job, changes: Partial<Completion> = {}): Completion {
        const { lease } = job;
        if (lease === undefined) throw new UnexpectedRefusal(job);
        const output = Uint8Array.of(9, 9);
        return { jobId: job.id, claim: lease, output, units: 3n, modelHash: MODEL_HASH, ...changes };
    }

    complete(job: Job, changes: Partial<Completion> = {}): ReturnType<typeof complete> {
        return complete(this.book, this.completion(job, changes), this.nowNs);
    }

    fail(job: Job, code: string, retryable: boolean): ReturnType<typeof fail> {
        const { lease } = job;
        if (lease === undefined) throw new UnexpectedRefusal(job);
        return fail(this.book, { jobId: job.id, claim: lease, code, retryable }, this.nowNs);
    }

    state(job: Job): string | undefined {
        return this.book.get(job.id)?.state.kind;
    }

    /** Messages that the hub would get by now; it answers all. */
    messages(): readonly DueMessage[] {
        const { outbox } = this.book;
        const answered = (sent: readonly DueMessage[]): readonly DueMessage[] => {
            for (const { key } of sent) outbox.settle(key);
            return sent;
        };
        const fresh = answered(outbox.takeFresh(1_000));
        return [...fresh, ...answered(outbox.take(this.nowNs, 1_000))];
    }

    /** Everything that the hub would be told by now. */
    records(): readonly ResultRecord[] {
        return this.messages().flatMap(({ message }) => this.book.recordOf(message) ?? []);
    }
}

/** A fixture step that had to succeed was refused. */
export class UnexpectedRefusal extends Error {
    constructor(readonly what: unknown) {
        super(
            `unexpected: ${JSON.stringify(what, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}`
        );
        this.name = 'UnexpectedRefusal';
    }
}
