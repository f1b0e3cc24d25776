/** Dispatch on a network with the real hub, ledger and state machine: jobs, leases, upgrades, outages, strangers. */
import { Principal } from '@dfinity/principal';
import { receiptHash } from '../../src/core/compute/receipt';
import { sha256 } from '../../src/core/hash';
import { accepted, code, createApiKey, holderOf, idOf, joinNetwork, type Answer } from '../support/compute_market';
import { CREDITS, DEVELOPER, HTTP_GATEWAY, JobMarket, OUTPUT, type Gateway, type Lease } from '../support/job_market';
import { toPicPrincipal } from '../support/pic_actor';
import type { Suite } from '../support/suite';

const REFERENCE = { sha256: new Uint8Array(32), size: 1n, locators: ['https://blobs.example/1'] };
const NO_EXTRAS = { output_hash: [], details: [], ack: [] } satisfies Record<string, []>;

/** One network serves all tests; each brings a user and an app of its own. */
let market: JobMarket;
let suite: Suite;
let NODE_A: Principal;
let NODE_B: Principal;
let user: Principal;
let app: string;
let modelHash: Uint8Array;

beforeAll(async () => {
    market = await JobMarket.open('node a', 'node b');
    ({ suite } = market);
    [NODE_A, NODE_B] = market.nodes as [Principal, Principal];
});
afterAll(() => suite.close());

beforeEach(async () => {
    await market.renew();
    ({ user, app, modelHash } = market);
});

const gateway = (who?: Principal): Gateway => market.as(who);
const order: JobMarket['order'] = (changes) => market.order(changes);
const submit: JobMarket['submit'] = (changes) => market.submit(changes);
const claim = (node: Principal): Promise<Lease> => market.claim(node);
const complete: JobMarket['complete'] = (node, lease, output) => market.complete(node, lease, output);
const job: JobMarket['job'] = (jobId) => market.job(jobId);
const stateOf: JobMarket['stateOf'] = (jobId) => market.stateOf(jobId);
const account: JobMarket['account'] = () => market.account();
const groupOrder = () => market.groupOrder({ inputs: [Uint8Array.of(1)], payer: { ApiKey: new Uint8Array(32) } });

test('scenario 1: a paid job runs once: held, used, the rest released, one record with node and receipt', async () => {
    const jobId = await submit();
    expect(await account()).toMatchObject({ available: 80n, held: 20n, spent: 0n });
    expect(await gateway().peek([app])).toEqual({ queued: 1n });
    const lease = await claim(NODE_A);
    expect(lease).toMatchObject({ job_id: jobId, attempt: 1, app_id: app, max_units: 10n });
    expect([...lease.input]).toEqual([1, 2, 3]);
    const beat = await gateway(NODE_A).heartbeat([{ job_id: jobId, token: lease.token, units: [] }]);
    expect([...beat.extended]).toEqual([jobId]);
    accepted(await complete(NODE_A, lease));
    await suite.advance(1);

    const done = await job(jobId);
    expect(done).toMatchObject({ credits_used: 6n, credits_held: 0n, units: 3n, attempt: 1 });
    expect(Uint8Array.from(done.output[0] ?? [])).toEqual(OUTPUT);
    expect(Uint8Array.from(done.output_hash[0] ?? [])).toEqual(sha256(OUTPUT));
    expect(await account()).toMatchObject({ available: 94n, held: 0n, spent: 6n });
    const receipt = receiptHash({ jobId, attempt: 1, node: NODE_A, outputHash: sha256(OUTPUT), units: 3n });
    expect(Uint8Array.from(done.receipt_hash[0] ?? [])).toEqual(receipt);
    const [recorded] = await suite.as('hub', user).get_request(jobId);
    expect(recorded).toMatchObject({ status: { Success: null }, credits_used: 6n });
    expect(Uint8Array.from(recorded?.receipt_hash[0] ?? [])).toEqual(receipt);

    // Scenario 7: the identical completion again is Ok and changes nothing, another output is a conflict.
    accepted(await complete(NODE_A, lease));
    const conflicts = async () => accepted(await gateway().get_attachment(NODE_A)).result_conflicts;
    const before = await conflicts();
    expect(code(await complete(NODE_A, lease, Uint8Array.of(0)))).toBe('ResultConflict');
    expect(await conflicts()).toBe(before + 1n);
    await suite.advance(10);
    expect(await account()).toMatchObject({ available: 94n, held: 0n, spent: 6n });
});

