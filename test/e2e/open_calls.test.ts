/** An upgrade meets calls whose answers have not come: the canister refuses it, and says what to do. */
import { INTERFACES } from '../../src/client/canisters';
import { accepted, type Answer } from '../support/compute_market';
import { makeFaulty, type ReplyFault } from '../support/faulty_canister';
import { CREDITS, JobMarket, type Gateway, type SubmitArgs } from '../support/job_market';
import { toPicPrincipal } from '../support/pic_actor';

type Submitted = Awaited<ReturnType<Gateway['submit_job']>>;

let market: JobMarket;
/** What becomes of the hub's answers to the queue. */
let setFault: (fault: ReplyFault) => Promise<void>;

beforeAll(async () => {
    market = await JobMarket.open('node a');
    setFault = await makeFaulty(market.suite, 'hub', market.suite.ids.compute_gateway);
});
afterAll(() => market.suite.close());

beforeEach(() => market.renew());

/** Sends a submission off; the returned function waits for its answer. */
async function sendOff(): Promise<() => Promise<Submitted>> {
    const { pic, ids } = market.suite;
    const deferred = pic.createDeferredActor(INTERFACES.compute_gateway as never, toPicPrincipal(ids.compute_gateway));
    deferred.setPrincipal(toPicPrincipal(market.user));
    const sender = deferred as unknown as { submit_job(args: SubmitArgs): Promise<() => Promise<Submitted>> };
    return sender.submit_job(market.order());
}

async function outcomeOf(upgrade: Promise<void>): Promise<string> {
    return upgrade.then(
        () => 'upgraded',
        (failure: unknown) => String(failure)
    );
}

test('while the hub is being asked the queue is not upgraded; with the answer it is, and the job is there once', async () => {
    const { suite } = market;
    await setFault('held_reply');
    const answer = await sendOff();
    await suite.pic.tick(5);
    const refusal = await outcomeOf(suite.upgradeAtRest('compute_gateway'));
    expect(refusal).toContain('calls to other canisters are under way (1): stop the canister before the upgrade');
    expect(await market.account()).toMatchObject({ available: CREDITS - 20n, held: 20n });

    await setFault('none');
    await suite.pic.tick(5);
    const { job_id: jobId } = accepted((await answer()) as Answer<{ job_id: bigint }>);
    expect(await outcomeOf(suite.upgradeAtRest('compute_gateway'))).toBe('upgraded');
    await suite.pic.tick(3);
    const [node] = market.nodes;
    if (node === undefined) throw new RangeError('no node');
    accepted(await market.complete(node, await market.claim(node)));
    await suite.advance(1);
    expect(await market.stateOf(jobId)).toBe('Completed');
    expect(await market.account()).toMatchObject({ available: CREDITS - 6n, held: 0n, spent: 6n });
});

test('a call that failed counts no more, and calls of every canister count', async () => {
    const { suite } = market;
    await setFault('trap');
    const failed = await sendOff();
    await suite.pic.tick(5);
    expect(await failed()).toEqual({ Err: { TemporarilyUnavailable: 'the hub did not answer' } });
    await setFault('none');
    await suite.advance(10);
    for (const name of ['compute_gateway', 'hub', 'state_machine', 'rewards', 'token_icrc1'] as const) {
        expect([name, await outcomeOf(suite.upgradeAtRest(name))]).toEqual([name, 'upgraded']);
        await suite.pic.tick(3);
    }
});
