/** What bounds jobs, apps and nodes, on a network with the real hub, ledger and state machine. */
import type { Principal } from '@dfinity/principal';
import { accepted, code } from '../support/compute_market';
import { DEVELOPER, JobMarket, type Gateway } from '../support/job_market';
import {
    firstReceipt,
    nextReceipt,
    sessionPublicKey,
    signSessionReceipt
} from '../../src/core/compute/session_receipt';
import { sha256 } from '../../src/core/hash';

let market: JobMarket;
let NODE_A: Principal;

beforeAll(async () => {
    market = await JobMarket.openWith({ max_silence_s: 180n }, 'node a');
    [NODE_A] = market.nodes as [Principal];
});
afterAll(() => market.suite.close());
beforeEach(async () => {
    await market.suite.advance(2);
    accepted(await report());
    await market.renew();
});

/** The node tells the registry that it is there. */
function report() {
    const status = { queue_depth: 0, capacity: 4, apps: [], version: '0' };
    return market.suite.as('state_machine', NODE_A).report_status(status);
}

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
    accepted(await market.as(NODE_A).attach_node({ apps: [app_id], slots: 1, capacity: [] }));
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

type Requirements = NonNullable<ReturnType<JobMarket['appSpec']>['requirements'][0]>;
type Capacity = NonNullable<Parameters<Gateway['attach_node']>[0]['capacity'][0]>;

test('a node may offer an app only with what the app asks for, and a job that waits for such a node says what is lacking', async () => {
    const demand = async (name: string, changes: Partial<Requirements>): Promise<string> => {
        const asked = { min_e_e8: 0n, region: '', min_vram_mib: [], quantization: [], ...changes } as Requirements;
        const view = accepted(await register(name, { requirements: [asked] }));
        expect(view.requirements).toEqual([asked]);
        return view.app_id;
    };
    const offer = async (app: string, capacity?: Capacity): Promise<unknown> => {
        const offered = { apps: [market.app, app], slots: 64, capacity: capacity === undefined ? [] : [capacity] };
        const answer = await market.as(NODE_A).attach_node(offered as Parameters<Gateway['attach_node']>[0]);
        return 'Ok' in answer ? 'ok' : answer.Err;
    };
    const lacking = (app_id: string, lacks: string) => ({ RequirementsNotMet: { app_id, lacks } });
    expect(await offer(await demand('near', { min_e_e8: 1n, region: 'eu' }))).toBe('ok');
    const far = await demand('far', { region: 'us' });
    expect(await offer(far)).toEqual(lacking(far, 'Region'));
    const strong = await demand('strong', { min_e_e8: 10n ** 18n });
    expect(await offer(strong)).toEqual(lacking(strong, 'E'));

    const large = await demand('large', { min_vram_mib: [80_000n], quantization: ['fp8'] });
    const jobId = await market.submit({ app_id: large });
    expect((await market.job(jobId)).why_not).toEqual(['NoNodeForModel']);
    const runs = (quantization: string, vram_mib: bigint): Capacity => ({
        vram_mib,
        quantizations: [{ app_id: large, quantization }]
    });
    expect(await offer(large, runs('fp8', 79_999n))).toEqual(lacking(large, 'Vram'));
    expect((await market.job(jobId)).why_not).toEqual(['NoNodeWithVram']);
    expect(await offer(large, runs('fp16', 80_000n))).toEqual(lacking(large, 'Quantization'));
    expect((await market.job(jobId)).why_not).toEqual(['NoNodeWithQuantization']);
    expect(await offer(large, runs('fp8', 80_000n))).toBe('ok');
    expect((await market.job(jobId)).why_not).toEqual(['AwaitingClaim']);
    const attachment = accepted(await market.as().get_attachment(NODE_A));
    expect(attachment).toMatchObject({ apps: [market.app, large], withheld: [], capacity: [runs('fp8', 80_000n)] });
    expect(accepted(await market.as().get_app(market.app)).requirements).toEqual([]);
});

test('scenario 22: a node that reports nothing for 180 s gets no new job, finishes what it has, and comes back when it reports', async () => {
    const jobId = await market.submit();
    const lease = await market.claim(NODE_A);
    const beat = async (): Promise<bigint[]> => {
        const held = [{ job_id: jobId, token: lease.token, units: [] as [] }];
        return [...(await market.as(NODE_A).heartbeat(held)).extended];
    };
    const waiting = await market.submit();
    for (let second = 0; second < 170; second += 34) {
        await market.suite.advance(34);
        expect(await beat()).toEqual([jobId]);
    }
    expect((await market.job(waiting)).why_not).toEqual(['AwaitingClaim']);
    await market.suite.advance(20);
    expect((await market.job(waiting)).why_not).toEqual(['NoNodeForModel']);
    expect(code(await market.as(NODE_A).claim_jobs({ max: 1, apps: [] }))).toBe('NodeInactive');
    expect(await beat()).toEqual([jobId]);
    accepted(await market.complete(NODE_A, lease));

    accepted(await report());
    await market.suite.advance(155);
    expect(accepted(await market.as(NODE_A).claim_jobs({ max: 1, apps: [] })).map(({ job_id }) => job_id)).toEqual([
        waiting
    ]);
});

test('peek tells a node of what a claim could bring it, and others of all that waits', async () => {
    await market.submit();
    expect(await market.as(NODE_A).peek([market.app])).toEqual({ queued: 1n });
    const other = accepted(await register('unserved', {})).app_id;
    await market.submit({ app_id: other });
    expect(await market.as(NODE_A).peek([other])).toEqual({ queued: 0n });
    expect(await market.as().peek([other])).toEqual({ queued: 1n });
});

test('forged receipts of a node are verified a few times in an hour, and cost nothing afterwards', async () => {
    const secret = sha256(new TextEncoder().encode(market.app));
    const args = { payer: { Caller: null }, session_key: sessionPublicKey(secret), region: [] as [], ttl_s: [] as [] };
    const session = accepted(
        await market
            .as(market.user)
            .open_session({ ...args, app_id: market.app, max_credits: 80n, node: [NODE_A] as [Principal] })
    );
    const none = firstReceipt(market.suite.ids.compute_gateway, session.session_id);
    const receipt = nextReceipt(none, { outputHash: sha256(secret), units: 3n });
    const { calls, units, digest } = receipt;
    const bring = async (key: Uint8Array): Promise<string> =>
        code(
            await market
                .as(NODE_A)
                .settle_session(
                    session.session_id,
                    [{ calls, units, digest, signature: signSessionReceipt(receipt, key) }],
                    true
                )
        );
    for (let forged = 0; forged < 8; forged++) expect(await bring(sha256(secret))).toBe('BadReceipt');
    expect(await bring(sha256(secret))).toBe('RateLimited');
    expect(await bring(secret)).toBe('RateLimited');
    expect(accepted(await market.as(market.user).get_session(session.session_id)).settled.units).toBe(0n);
});
