import fc from 'fast-check';
import { FairQueue, type FlowName, type Place } from '../../../canisters/compute_gateway/domain/fair_queue';
import { PRIORITIES, type Priority } from '../../../canisters/compute_gateway/domain/job';
import { openTables } from '../../../canisters/compute_gateway/storage';
import { MemoryTables } from '../../../src/core/table';
import { someone } from './support/market';

const APP = 'app';

/** A queue that remembers what was put where. */
class Bench {
    private memory = new MemoryTables();
    tables = openTables(this.memory);
    queue = new FairQueue(this.tables);
    readonly costs = new Map<bigint, bigint>();
    readonly owners = new Map<bigint, number>();
    readonly places = new Map<bigint, Place>();
    private last = 0n;

    /** What is not stored is lost. */
    upgrade(): void {
        this.memory = this.memory.reopened();
        this.tables = openTables(this.memory);
        this.queue = new FairQueue(this.tables);
    }

    push(user: number, cost = 1n, lane: Priority = 'Standard', where: 'back' | 'front' = 'back'): bigint {
        const id = ++this.last;
        this.costs.set(id, cost);
        this.owners.set(id, user);
        this.places.set(id, this.queue.push(nameOf(user, lane), id, where));
        return id;
    }

    /** Takes the next job of those that suit; undefined when there is none. */
    take(suits: (id: bigint) => boolean = () => true): bigint | undefined {
        const id = this.queue.take(APP, (candidate) =>
            suits(candidate) ? { value: candidate, cost: this.costs.get(candidate) ?? 1n } : undefined
        );
        if (id !== undefined) this.places.delete(id);
        return id;
    }

    takeMany(count: number): bigint[] {
        return Array.from({ length: count }, () => this.take()).filter((id) => id !== undefined);
    }

    remove(id: bigint): void {
        const place = this.places.get(id);
        if (place !== undefined) this.queue.remove(APP, place);
        this.places.delete(id);
    }
}

function nameOf(user: number, lane: Priority): FlowName {
    return { appId: APP, lane, payer: { kind: 'Principal', who: someone(user) } };
}

test('scenario 12: ten jobs of B, queued after a thousand of A, end before the fiftieth further job of A', () => {
    const bench = new Bench();
    for (let count = 0; count < 1_000; count++) bench.push(1);
    const late = Array.from({ length: 10 }, () => bench.push(2));
    const order = bench.takeMany(1_010);
    const lastOfB = Math.max(...late.map((id) => order.indexOf(id)));
    const ofABefore = order.slice(0, lastOfB).filter((id) => bench.owners.get(id) === 1);
    expect(ofABefore.length).toBeLessThan(50);
    expect(order).toHaveLength(1_010);
});

test('shares are of cost: who asks for dear jobs gets fewer', () => {
    const bench = new Bench();
    for (let count = 0; count < 200; count++) bench.push(1, 10n);
    for (let count = 0; count < 200; count++) bench.push(2, 1n);
    const taken = bench.takeMany(110);
    const costOf = (user: number) =>
        taken.filter((id) => bench.owners.get(id) === user).reduce((sum, id) => sum + (bench.costs.get(id) ?? 0n), 0n);
    expect(Number(costOf(1)) / Number(costOf(2))).toBeGreaterThan(0.7);
    expect(Number(costOf(1)) / Number(costOf(2))).toBeLessThan(1.5);
});

test('interactive, standard and batch share 8:4:1', () => {
    const bench = new Bench();
    for (const lane of PRIORITIES) for (let count = 0; count < 200; count++) bench.push(1, 1n, lane);
    const taken = bench.takeMany(130).map((id) => Number((id - 1n) / 200n));
    expect([0, 1, 2].map((lane) => taken.filter((other) => other === lane).length)).toEqual([80, 40, 10]);
});

test('a lane that was empty has saved nothing up', () => {
    const bench = new Bench();
    for (let count = 0; count < 200; count++) bench.push(1, 1n, 'Interactive');
    bench.takeMany(100);
    for (let count = 0; count < 50; count++) bench.push(2, 1n, 'Standard');
    const taken = bench.takeMany(30).filter((id) => bench.owners.get(id) === 2);
    expect(taken.length).toBeLessThanOrEqual(11);
    expect(taken.length).toBeGreaterThanOrEqual(9);
});

test('jobs that do not suit are passed over and stay where they are', () => {
    const bench = new Bench();
    const [first, second] = [bench.push(1), bench.push(1)];
    const other = bench.push(2);
    expect(bench.take((id) => id === second)).toBe(second);
    expect(bench.take((id) => id === other)).toBe(other);
    expect(bench.take(() => false)).toBeUndefined();
    expect(bench.queue.length(APP)).toBe(1n);
    expect(bench.take()).toBe(first);
});

