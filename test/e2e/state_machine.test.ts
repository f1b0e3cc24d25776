/** The state machine on a network: its story with the real ledger and rewards, upgrades, strangers, malformed calls. */
import { Principal } from '@dfinity/principal';
import { pino } from 'pino';
import { MIN_POC_MS } from '../../src/core/poc/e_value';
import { computeProduct } from '../../src/core/poc/product';
import { canisterState } from '../../src/validator/adapters/canister_state';
import { prometheusMetrics } from '../../src/validator/metrics/metrics';
import { attestDuty } from '../../src/validator/duties/attest';
import { challengeDuty } from '../../src/validator/duties/challenge';
import type { Clock, Context } from '../../src/validator/ports';
import { asService, toPicPrincipal } from '../support/pic_actor';
import {
    accepted,
    code,
    idOf,
    keyOf,
    NodeRegistry,
    outcome,
    STATUS,
    tag,
    VALIDATORS,
    type NodeClass
} from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

/** One network with four admitted validators serves all tests; each brings nodes of its own. */
let suite: Suite;
let net: NodeRegistry;
const options = { pocSpacingS: 60n, statusSpacingS: 10n };

beforeAll(async () => {
    suite = await deploySuite(options);
    net = new NodeRegistry(suite);
    await net.admitFour();
});
afterAll(() => suite.close());

const as = (name: string) => net.as(name);
const governor = () => net.governor();
const join = (name: string, nodeClass: NodeClass) => net.join(name, nodeClass);
const stake = (name: string, nodeClass: NodeClass) => net.stake(name, nodeClass);
const nodeView = (name: string) => net.view(name);

/** Requests and accepts a proof, and does its task. */
async function startProof(name: string): Promise<{ id: bigint; product: Uint8Array }> {
    const { id } = accepted(await as('v1').request_poc(idOf(name)));
    const { dimension, seed, node_seed: nodeSeed } = accepted(await as(name).accept_poc(id));
    const task = { dimension, seed: Uint8Array.from(seed), nodeSeed: Uint8Array.from(nodeSeed[0] ?? []) };
    return { id, product: computeProduct(task) };
}

test('story: validators are admitted by their stakes, a node becomes Active by its proof, rewards learns it all', async () => {
    expect(await as('anybody').list_validators()).toMatchObject({ quorum: 3n, set_size_valid: true });
    expect(await as('anybody').is_validator(idOf('v4'))).toBe(true);

    await join('c1', 'compute');
    const { id, product } = await startProof('c1');
    await suite.pic.advanceTime(3_000);
    const submitted = accepted(await as('c1').submit_poc(id, product));
    expect(tag(submitted.state)).toBe('Attesting');
    const [stored] = await as('v2').get_poc_product(id);
    expect(Uint8Array.from(stored ?? [])).toEqual(product);
    const attest = (name: string) => as(name).attest_poc({ id, ok: true, elapsed_ms: MIN_POC_MS });
    accepted(await attest('v1'));
    accepted(await attest('v2'));
    expect(tag((await nodeView('c1')).status)).toBe('Registered');
    const final = accepted(await attest('v3'));
    expect(tag(final.state)).toBe('Passed');
    expect(code(await attest('v4'))).toBe('AlreadyFinal');

    const node = await nodeView('c1');
    const elapsedMs = final.elapsed_ms[0] ?? 0n;
    expect(elapsedMs).toBeGreaterThanOrEqual(3_000n);
    expect(node.e_value_e8).toBe(1_500_000_000_000n / elapsedMs);
    expect(tag(node.status)).toBe('Active');
    await suite.advance(1);
    const stakes = await suite.as('rewards').get_node_stakes([idOf('v1'), idOf('c1')]);
    expect(stakes.map((entry) => entry.length)).toEqual([1, 0]);
    const atNs = BigInt(Math.round((await suite.pic.getTime()) * 1_000_000));
    const hub = suite.as('state_machine', suite.ids.hub);
    const { nodes } = await hub.c2c_weight_snapshot({ at_ns: atNs, start: 0n, take: 500n });
    const weighed = nodes.filter((entry) =>
        VALIDATORS.concat('c1').some((name) => idOf(name).compareTo(entry.node) === 'eq')
    );
    expect(weighed.map((entry) => [tag(entry.class), entry.eligible])).toEqual([
        ...VALIDATORS.map(() => ['validator', true]),
        ['compute', true]
    ]);
});

