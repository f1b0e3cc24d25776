import fc from 'fast-check';
import { heapTables } from '../../../bench/queue_rules/heap_tables';
import { PRIORITIES, type Job } from '../../../canisters/compute_gateway/domain/job';
import { Market, NODE_A, NODE_B, someone } from '../compute_gateway/support/market';

const NODES = [NODE_A, NODE_B];

type Step = readonly [kind: 'submit' | 'claim' | 'complete' | 'fail' | 'advance' | 'sweep', number: number];

const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom('submit', 'submit', 'claim', 'complete', 'fail', 'advance', 'sweep'),
    fc.nat(30)
);

/** What whoever uses the queue is told by a step. */
function told(market: Market, held: Job[], [kind, number]: Step): unknown {
    switch (kind) {
        case 'submit': {
            const who = someone(30 + (number % 4));
            const priority = PRIORITIES[number % 3] ?? 'Standard';
            const sessionKey = number % 5 === 0 ? 'talk' : undefined;
            return market.queued({ payer: { kind: 'Principal', who }, submitter: who, priority, sessionKey });
        }
        case 'claim': {
            const jobs = market.claim(NODES[number % 2] ?? NODE_A, 1 + (number % 4));
            held.push(...jobs);
            return jobs;
        }
        case 'complete':
        case 'fail': {
            const [job] = held.splice(number % Math.max(1, held.length), 1);
            if (job === undefined) return undefined;
            return kind === 'complete' ? market.complete(job) : market.fail(job, 'late', number % 3 > 0);
        }
        case 'advance':
            return market.advance(1 + number * 3);
        case 'sweep':
            return [market.book.sweep(market.nowNs, 1 + number), market.messages()];
    }
}

test('the rules over tables in the heap tell everybody what they tell over stored rows', () => {
    fc.assert(
        fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
            const [stored, inHeap] = [new Market(), new Market({}, heapTables())];
            const [heldStored, heldInHeap]: [Job[], Job[]] = [[], []];
            for (const market of [stored, inHeap]) for (const node of NODES) market.attach(node, 4);
            for (const next of steps) {
                expect(told(inHeap, heldInHeap, next)).toEqual(told(stored, heldStored, next));
            }
            expect(inHeap.book.tables.totals.get()).toEqual(stored.book.tables.totals.get());
        }),
        { numRuns: 60 }
    );
});

test('an ordered table in the heap tells its smallest key, whatever comes and goes', () => {
    const keys = fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 20n }), fc.boolean()), { maxLength: 60 });
    fc.assert(
        fc.property(keys, (changes) => {
            const { schedule } = heapTables();
            const known = new Set<bigint>();
            for (const [atNs, isAdded] of changes) {
                if (isAdded) schedule.set({ atNs, id: 1n }, 1n);
                else schedule.delete({ atNs, id: 1n });
                if (isAdded) known.add(atNs);
                else known.delete(atNs);
                const [least] = [...known].sort((a, b) => Number(a - b));
                expect(schedule.firstKey()?.atNs).toBe(least);
                expect(schedule.size()).toBe(known.size);
            }
        })
    );
});