test('holes are never in the way, however many', () => {
    const bench = new Bench();
    const ids = Array.from({ length: 40 }, () => bench.push(1));
    for (const id of ids.slice(1, 39)) bench.remove(id);
    expect(bench.take()).toBe(ids[0]);
    const found: (bigint | undefined)[] = [];
    for (let tries = 0; tries < 6; tries++) found.push(bench.take());
    expect(found).toContain(ids[39]);
    expect(bench.queue.length(APP)).toBe(0n);
});

test('many payers with debts: somebody is served at every take', () => {
    const bench = new Bench();
    for (let round = 0; round < 3; round++)
        for (let user = 1; user <= 40; user++) bench.push(user, BigInt(user * user));
    for (let count = 0; count < 120; count++) expect(bench.take()).toBeDefined();
    expect(bench.take()).toBeUndefined();
});

test('any pushes, takes, removals and upgrades: every job leaves once, each payer’s in order, and nothing is left behind', () => {
    const step = fc.record({
        kind: fc.constantFrom('push', 'push', 'many', 'front', 'take', 'take', 'remove', 'picky', 'upgrade'),
        user: fc.integer({ min: 1, max: 4 }),
        lane: fc.nat(2),
        cost: fc.integer({ min: 1, max: 50 }),
        pick: fc.nat(30)
    });
    fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
            const bench = new Bench();
            /** Waiting jobs of each flow, first to last. */
            const flows = new Map<string, bigint[]>();
            const waiting = () => [...flows.values()].flat();
            const forget = (id: bigint) => {
                for (const ids of flows.values()) if (ids.includes(id)) ids.splice(ids.indexOf(id), 1);
            };
            for (const { kind, user, lane, cost, pick } of steps) {
                const name = PRIORITIES[lane] ?? 'Standard';
                const flow = flows.get(`${user} ${name}`) ?? [];
                flows.set(`${user} ${name}`, flow);
                if (kind === 'push') flow.push(bench.push(user, BigInt(cost), name));
                if (kind === 'many') for (let i = 0; i < cost; i++) flow.push(bench.push(user, 1n, name));
                if (kind === 'upgrade') bench.upgrade();
                if (kind === 'front') flow.unshift(bench.push(user, BigInt(cost), name, 'front'));
                const chosen = waiting()[pick % (waiting().length || 1)];
                if (kind === 'remove' && chosen !== undefined) {
                    bench.remove(chosen);
                    forget(chosen);
                }
                if (kind === 'take') {
                    const heads = [...flows.values()].flatMap(([first]) => first ?? []);
                    const taken = bench.take();
                    if (taken === undefined) expect(heads).toEqual([]);
                    else expect(heads).toContain(taken);
                    if (taken !== undefined) forget(taken);
                }
                if (kind === 'picky' && chosen !== undefined && bench.take((id) => id === chosen) === chosen)
                    forget(chosen);
                expect(bench.queue.length(APP)).toBe(BigInt(waiting().length));
            }
            for (let left = 4_000; left > 0 && waiting().length > 0; left--) forget(bench.take() ?? 0n);
            expect(waiting()).toEqual([]);
            for (const table of [bench.tables.appQueues, bench.tables.flows]) expect(table.size()).toBe(0);
            // The first page of a flow stays for the next time.
            expect(bench.tables.flowEntries.size()).toBeLessThanOrEqual(bench.tables.flowIds.size());
        }),
        { numRuns: 300 }
    );
});

test('waiting jobs lie 64 to a row: rows behind the head and rows of holes alone are gone', () => {
    const bench = new Bench();
    const { flowEntries } = bench.tables;
    const ids = Array.from({ length: 640 }, () => bench.push(1));
    expect(flowEntries.size()).toBe(10);
    expect(bench.takeMany(130)).toEqual(ids.slice(0, 130));
    expect(flowEntries.size()).toBe(8);
    // The whole fifth row is cancelled, and all but one of the sixth.
    for (const id of ids.slice(256, 383)) bench.remove(id);
    expect(flowEntries.size()).toBe(7);
    const returned = bench.push(1, 1n, 'Standard', 'front');
    expect(bench.takeMany(640)).toEqual([returned, ...ids.slice(130, 256), ...ids.slice(383)]);
    expect(flowEntries.size()).toBe(0);
    const later = bench.push(1);
    expect(bench.take()).toBe(later);
    expect(flowEntries.size()).toBe(1);
});