test('story: a router becomes Active by its stake, not before', async () => {
    await join('r2', 'router');
    await suite.advance(1);
    expect(code(await as('anybody').refresh_stake(idOf('r2')))).toBe('RequirementsNotMet');
    expect(code(await as('anybody').refresh_stake(idOf('r2')))).toBe('RateLimited');
    await stake('r2', 'router');
    await suite.advance(10);
    expect(tag(accepted(await as('anybody').refresh_stake(idOf('r2'))).status)).toBe('Active');
    expect(code(await as('r2').unregister_node())).toBe('StakeActive');
});

test('upgrade: a proof that is under way goes on as if nothing had happened', async () => {
    await join('c3', 'compute');
    const { id, product } = await startProof('c3');
    const before = await as('anybody').get_poc(id);
    const nodes = await as('anybody').list_nodes(0n, 100n);
    await suite.upgrade('state_machine');
    expect(await as('anybody').get_poc(id)).toEqual(before);
    expect(await as('anybody').list_nodes(0n, 100n)).toEqual(nodes);
    expect((await as('anybody').list_validators()).validators.map(String)).toEqual(VALIDATORS.map(idOf).map(String));
    accepted(await as('c3').submit_poc(id, product));
    accepted(await as('v1').attest_poc({ id, ok: true, elapsed_ms: MIN_POC_MS }));
    await suite.upgrade('state_machine');
    expect(code(await as('v1').attest_poc({ id, ok: true, elapsed_ms: MIN_POC_MS }))).toBe('Duplicate');
    for (const name of ['v2', 'v3']) accepted(await as(name).attest_poc({ id, ok: true, elapsed_ms: MIN_POC_MS }));
    expect(tag((await nodeView('c3')).status)).toBe('Active');
});

test('upgrade: deadlines still end proofs, by the re-armed timer alone', async () => {
    await join('c4', 'compute');
    const { id } = accepted(await as('v1').request_poc(idOf('c4')));
    await suite.upgrade('state_machine');
    await suite.advance(200);
    const [poc] = await as('anybody').get_poc(id);
    expect([tag(poc?.state ?? {}), tag(poc?.fault[0] ?? {})]).toEqual(['Failed', 'NotAccepted']);
    expect(await as('anybody').list_open_pocs(idOf('c4'))).toEqual([]);
});

test('outbox: facts that rewards could not take reach it when it answers again', async () => {
    const rewards = toPicPrincipal(suite.ids.rewards);
    const sender = toPicPrincipal(suite.deployer);
    await suite.pic.stopCanister({ canisterId: rewards, sender });
    await join('r5', 'router');
    await suite.advance(1);
    expect(code(await as('anybody').refresh_stake(idOf('r5')))).toBe('TemporarilyUnavailable');
    await suite.upgrade('state_machine');
    await suite.pic.startCanister({ canisterId: rewards, sender });
    await suite.advance(31);
    await stake('r5', 'router');
});

test('validator agents: their duties challenge a node and bring it to Active', async () => {
    await join('c14', 'compute');
    const nowMs = Math.round(await suite.pic.getTime());
    const clock: Clock = { nowMs: () => nowMs, sleep: async () => undefined, random: () => 0.5 };
    const running = new AbortController().signal;
    const contextOf = (name: string): Context => ({
        state: canisterState(asService(as(name)), { principal: idOf(name), publicKey: keyOf(name) }),
        api: { embed: async () => ({ kind: 'served', dimensions: 1, requestId: undefined }) },
        log: pino({ enabled: false }),
        metrics: prometheusMetrics(),
        clock
    });
    const challenge = { challengeMs: 1_000, reproofMinMs: 10 ** 9, reproofMaxMs: 10 ** 9 };
    await challengeDuty(contextOf('v1'), challenge).run(running);
    const [open] = await as('anybody').list_open_pocs(idOf('c14'));
    const id = open?.id ?? -1n;
    const { dimension, seed, node_seed: nodeSeed } = accepted(await as('c14').accept_poc(id));
    const task = { dimension, seed: Uint8Array.from(seed), nodeSeed: Uint8Array.from(nodeSeed[0] ?? []) };
    accepted(await as('c14').submit_poc(id, computeProduct(task)));
    for (const name of ['v1', 'v1', 'v2', 'v3']) await attestDuty(contextOf(name), { attestMs: 1_000 }).run(running);
    const [final] = await as('anybody').get_poc(id);
    expect([tag(final?.state ?? {}), final?.votes_ok, final?.votes_bad]).toEqual(['Passed', 3, 0]);
    expect(tag((await nodeView('c14')).status)).toBe('Active');
});

