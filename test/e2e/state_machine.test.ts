/** The state machine on a network: its story with the real ledger and rewards, upgrades, strangers, malformed calls. */
import { Principal } from '@dfinity/principal';
import { canisterState } from '../../src/validator/adapters/canister_state';
import { asService, toPicPrincipal } from '../support/pic_actor';
import { E_OF_A_PROBE } from '../support/poc';
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
const options = { pocSpacingS: 0n, statusSpacingS: 10n };

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

test('story: validators are admitted by their stakes, a node becomes Active by its proof, rewards learns it all', async () => {
    expect(await as('anybody').list_validators()).toMatchObject({ quorum: 3n, set_size_valid: true });
    expect(await as('anybody').is_validator(idOf('v4'))).toBe(true);

    await join('c1', 'compute');
    expect(tag((await nodeView('c1')).status)).toBe('Registered');
    const [proof] = await as('anybody').get_poc(await net.prove('c1'));
    expect([tag(proof?.state), proof?.e_value_e8]).toEqual(['Passed', [E_OF_A_PROBE]]);

    const node = await nodeView('c1');
    expect(node.e_value_e8).toBe(E_OF_A_PROBE);
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

test('upgrade: nodes and validators stay as they are', async () => {
    await join('c3', 'compute');
    const nodes = await as('anybody').list_nodes(0n, 100n);
    await suite.upgrade('state_machine');
    expect(await as('anybody').list_nodes(0n, 100n)).toEqual(nodes);
    expect((await as('anybody').list_validators()).validators.map(String)).toEqual(VALIDATORS.map(idOf).map(String));
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

test('validator agents: a new key registers itself and reports', async () => {
    const port = canisterState(asService(as('v14')), { principal: idOf('v14'), publicKey: keyOf('v14') });
    expect(await port.isRegistered()).toBe(false);
    expect(await port.report('0.1.0')).toEqual({ code: 'NotFound' });
    expect(await port.register('eu-west', 99)).toEqual({ code: 'BandwidthTooLow' });
    expect(await port.register('eu-west', 100)).toBeUndefined();
    expect(await port.isRegistered()).toBe(true);
    expect(await port.report('0.1.0')).toBeUndefined();
    expect(await port.isValidator()).toBe(false);
    expect([await port.proofSpacingMs(), await port.validatorCount()]).toEqual([0, 4]);
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
    const stranger = as('stranger');
    const node = idOf('c10');
    const account = { owner: idOf('stranger'), subaccount: [] } as { owner: Principal; subaccount: [] };
    const before = await stranger.list_nodes(0n, 100n);

    const theirs = { class: { compute: null }, public_key: keyOf('victim'), region: 'eu', bandwidth_mbps: 1 };
    expect(code(await stranger.register_node(theirs))).toBe('InvalidKey');
    expect(code(await stranger.report_status(STATUS))).toBe('NotFound');
    expect(code(await stranger.propose_wallet(account))).toBe('NotFound');
    expect(code(await stranger.bind_wallet(node, []))).toBe('AlreadyBound');
    expect(code(await stranger.rebind_wallet({ node, account }))).toBe('NotWalletOwner');
    expect(code(await stranger.unregister_node())).toBe('NotFound');
    expect(code(await stranger.admit_validators([node]))).toBe('Unauthorized');
    expect(code(await stranger.refresh_stake(idOf('nobody')))).toBe('NotFound');
    const noPeers = { token_icrc1: [], rewards: [], state_machine: [], hub: [], compute_gateway: [] } as const;
    expect(code(await stranger.set_peers({ ...noPeers, rewards: [idOf('stranger')] } as never))).toBe('Unauthorized');
    await expect(stranger.c2c_weight_snapshot({ at_ns: 0n, start: 0n, take: 1n })).rejects.toThrow(/Unauthorized/);

    expect(await stranger.list_nodes(0n, 100n)).toEqual(before);
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
        anonymous.refresh_stake(idOf('c11'))
    ];
    expect(new Set(await Promise.all(calls.map(outcome)))).toEqual(new Set(['dropped']));
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
