/** Groups, second chances and goodbyes on a network with the real hub and its credits. */
import type { Principal } from '@dfinity/principal';
import { accepted, code } from '../support/compute_market';
import { CREDITS, JobMarket, OUTPUT, type Gateway, type Lease } from '../support/job_market';
import type { Suite } from '../support/suite';

let market: JobMarket;
let suite: Suite;
let NODE_A: Principal;
let NODE_B: Principal;
let user: Principal;
let app: string;

beforeAll(async () => {
    market = await JobMarket.open('node a', 'node b');
    ({ suite } = market);
    [NODE_A, NODE_B] = market.nodes as [Principal, Principal];
});
afterAll(() => suite.close());

beforeEach(async () => {
    await market.renew();
    ({ user, app } = market);
});

const gateway = (who?: Principal): Gateway => market.as(who);
const account: JobMarket['account'] = () => market.account();
const groupOrder: JobMarket['groupOrder'] = (changes) => market.groupOrder(changes);
const submit = (): Promise<bigint> => market.submit();
const claim = (node: Principal): Promise<Lease> => market.claim(node);
const resultOf: JobMarket['resultOf'] = (lease) => market.resultOf(lease);

test('a group runs as one job per shard, in batches, and is paid for each', async () => {
    const group = accepted(await gateway(user).submit_group(groupOrder()));
    expect(await account()).toMatchObject({ available: 40n, held: 60n });
    const leases = accepted(await gateway(NODE_A).claim_jobs({ max: 8, apps: [[app]] }));
    expect(leases.map(({ input }) => input[0])).toEqual([1, 2, 3]);
    const results = leases
        .map((lease) => resultOf(lease))
        .map((result, index) => (index === 2 ? { ...result, token: 0n } : result));
    const answers = await gateway(NODE_A).complete_jobs(results);
    expect(answers.map(code)).toEqual(['ok', 'ok', 'StaleLease']);
    accepted(await gateway(user).cancel_group(group.group_id));
    const running = leases.map(({ job_id, token }) => ({ job_id, token, units: [0n] as [bigint] })).slice(2);
    expect([...(await gateway(NODE_A).heartbeat(running)).cancelled]).toEqual(running.map(({ job_id }) => job_id));
    await suite.advance(1);
    const { jobs } = accepted(await gateway(user).get_group(group.group_id));
    expect(jobs.map(({ state }) => Object.keys(state)[0])).toEqual(['Completed', 'Completed', 'Cancelled']);
    expect(await account()).toMatchObject({ available: 88n, held: 0n, spent: 12n });
    const poor = await gateway(user).submit_group(
        groupOrder({ max_credits: 40n, inputs: Array<Uint8Array>(5).fill(OUTPUT) })
    );
    expect(code(poor)).toBe('InsufficientCredits');
    await suite.advance(1);
    expect(await account()).toMatchObject({ available: 88n, held: 0n });
});

test('a failed job is listed, and paid anew when it is tried once more', async () => {
    const jobId = await submit();
    const { job_id, attempt, token } = await claim(NODE_A);
    const failure = { job_id, attempt, token, code: 'context_too_long', retryable: false, no_penalty: [] as [] };
    accepted(await gateway(NODE_A).fail_job(failure));
    await suite.advance(1);
    expect(await account()).toMatchObject({ available: CREDITS, held: 0n });
    expect((await gateway(user).list_dead_jobs(0n, 10n)).map((dead) => dead.job_id)).toEqual([jobId]);
    const again = accepted(await gateway(user).redrive_job(jobId));
    expect(again).toMatchObject({ redrive_of: [jobId], credits_held: 20n });
    expect(accepted(await gateway(user).redrive_job(jobId)).job_id).toBe(again.job_id);
    accepted(await gateway(NODE_B).complete_job(resultOf(await claim(NODE_B))));
    await suite.advance(1);
    expect(await account()).toMatchObject({ available: 94n, held: 0n, spent: 6n });
});

test('scenario 22: a node that says goodbye gives its leases back at once, and gets no more', async () => {
    const jobId = await submit();
    await claim(NODE_A);
    expect(accepted(await gateway(NODE_A).goodbye())).toBe(1);
    expect(code(await gateway(NODE_A).claim_jobs({ max: 1, apps: [] }))).toBe('NotAttached');
    expect((await claim(NODE_B)).job_id).toBe(jobId);
});
