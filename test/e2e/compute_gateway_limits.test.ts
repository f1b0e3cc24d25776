/** What bounds jobs, apps and nodes, on a network with the real hub, ledger and state machine. */
import type { Principal } from '@dfinity/principal';
import { accepted, code } from '../support/compute_market';
import { DEVELOPER, JobMarket } from '../support/job_market';
import { sha256 } from '../../src/core/hash';

let market: JobMarket;
let NODE_A: Principal;

beforeAll(async () => {
    market = await JobMarket.open('node a');
    [NODE_A] = market.nodes as [Principal];
});
afterAll(() => market.suite.close());
beforeEach(() => market.renew());

/** Another app of this test, with other terms. */
async function register(name: string, changes: Partial<ReturnType<JobMarket['appSpec']>>) {
    const app_id = `${market.app}-${name}`;
    const spec = { ...market.appSpec(), app_id, model_hash: sha256(new TextEncoder().encode(app_id)), ...changes };
    return market.as(DEVELOPER).register_app(spec);
}

test('an attempt ends at the limit of its app, however often its node beats, and the job goes back', async () => {
    const limits = async (kind: Parameters<JobMarket['appSpec']>[0], name: string): Promise<bigint> =>
        accepted(await register(name, { kind })).exec_limit_s;
    expect(await limits({ Chat: null }, 'chat')).toBe(300n);
    expect(await limits({ Image: null }, 'image')).toBe(7_200n);
    expect(code(await register('long', { exec_limit_s: [43_201n] }))).toBe('InvalidArgument');
    const short = accepted(await register('short', { exec_limit_s: [100n] }));
    expect(short.exec_limit_s).toBe(100n);

    const app_id = short.app_id;
    accepted(await market.as(NODE_A).attach_node({ apps: [app_id], slots: 1 }));
    const jobId = await market.submit({ app_id });
    const [lease] = accepted(await market.as(NODE_A).claim_jobs({ max: 1, apps: [[app_id]] }));
    const held = [{ job_id: jobId, token: lease?.token ?? 0n, units: [] as [] }];
    await market.suite.advance(50);
    expect([...(await market.as(NODE_A).heartbeat(held)).extended]).toEqual([jobId]);
    await market.suite.advance(45);
    expect([...(await market.as(NODE_A).heartbeat(held)).extended]).toEqual([jobId]);
    await market.suite.advance(10);
    const late = await market.as(NODE_A).heartbeat(held);
    expect([[...late.extended], [...late.unknown]]).toEqual([[], [jobId]]);
    expect(await market.job(jobId)).toMatchObject({ attempt: 1, state: { Queued: null } });
});
