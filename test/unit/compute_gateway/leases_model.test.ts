import fc from 'fast-check';
import { goodbye, heartbeat } from '../../../canisters/compute_gateway/domain/claim';
import { cancel } from '../../../canisters/compute_gateway/domain/finish';
import {
    creditsUsed,
    dueNs,
    holdOf,
    isHeld,
    isTerminal,
    OPENING_LIMIT_NS,
    PRIORITIES,
    type Job
} from '../../../canisters/compute_gateway/domain/job';
import { detach } from '../../../canisters/compute_gateway/domain/nodes';
import { settleOpening, submit } from '../../../canisters/compute_gateway/domain/submit';
import { ALICE, APP, Market, NODE_A, NODE_B, someone } from './support/market';

const NODES = [NODE_A, NODE_B, someone(12)];

type Command =
    | {
          readonly kind: 'submit';
          readonly hub: 'held' | 'refused' | 'unknown' | 'silent';
          readonly priority: number;
          readonly who: number;
      }
    | { readonly kind: 'claim'; readonly node: number; readonly max: number }
    | {
          readonly kind: 'complete' | 'fail' | 'beat';
          readonly lease: number;
          readonly retryable: boolean;
          /** Told by the heartbeat; none below zero. */
          readonly units: number;
      }
    | { readonly kind: 'cancel'; readonly job: number }
    | { readonly kind: 'goodbye'; readonly node: number }
    | { readonly kind: 'advance'; readonly seconds: number }
    | { readonly kind: 'sweep'; readonly budget: number };

const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({
        kind: fc.constant('submit' as const),
        hub: fc.constantFrom('held', 'held', 'held', 'refused', 'unknown', 'silent'),
        priority: fc.nat(2),
        who: fc.nat(5)
    }),
    fc.record({ kind: fc.constant('claim' as const), node: fc.nat(2), max: fc.integer({ min: 1, max: 4 }) }),
    fc.record({
        kind: fc.constantFrom('complete', 'fail', 'beat'),
        lease: fc.nat(40),
        retryable: fc.boolean(),
        units: fc.integer({ min: -1, max: 12 })
    }),
    fc.record({ kind: fc.constant('cancel' as const), job: fc.nat(20) }),
    fc.record({ kind: fc.constant('goodbye' as const), node: fc.nat(2) }),
    fc.record({ kind: fc.constant('advance' as const), seconds: fc.constantFrom(1, 2, 5, 30, 61, 200) }),
    fc.record({ kind: fc.constant('sweep' as const), budget: fc.integer({ min: 1, max: 5 }) })
);

/** Drives the book, remembers every lease and every end that anybody has ever seen, and checks the invariants. */
class Witness {
    readonly market = new Market({ maxActivePerPayer: 8n, retentionS: 3_600n });
    private readonly leases: Job[] = [];
    private readonly ids: bigint[] = [];
    private readonly ends = new Map<bigint, string>();
    private readonly recorded = new Map<bigint, string>();
    /** Newest attempt of each job: the only one whose result may count. */
    private readonly newestToken = new Map<bigint, bigint>();

    constructor() {
        for (const node of NODES) this.market.attach(node, 3);
    }

    run(step: Command): void {
        switch (step.kind) {
            case 'submit':
                return this.submit(step);
            case 'claim':
                return this.claim(step.node, step.max);
            case 'complete':
            case 'fail':
            case 'beat':
                return this.finish(step);
            case 'cancel':
                cancel(this.market.book, this.ids[step.job % (this.ids.length || 1)] ?? 0n, ALICE, this.market.nowNs);
                return;
            case 'goodbye':
                return this.goodbye(NODES[step.node] ?? NODE_A);
            case 'advance':
                this.market.advance(step.seconds);
                return;
            case 'sweep':
                this.market.book.sweep(this.market.nowNs, step.budget);
        }
    }

    private goodbye(node: typeof NODE_A): void {
        detach(this.market.book.tables, node);
        goodbye(this.market.book, node, this.market.nowNs);
        expect(this.market.book.tables.leases.get(node) ?? []).toEqual([]);
        this.market.attach(node, 3);
    }

    private submit({ hub, priority, who }: Extract<Command, { kind: 'submit' }>): void {
        const { market } = this;
        const payer = { kind: 'Principal', who: who % 2 === 0 ? ALICE : someone(30) } as const;
        const sessionKey = who > 3 ? 'session' : undefined;
        const asked = { priority: PRIORITIES[priority] ?? 'Standard', ttlS: 300n, payer, submitter: ALICE, sessionKey };
        const submission = market.submission(asked);
        const intent = submit(market.book, submission, market.nowNs);
        if (!intent.ok || intent.value.kind !== 'Ask') return;
        const { request } = intent.value;
        if (hub === 'held') this.ids.push(request.requestId);
        const answers = {
            held: { kind: 'Held', owner: ALICE },
            refused: { kind: 'Refused', error: { kind: 'InsufficientCredits', available: 0n } },
            unknown: { kind: 'Unknown', reason: 'silence' }
        } as const;
        if (hub !== 'silent') settleOpening(market.book, request, answers[hub], market.nowNs);
    }