test('scenario 2: what the account cannot pay is refused, and nothing is left of it', async () => {
    const refusals = [
        await gateway(user).submit_job(order({ max_credits: 1n })),
        await gateway(idOf('poor')).submit_job(order()),
        await gateway(user).submit_job(order({ input: new Uint8Array(131_073) }))
    ].map(code);
    expect(refusals).toEqual(['PriceTooHigh', 'InsufficientCredits', 'PayloadTooLarge']);
    expect(await gateway().peek([app])).toEqual({ queued: 0n });
    expect(await account()).toMatchObject({ available: CREDITS, held: 0n });
    expect(await gateway(user).list_jobs(0n, 10n)).toEqual([]);
});

test('scenario 3: the same submission five times at once is one job and one hold', async () => {
    const submission = order({ idempotency_key: ['k'] });
    const answers = await Promise.all(Array.from({ length: 5 }, () => gateway(user).submit_job(submission)));
    const ids = new Set(answers.map((answer) => accepted(answer).job_id));
    expect(ids.size).toBe(1);
    expect(await account()).toMatchObject({ available: 80n, held: 20n });
    const other = await gateway(user).submit_job({ ...submission, input: Uint8Array.of(9) });
    expect(other).toEqual({ Err: { IdempotencyConflict: [...ids][0] } });
});

test('AS-77: API keys pay through a listed gateway only; unknown and revoked ones do not', async () => {
    const keyHash = await createApiKey(suite, user, `secret of ${app}`);
    const byKey = (hash: Uint8Array) => order({ payer: { ApiKey: hash } });
    expect(code(await gateway(user).submit_job(byKey(keyHash)))).toBe('Unauthorized');
    const view = accepted(await gateway(HTTP_GATEWAY).submit_job(byKey(keyHash)));
    expect(view.owner.toText()).toBe(user.toText());
    expect(await account()).toMatchObject({ available: 80n, held: 20n });
    expect(await stateOf(view.job_id)).toBe('Queued');
    expect(code(await gateway(HTTP_GATEWAY).get_job(view.job_id))).toBe('ok');
    expect(code(await gateway(HTTP_GATEWAY).submit_job(byKey(new Uint8Array(32))))).toBe('KeyNotFound');
    expect(code(await gateway(HTTP_GATEWAY).submit_job(byKey(new Uint8Array(31))))).toBe('InvalidArgument');
    accepted(await suite.as('hub', user).revoke_api_key(keyHash));
    expect(code(await gateway(HTTP_GATEWAY).submit_job(byKey(keyHash)))).toBe('KeyRevoked');
});

test('scenarios 4 and 5, AS-78: a lost lease goes to another node after its time, and the late result pays nobody', async () => {
    const jobId = await submit();
    const first = await claim(NODE_A);
    await suite.advance(59);
    expect(await stateOf(jobId)).toBe('Leased');
    await suite.advance(6);
    const second = await claim(NODE_B);
    expect(second).toMatchObject({ job_id: jobId, attempt: 2 });
    expect(second.token).not.toBe(first.token);
    expect(code(await complete(NODE_A, first))).toBe('StaleLease');
    const lost = await gateway(NODE_A).heartbeat([{ job_id: jobId, token: first.token, units: [] }]);
    expect([...lost.unknown]).toEqual([jobId]);
    accepted(await complete(NODE_B, second));
    await suite.advance(1);
    expect((await job(jobId)).node.map(String)).toEqual([NODE_B.toText()]);
});

test('scenario 10: nobody takes the job: it says why, expires by the timer, and the hold comes back', async () => {
    for (const node of [NODE_A, NODE_B])
        accepted(await gateway(node).attach_node({ apps: [], slots: 1, capacity: [] }));
    const jobId = await submit({ ttl_s: [30n] });
    expect((await job(jobId)).why_not).toEqual(['NoNodeForModel']);
    await suite.advance(29);
    expect(await stateOf(jobId)).toBe('Queued');
    await suite.advance(6);
    expect(await stateOf(jobId)).toBe('Expired');
    await suite.advance(1);
    expect(await account()).toMatchObject({ available: CREDITS, held: 0n });
});

test('scenario 11: a queued job is refunded in full, a running one costs what its node told before it heard of it', async () => {
    const running = await submit();
    const { token } = await claim(NODE_A);
    const queued = await submit();
    accepted(await gateway(user).cancel_job(queued));
    await suite.advance(1);
    expect(await account()).toMatchObject({ available: CREDITS - 20n, held: 20n });
    expect(Object.keys(accepted(await gateway(user).cancel_job(running)).state)).toEqual(['Cancelling']);
    const beat = await gateway(NODE_A).heartbeat([{ job_id: running, token, units: [2n] }]);
    expect([[...beat.extended], [...beat.cancelled]]).toEqual([[], [running]]);
    await suite.advance(1);
    expect(await job(running)).toMatchObject({ units: 2n, credits_used: 4n, state: { Cancelled: null } });
    expect(await account()).toMatchObject({ available: CREDITS - 4n, held: 0n, spent: 4n });
    expect(await gateway().peek([app])).toEqual({ queued: 0n });
    expect(code(await gateway(user).cancel_job(running))).toBe('NotCancellable');
});

