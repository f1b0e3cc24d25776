/** Groups, second chances and goodbyes on a network with the real hub and its credits. */
import type { Principal } from '@dfinity/principal';
import type { _SERVICE } from '../../src/declarations/compute_gateway';
import { sha256 } from '../../src/core/hash';
import { accepted, activateNode, admitValidators, buyCredits, code, holderOf, idOf } from '../support/compute_market';
import type { PicActor } from '../support/pic_actor';
import { deploySuite, type Suite } from '../support/suite';

type Gateway = PicActor<_SERVICE>;

const DEVELOPER = idOf('developer');
const OUTPUT = new TextEncoder().encode('the output');
const CREDITS = 100n;
const NO_EXTRAS = { output_hash: [], details: [], ack: [] } satisfies Record<string, []>;

let suite: Suite;
let NODE_A: Principal;
let NODE_B: Principal;
let count = 0;
let user: Principal;
let app: string;
let modelHash: Uint8Array;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n });
    await admitValidators(suite);
    NODE_A = await activateNode(suite, holderOf('node a'));
    NODE_B = await activateNode(suite, holderOf('node b'));
});
afterAll(() => suite.close());

beforeEach(async () => {
    count += 1;
    user = idOf(`user ${count}`);
    app = `app-${count}`;
    modelHash = sha256(new TextEncoder().encode(app));
    await buyCredits(suite, user, CREDITS);
    const price = { unit: 'input', unit_price_credits: 2n, max_units: 10n, lease_s: 60n };
    const spec = { app_id: app, kind: { Embedding: null }, model_hash: modelHash, ...price };
    accepted(await gateway(DEVELOPER).register_app(spec));
    for (const node of [NODE_A, NODE_B]) accepted(await gateway(node).attach_node({ apps: [app], slots: 64 }));
});

const gateway = (who?: Principal): Gateway => suite.as('compute_gateway', who);
const account = () => suite.as('hub', user).get_account(user);

const groupOrder = (changes: Partial<Parameters<Gateway['submit_group']>[0]> = {}) => ({
    app_id: app,
    inputs: [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)],
    max_credits: 20n,
    idempotency_key: [] as [],
    payer: { Caller: null },
    ttl_s: [] as [],
    priority: [] as [],
    ...changes
});

async function submit(): Promise<bigint> {
    const { inputs, ...rest } = groupOrder();
    const [input = new Uint8Array()] = inputs;
    const job = { ...rest, input, session_key: [] as [], ack_hash: [] as [] };
    return accepted(await gateway(user).submit_job(job)).job_id;
}

async function claim(node: Principal) {
    const [lease] = accepted(await gateway(node).claim_jobs({ max: 1, apps: [[app]] }));
    if (lease === undefined) throw new RangeError('nothing to claim');
    return lease;
}

type Lease = Awaited<ReturnType<typeof claim>>;

const resultOf = ({ job_id, attempt, token }: Lease) => ({
    job_id,
    attempt,
    token,
    output: OUTPUT,
    units: 3n,
    model_hash: modelHash,
    ...NO_EXTRAS
});

test('a group runs as one job per shard, in batches, and is paid for each', async () => {
    const group = accepted(await gateway(user).submit_group(groupOrder()));
    expect(await account()).toMatchObject({ available: 40n, held: 60n });
    const leases = accepted(await gateway(NODE_A).claim_jobs({ max: 8, apps: [[app]] }));
    expect(leases.map(({ input }) => input[0])).toEqual([1, 2, 3]);
    const results = leases.map(resultOf).map((result, index) => (index === 2 ? { ...result, token: 0n } : result));
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
