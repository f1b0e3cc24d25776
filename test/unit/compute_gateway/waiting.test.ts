/** Jobs that some nodes may not have, or had and failed, neither wait for ever nor stand in others' way. */
import type { Principal } from '@dfinity/principal';
import { whyNot } from '../../../canisters/compute_gateway/domain/diagnosis';
import { fail } from '../../../canisters/compute_gateway/domain/finish';
import type { Job } from '../../../canisters/compute_gateway/domain/job';
import { settleOpening, submit, type Submission } from '../../../canisters/compute_gateway/domain/submit';
import { ALICE, Market, NODE_A, NODE_B, someone } from './support/market';

function twoNodes(): Market {
    const market = new Market();
    for (const node of [NODE_A, NODE_B]) market.attach(node, 64);
    return market;
}

/** A job of a key that trusts these nodes alone. */
function queuedFor(market: Market, nodes: readonly Principal[], changes: Partial<Submission> = {}): Job {
    const intent = submit(market.book, market.submission(changes), market.nowNs);
    if (!intent.ok || intent.value.kind !== 'Ask') throw intent;
    const answer = { kind: 'Held', owner: ALICE, nodes } as const;
    const job = settleOpening(market.book, intent.value.request, answer, market.nowNs);
    if (!job.ok) throw job;
    return job.value;
}

const why = (market: Market, { id }: Job) => {
    const job = market.book.get(id);
    return job && whyNot(market.book, job, market.nowNs);
};

test('a node that failed a job gets it again when it is the only one that the key trusts, whoever else serves', () => {
    const market = twoNodes();
    const job = queuedFor(market, [NODE_A]);
    market.fail(market.leased(NODE_A), 'backend_503', true);
    market.advance(4);
    expect(market.claim(NODE_B)).toEqual([]);
    expect(why(market, job)).toBe('AwaitingClaim');
    expect(market.leased(NODE_A)).toMatchObject({ id: job.id, attempt: 2, excluded: [NODE_A] });
});

test('a job is left to the nodes that have not failed it for half a lease, then anybody may have it', () => {
    const market = twoNodes();
    const job = market.queued();
    market.fail(market.leased(NODE_A), 'backend_503', true);
    market.advance(4);
    market.book.sweep(market.nowNs, 10);
    market.advance(29);
    expect(market.claim(NODE_A)).toEqual([]);
    market.advance(1);
    expect(market.leased(NODE_A)).toMatchObject({ id: job.id, attempt: 2 });
});

test('a job behind another one of its conversation says so, and one that all nodes have failed does not say that none may have it', () => {
    const market = twoNodes();
    market.queued({ sessionKey: 'talk' });
    const second = market.queued({ sessionKey: 'talk' });
    const running = market.leased(NODE_A);
    expect(why(market, second)).toBe('AwaitingConversation');
    market.complete(running);
    expect(why(market, second)).toBe('AwaitingClaim');
    market.fail(market.leased(NODE_A), 'backend_503', true);
    market.advance(10);
    market.fail(market.leased(NODE_B), 'backend_503', true);
    market.advance(10);
    market.book.sweep(market.nowNs, 10);
    expect(why(market, second)).toBe('AwaitingClaim');
});

test('jobs for a node that has gone, of more payers than one claim looks at, do not keep a node from the jobs behind them', () => {
    const market = twoNodes();
    const gone = someone(12);
    const of = (number: number) => ({ payer: { kind: 'Principal', who: someone(number) }, submitter: ALICE }) as const;
    for (let payer = 100; payer < 140; payer++) queuedFor(market, [gone], of(payer));
    const free = Array.from({ length: 3 }, (_, index) => market.queued(of(200 + index)).id);
    const served: bigint[] = [];
    for (let claims = 0; claims < 8; claims++) served.push(...market.claim(NODE_A, 8).map(({ id }) => id));
    expect(served.sort()).toEqual(free.sort());
});

test('a node that gives a job back without blame does not get it again before others had their chance', () => {
    const market = twoNodes();
    const job = market.queued();
    const giveBack = (leased: Job) => {
        const { lease } = leased;
        if (lease === undefined) throw new RangeError('not leased');
        const failure = { jobId: leased.id, claim: lease, code: 'busy', retryable: true, isBlameless: true };
        expect(fail(market.book, failure, market.nowNs).ok).toBe(true);
    };
    giveBack(market.leased(NODE_A));
    expect(market.book.get(job.id)).toMatchObject({ failures: 0, state: { kind: 'Queued' } });
    expect(market.claim(NODE_A)).toEqual([]);
    giveBack(market.leased(NODE_B));
    for (let node = 30; node < 60; node++) {
        market.attach(someone(node));
        giveBack(market.leased(someone(node)));
    }
    expect(market.book.get(job.id)?.excluded).toHaveLength(16);
    expect(market.book.get(job.id)).toMatchObject({ failures: 0, attempt: 32 });
});