test('scenario 18: an upgrade in the middle loses no job, lease, token or timer', async () => {
    const running = await submit();
    const lease = await claim(NODE_A);
    const queued = await submit({ ttl_s: [100n] });
    const before = [await job(running), await job(queued)];
    await suite.upgrade('compute_gateway');
    await suite.upgrade('hub');
    expect([await job(running), await job(queued)]).toEqual(before);
    expect((await gateway(NODE_A).my_leases(0n)).map(({ token }) => token)).toEqual([lease.token]);
    expect(accepted(await gateway().get_app(app)).developer.toText()).toBe(DEVELOPER.toText());
    accepted(await complete(NODE_A, lease));
    await suite.advance(101);
    expect(await stateOf(queued)).toBe('Expired');
    await suite.advance(1);
    expect(await account()).toMatchObject({ available: 94n, held: 0n, spent: 6n });
});

test('a result outlives an outage of the hub and an upgrade, and is recorded once', async () => {
    const jobId = await submit();
    const lease = await claim(NODE_A);
    const hub = toPicPrincipal(suite.ids.hub);
    const sender = toPicPrincipal(suite.deployer);
    await suite.pic.stopCanister({ canisterId: hub, sender });
    accepted(await complete(NODE_A, lease));
    await suite.advance(1);
    expect(code(await gateway(user).submit_job(order()))).toBe('TemporarilyUnavailable');
    await suite.upgrade('compute_gateway');
    await suite.pic.startCanister({ canisterId: hub, sender });
    expect(await account()).toMatchObject({ available: 80n, held: 20n });
    await suite.advance(301);
    await suite.advance(1);
    expect(await account()).toMatchObject({ available: 94n, held: 0n, spent: 6n });
    expect(await stateOf(jobId)).toBe('Completed');
    expect(await gateway().peek([app])).toEqual({ queued: 0n });
});

test('only active compute nodes with a wallet are given work, and only as long as they are', async () => {
    expect(code(await gateway(idOf('nobody')).attach_node({ apps: [app], slots: 1, capacity: [] }))).toBe(
        'NodeInactive'
    );
    await joinNetwork(suite, holderOf(`newcomer of ${app}`), 'compute');
    const newcomer = gateway(idOf(`newcomer of ${app}`));
    expect(code(await newcomer.attach_node({ apps: [app], slots: 1, capacity: [] }))).toBe('NodeInactive');
    await expect(newcomer.claim_jobs({ max: 1, apps: [] })).rejects.toThrow();
    const stateMachine = toPicPrincipal(suite.ids.state_machine);
    const sender = toPicPrincipal(suite.deployer);
    await suite.pic.stopCanister({ canisterId: stateMachine, sender });
    expect(code(await gateway(NODE_A).attach_node({ apps: [app], slots: 1, capacity: [] }))).toBe(
        'TemporarilyUnavailable'
    );
    await submit();
    await suite.advance(301);
    expect(code(await gateway(NODE_A).claim_jobs({ max: 1, apps: [] }))).toBe('TemporarilyUnavailable');
    await suite.pic.startCanister({ canisterId: stateMachine, sender });
    accepted(await gateway(NODE_A).claim_jobs({ max: 1, apps: [] }));
});