test('validator agents: a new key registers itself and reports', async () => {
    const port = canisterState(asService(as('v14')), { principal: idOf('v14'), publicKey: keyOf('v14') });
    expect(await port.isRegistered()).toBe(false);
    expect(await port.report('0.1.0')).toEqual({ code: 'NotFound' });
    expect(await port.register('eu-west', 99)).toEqual({ code: 'BandwidthTooLow' });
    expect(await port.register('eu-west', 100)).toBeUndefined();
    expect(await port.isRegistered()).toBe(true);
    expect(await port.report('0.1.0')).toBeUndefined();
    expect(await port.isValidator()).toBe(false);
    expect(await port.proofSpacingMs()).toBe(60_000);
});

test('proof: a wrong product fails by the canister alone, a wrong size changes nothing', async () => {
    await join('c6', 'compute');
    const { id, product } = await startProof('c6');
    expect(code(await as('c6').submit_poc(id, product.slice(4)))).toBe('WrongSize');
    product[100] = (product[100] ?? 0) ^ 1;
    const failed = accepted(await as('c6').submit_poc(id, product));
    expect([tag(failed.state), tag(failed.fault[0] ?? {})]).toEqual(['Failed', 'WrongProduct']);
    expect(code(await as('v1').request_poc(idOf('c6')))).toBe('TooSoon');
    expect(tag((await nodeView('c6')).status)).toBe('Registered');
});

test('proof: two requests at once open one', async () => {
    await join('c7', 'compute');
    const [first, second] = await Promise.all([as('v1').request_poc(idOf('c7')), as('v2').request_poc(idOf('c7'))]);
    expect([code(first), code(second)].sort()).toEqual(['AlreadyOpen', 'ok']);
    expect(await as('anybody').list_open_pocs(idOf('c7'))).toHaveLength(1);
});

test('admission: not without the stakes, and nothing of it half', async () => {
    const [shared, sharedNet] = [suite, net];
    suite = await deploySuite(options);
    net = new NodeRegistry(suite);
    try {
        for (const name of VALIDATORS) await join(name, 'validator');
        await suite.advance(1);
        for (const name of VALIDATORS.slice(1)) await stake(name, 'validator');
        const refused = await governor().admit_validators(VALIDATORS.map(idOf));
        expect(refused).toMatchObject({ Err: { RequirementsNotMet: [{ reason: { NoStake: null } }] } });
        const three = await governor().admit_validators(VALIDATORS.slice(1).map(idOf));
        expect(three).toEqual({ Err: { WrongBatchSize: { expected: 13n } } });
        expect((await as('anybody').list_validators()).validators).toEqual([]);
        await stake('v1', 'validator');
        const rewards = suite.as('state_machine', suite.ids.rewards);
        accepted(await rewards.admit_validators(VALIDATORS.map(idOf)));
    } finally {
        await suite.close();
        suite = shared;
        net = sharedNet;
    }
});

test('status: online for 1,800 s after the report, then Inactive', async () => {
    await join('c9', 'compute');
    expect((await as('anybody').list_online_nodes(0n, 100n)).nodes.map((view) => `${view.node}`)).toContain(
        `${idOf('c9')}`
    );
    await suite.advance(1_790);
    expect((await nodeView('c9')).online).toBe(true);
    await suite.advance(12);
    expect((await nodeView('c9')).online).toBe(false);
    expect((await as('anybody').list_online_nodes(0n, 100n)).nodes).toEqual([]);
    for (const name of VALIDATORS) accepted(await as(name).report_status(STATUS));
});