    private claim(index: number, max: number): void {
        const node = NODES[index] ?? NODE_A;
        for (const job of this.market.claim(node, max)) {
            this.leases.push(job);
            expect(this.newestToken.get(job.id)).not.toBe(job.lease?.token);
            this.newestToken.set(job.id, job.lease?.token ?? 0n);
        }
    }

    private finish(step: Extract<Command, { kind: 'complete' | 'fail' | 'beat' }>): void {
        const lease = this.leases[step.lease % (this.leases.length || 1)];
        if (lease?.lease === undefined) return;
        const { node, token } = lease.lease;
        const isNewest = this.newestToken.get(lease.id) === token;
        if (step.kind === 'complete') {
            const done = this.market.complete(lease);
            if (done.ok) expect(isNewest).toBe(true);
        } else if (step.kind === 'fail') {
            const failed = this.market.fail(lease, 'backend_down', step.retryable);
            if (failed.ok) expect(isNewest).toBe(true);
        } else {
            const units = step.units < 0 ? undefined : BigInt(step.units);
            const beat = heartbeat(this.market.book, node, [{ jobId: lease.id, token, units }], this.market.nowNs);
            if (beat.extended.length > 0) expect(isNewest).toBe(true);
        }
    }

    check(): void {
        const { book } = this.market;
        const { tables } = book;
        const jobs = this.ids.map((id) => book.get(id)).filter((job) => job !== undefined);
        const leased = jobs.filter(isHeld).map((job) => job.id);
        const held = NODES.flatMap((node) => tables.leases.get(node) ?? []);
        // G1: exactly the leased jobs are held, each by one node.
        expect([...held].sort()).toEqual([...leased].sort());
        expect(book.queue.length(APP)).toBe(BigInt(jobs.filter((job) => job.state.kind === 'Queued').length));
        for (const job of jobs) this.checkJob(job);
        this.checkRecords(jobs);
    }

    private checkJob(job: Job): void {
        const { tables } = this.market.book;
        const { wakeNs } = tables.jobs.get(job.id) ?? {};
        const due = dueNs(job, tables.limits.get());
        const alarmNs = job.lease && isHeld(job) ? tables.alarmOfNode.get(job.lease.node) : undefined;
        if (wakeNs !== undefined && wakeNs <= due) {
            expect(tables.schedule.has({ atNs: wakeNs, id: job.id })).toBe(true);
        } else if (isHeld(job)) {
            expect(alarmNs).toBeLessThanOrEqual(due);
            expect(tables.alarms.has({ atNs: alarmNs ?? 0n, node: job.lease?.node ?? NODE_A })).toBe(true);
        } else if (job.id >= tables.nextSeen.get()) {
            expect(job.createdAtNs + OPENING_LIMIT_NS).toBeLessThanOrEqual(due);
        } else {
            expect(isTerminal(job.state)).toBe(true);
        }
        // G2: an end is an end.
        const seen = this.ends.get(job.id);
        if (seen !== undefined) expect(job.state.kind).toBe(seen);
        if (isTerminal(job.state)) this.ends.set(job.id, job.state.kind);
    }

    private checkRecords(jobs: readonly Job[]): void {
        for (const record of this.market.records()) {
            expect(this.recorded.has(record.requestId)).toBe(false);
            this.recorded.set(record.requestId, record.status);
            const job = this.market.book.get(record.requestId);
            // A cancelled job costs what its node told, all others without a result cost nothing; nothing costs more than its hold.
            const isPaid = record.status === 'Success' || record.status === 'Cancelled';
            expect(record.creditsUsed).toBe(isPaid && job !== undefined ? creditsUsed(job) : 0n);
            expect(record.creditsUsed).toBeLessThanOrEqual(job === undefined ? 0n : holdOf(job));
            expect(record.receipt !== undefined).toBe(record.status === 'Success' || record.creditsUsed > 0n);
        }
        for (const job of jobs) expect(this.recorded.has(job.id)).toBe(isTerminal(job.state));
    }

    /** When nobody works any more, time ends everything. */
    settle(): void {
        for (let round = 0; round < 8; round++) {
            this.market.advance(301);
            while (this.market.book.sweep(this.market.nowNs, 3));
            this.check();
        }
        const { tables } = this.market.book;
        expect(tables.totals.get().active).toBe(0n);
        for (const table of [tables.loadByPayer, tables.appQueues, tables.flows, tables.alarms]) {
            expect(table.size()).toBe(0);
        }
        for (const node of NODES) expect(tables.leases.get(node) ?? []).toEqual([]);
        expect(tables.flowEntries.size()).toBeLessThanOrEqual(tables.flowIds.size());
        expect(tables.alarmOfNode.size()).toBe(0);
        for (const id of this.ids) expect(this.recorded.has(id)).toBe(true);
    }
}

test('G1, G2: under any interleaving a job has one live lease, one end and one record', () => {
    fc.assert(
        fc.property(fc.array(command, { minLength: 5, maxLength: 80 }), (steps) => {
            const witness = new Witness();
            for (const step of steps) {
                witness.run(step);
                witness.check();
            }
            witness.settle();
        }),
        { numRuns: 200 }
    );
});