test('strangers and anonymous callers are refused on every method, and nothing changes', async () => {
    const jobId = await submit();
    const lease = await claim(NODE_A);
    const before = await job(jobId);
    const names = { job_id: jobId, attempt: lease.attempt, token: lease.token };
    const calls: Record<string, (as: Gateway) => Promise<Answer<unknown>>> = {
        set_peers: (as) =>
            as.set_peers({ token_icrc1: [], rewards: [], state_machine: [], hub: [], compute_gateway: [] }),
        add_gateway: (as) => as.add_gateway(idOf('stranger')),
        remove_gateway: (as) => as.remove_gateway(HTTP_GATEWAY),
        set_gateway_url: (as) => as.set_gateway_url(['https://gateway.example']),
        find_job: (as) => as.find_job({ payer: { Caller: null }, idempotency_key: 'k' }),
        attach_node: (as) => as.attach_node({ apps: [app], slots: 1, capacity: [] }),
        claim_jobs: (as) => as.claim_jobs({ max: 1, apps: [] }),
        complete_job: (as) =>
            as.complete_job({ ...names, output: OUTPUT, units: 1n, model_hash: modelHash, ...NO_EXTRAS }),
        fail_job: (as) => as.fail_job({ ...names, code: 'x', retryable: false, no_penalty: [] }),
        goodbye: (as) => as.goodbye(),
        cancel_job: (as) => as.cancel_job(jobId),
        redrive_job: (as) => as.redrive_job(jobId),
        submit_group: (as) => as.submit_group(groupOrder()),
        cancel_group: (as) => as.cancel_group(99n),
        get_group: (as) => as.get_group(99n),
        get_job: (as) => as.get_job(jobId),
        submit_job: (as) => as.submit_job(order({ payer: { ApiKey: new Uint8Array(32) } })),
        submit_job_by_reference: (as) =>
            as.submit_job_by_reference(order({ payer: { ApiKey: new Uint8Array(32) } }), REFERENCE)
    };
    const refusals = async (who: Principal) => {
        const results: Record<string, string> = {};
        for (const [name, call] of Object.entries(calls)) {
            results[name] = await call(gateway(who)).then(code, () => 'dropped');
        }
        return results;
    };
    expect(await refusals(idOf('stranger'))).toEqual({
        set_peers: 'Unauthorized',
        add_gateway: 'Unauthorized',
        remove_gateway: 'Unauthorized',
        set_gateway_url: 'Unauthorized',
        find_job: 'NotFound',
        attach_node: 'NodeInactive',
        // Worker methods of nobody's node do not even get in.
        claim_jobs: 'dropped',
        complete_job: 'dropped',
        fail_job: 'dropped',
        goodbye: 'dropped',
        cancel_job: 'Unauthorized',
        redrive_job: 'Unauthorized',
        submit_group: 'Unauthorized',
        cancel_group: 'NotFound',
        get_group: 'NotFound',
        get_job: 'Unauthorized',
        submit_job: 'Unauthorized',
        submit_job_by_reference: 'Unauthorized'
    });
    expect(await refusals(Principal.anonymous())).toEqual({
        set_peers: 'dropped',
        add_gateway: 'dropped',
        remove_gateway: 'dropped',
        set_gateway_url: 'dropped',
        find_job: 'NotFound',
        attach_node: 'dropped',
        claim_jobs: 'dropped',
        complete_job: 'dropped',
        fail_job: 'dropped',
        goodbye: 'dropped',
        cancel_job: 'dropped',
        redrive_job: 'dropped',
        submit_group: 'dropped',
        cancel_group: 'dropped',
        get_group: 'NotFound',
        get_job: 'Unauthorized',
        submit_job: 'dropped',
        submit_job_by_reference: 'dropped'
    });
    await expect(gateway().register_app(market.appSpec())).rejects.toThrow();
    expect(code(await gateway(idOf('stranger')).register_app(market.appSpec()))).toBe('AlreadyExists');
    await expect(
        gateway(idOf('stranger')).heartbeat([{ job_id: jobId, token: lease.token, units: [] }])
    ).rejects.toThrow();
    const other = await gateway(NODE_B).heartbeat([{ job_id: jobId, token: lease.token, units: [] }]);
    expect([[...other.extended], [...other.unknown]]).toEqual([[], [jobId]]);
    expect(code(await complete(NODE_B, lease))).toBe('StaleLease');
    expect(await gateway(idOf('stranger')).my_leases(0n)).toEqual([]);
    expect(await gateway(idOf('stranger')).list_jobs(0n, 10n)).toEqual([]);
    expect(await job(jobId)).toEqual(before);
    expect((await gateway().list_gateways()).map(String)).toEqual([HTTP_GATEWAY.toText()]);
});

test('malformed Candid is rejected, and monitoring tells of the jobs', async () => {
    const call = { canisterId: toPicPrincipal(suite.ids.compute_gateway), sender: toPicPrincipal(user) };
    const malformed = suite.pic.updateCall({ ...call, method: 'submit_job', arg: Uint8Array.of(1, 2, 3) });
    await expect(malformed).rejects.toThrow();
    await submit();
    const answer = await gateway().http_request({
        url: '/metrics',
        method: 'GET',
        headers: [],
        body: new Uint8Array(),
        certificate_version: []
    });
    const text = new TextDecoder().decode(Uint8Array.from(answer.body));
    expect(text).toMatch(/^emc_gateway_jobs_active [1-9]/m);
    expect(text).toMatch(/^emc_gateway_outbox_messages 0$/m);
});