test('strangers: no method lets them act', async () => {
    await join('c10', 'compute');
    const { id, product } = await startProof('c10');
    const stranger = as('stranger');
    const node = idOf('c10');
    const account = { owner: idOf('stranger'), subaccount: [] } as { owner: Principal; subaccount: [] };
    const before = await stranger.list_nodes(0n, 100n);
    const poc = await stranger.get_poc(id);

    const theirs = { class: { compute: null }, public_key: keyOf('victim'), region: 'eu', bandwidth_mbps: 1 };
    expect(code(await stranger.register_node(theirs))).toBe('InvalidKey');
    expect(code(await stranger.report_status(STATUS))).toBe('NotFound');
    expect(code(await stranger.propose_wallet(account))).toBe('NotFound');
    expect(code(await stranger.bind_wallet(node, []))).toBe('AlreadyBound');
    expect(code(await stranger.rebind_wallet({ node, account }))).toBe('NotWalletOwner');
    expect(code(await stranger.unregister_node())).toBe('NotFound');
    expect(code(await stranger.admit_validators([node]))).toBe('Unauthorized');
    expect(code(await stranger.refresh_stake(idOf('nobody')))).toBe('NotFound');
    expect(code(await stranger.request_poc(node))).toBe('NotAValidator');
    expect(code(await stranger.accept_poc(id))).toBe('Unauthorized');
    expect(code(await stranger.submit_poc(id, product))).toBe('Unauthorized');
    expect(code(await stranger.attest_poc({ id, ok: true, elapsed_ms: 1_000n }))).toBe('NotAValidator');
    const noPeers = { token_icrc1: [], rewards: [], state_machine: [], hub: [], compute_gateway: [] } as const;
    expect(code(await stranger.set_peers({ ...noPeers, rewards: [idOf('stranger')] } as never))).toBe('NotController');
    await expect(stranger.c2c_weight_snapshot({ at_ns: 0n, start: 0n, take: 1n })).rejects.toThrow(/Unauthorized/);

    expect(await stranger.list_nodes(0n, 100n)).toEqual(before);
    expect(await stranger.get_poc(id)).toEqual(poc);
});

test('strangers: anonymous callers only read, nodes of another role are refused too', async () => {
    await join('c11', 'compute');
    const anonymous = suite.as('state_machine');
    const account = { owner: suite.deployer, subaccount: [] } as { owner: Principal; subaccount: [] };
    const calls = [
        anonymous.register_node({
            class: { compute: null },
            public_key: keyOf('c11'),
            region: 'eu',
            bandwidth_mbps: 1
        }),
        anonymous.report_status(STATUS),
        anonymous.propose_wallet(account),
        anonymous.bind_wallet(idOf('c11'), []),
        anonymous.rebind_wallet({ node: idOf('c11'), account }),
        anonymous.unregister_node(),
        anonymous.admit_validators([]),
        anonymous.refresh_stake(idOf('c11')),
        anonymous.request_poc(idOf('c11')),
        anonymous.accept_poc(0n),
        anonymous.submit_poc(0n, new Uint8Array()),
        anonymous.attest_poc({ id: 0n, ok: true, elapsed_ms: 1_000n })
    ];
    expect(new Set(await Promise.all(calls.map(outcome)))).toEqual(new Set(['dropped']));
    expect(code(await as('c11').request_poc(idOf('c11')))).toBe('NotAValidator');
    expect(code(await as('v1').admit_validators([]))).toBe('Unauthorized');
    expect((await anonymous.list_nodes(0n, 0n)).nodes).toEqual([]);
});

test('malformed Candid is refused and leaves no trace', async () => {
    const call = {
        canisterId: toPicPrincipal(suite.ids.state_machine),
        sender: toPicPrincipal(idOf('x')),
        method: 'register_node'
    };
    await expect(suite.pic.updateCall({ ...call, arg: new TextEncoder().encode('DIDL\x01\x6c') })).rejects.toThrow();
    await expect(suite.pic.updateCall({ ...call, arg: new Uint8Array() })).rejects.toThrow();
    expect(await as('anybody').get_node(idOf('x'))).toEqual([]);
});

test('monitoring: metrics and health answer', async () => {
    const get = async (url: string) =>
        as('anybody').http_request({
            method: 'GET',
            url,
            headers: [],
            body: new Uint8Array(),
            certificate_version: []
        });
    const metrics = await get('/metrics');
    expect(new TextDecoder().decode(Uint8Array.from(metrics.body))).toMatch(/^emc_state_validators 4$/m);
    expect((await get('/health')).status_code).toBe(200);
    expect(await as('anybody').version()).toBe('0.1.0');
});
