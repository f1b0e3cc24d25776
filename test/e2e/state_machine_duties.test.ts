/** Duties, deductions, cases, terms and pools on a network with the real ledger and rewards. */
import { agreeOnState, liveFor } from '../support/live_network';
import { toPicPrincipal } from '../support/pic_actor';
import { accepted, code, idOf, NodeRegistry, outcome, RULES, STATUS, tag, VALIDATORS } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

let suite: Suite;
let net: NodeRegistry;
const opened: Suite[] = [];

/** A network of its own, for tests that move the clock far or change the validators. */
async function deploy(): Promise<void> {
    suite = await deploySuite({ pocSpacingS: 0n, statusSpacingS: 10n });
    opened.push(suite);
    net = new NodeRegistry(suite);
    await net.admitFour();
}

beforeAll(deploy);
afterAll(async () => {
    for (const each of opened) await each.close();
});

const MINUTE = 60;
const STAKE = RULES.validator.minimumE8s;
const DEDUCTION = 11_570_000_000n;

const state = (...voters: readonly string[]) => agreeOnState(net, voters);
const live = (minutes: number, ...voters: readonly string[]) => liveFor(net, minutes, voters);

const slashes = async () => (await net.as('anybody').list_slashes(0n, 100n)).slashes;

async function activeNode(name: string): Promise<void> {
    await net.join(name, 'compute');
    await net.prove(name);
}

test('strangers: cases and pools are for those whom they concern', async () => {
    await net.join('c0', 'compute');
    const charge = { node: idOf('v3'), reason: 'envy', evidence_hash: new Uint8Array(32) };
    const { case: id } = accepted(await net.as('v2').file_impeachment(charge));
    await suite.advance(1);
    const before = await net.as('anybody').get_case(id);
    for (const name of ['stranger', 'c0']) {
        const as = net.as(name);
        expect(code(await as.file_impeachment({ ...charge, node: idOf('v4') }))).toBe('NotSameClass');
        expect(code(await as.vote_case({ case: id, yes: true }))).toBe('NotAnElector');
        expect(code(await as.report_key_leak(idOf('v4')))).toBe('Unauthorized');
        expect(code(await as.leave_pool())).toBe('NotInPool');
    }
    expect(code(await net.as('stranger').create_pool('p'))).toBe('NotFound');
    expect(code(await net.as('stranger').join_pool(0n))).toBe('NotFound');
    expect(code(await net.as('v1').create_pool('p'))).toBe('NotAComputeNode');
    expect(code(await net.as('c0').create_pool('p'))).toBe('NotActive');
    const anonymous = suite.as('state_machine');
    const calls = [
        anonymous.file_impeachment(charge),
        anonymous.vote_case({ case: id, yes: true }),
        anonymous.report_key_leak(idOf('v4')),
        anonymous.create_pool('p'),
        anonymous.join_pool(0n),
        anonymous.leave_pool()
    ];
    expect(new Set(await Promise.all(calls.map(outcome)))).toEqual(new Set(['dropped']));
    expect(await net.as('anybody').get_case(id)).toEqual(before);
    expect((await net.as('anybody').list_cases(0n, 10n)).cases).toHaveLength(1);
});

test('pools: active compute nodes group together, and an upgrade keeps them so', async () => {
    for (const name of ['c1', 'c2']) await activeNode(name);
    await net.join('c3', 'compute');
    const { pool } = accepted(await net.as('c1').create_pool('renderers'));
    accepted(await net.as('c2').join_pool(pool));
    expect(code(await net.as('c2').create_pool('another'))).toBe('AlreadyInPool');
    expect(code(await net.as('c3').join_pool(pool))).toBe('NotActive');
    await suite.upgrade('state_machine');
    expect((await net.as('anybody').list_pool_members(pool, 0n, 10n)).nodes.map(String)).toEqual(
        ['c1', 'c2'].map((name) => idOf(name).toText())
    );
    accepted(await net.as('c1').leave_pool());
    expect(await net.as('anybody').get_pool_of(idOf('c1'))).toEqual([]);
    expect((await net.as('anybody').get_pool(pool))[0]?.members).toBe(1n);
    accepted(await net.as('c2').unregister_node());
    expect((await net.as('anybody').list_pools(0n, 10n)).pools[0]?.members).toBe(0n);
});

test('AS-50: a key leak is judged within two hours; who does not respond has missed its duty', async () => {
    const { case: id } = accepted(await net.as('v1').report_key_leak(idOf('v1')));
    accepted(await net.as('v2').vote_case({ case: id, yes: true }));
    await suite.upgrade('state_machine');
    await suite.advance(2 * 60 * MINUTE - 60);
    accepted(await net.as('v3').vote_case({ case: id, yes: false }));
    await suite.advance(120);
    const [judged] = await net.as('anybody').get_case(id);
    expect([tag(judged?.state), judged?.missed_duty.map(String)]).toEqual(['Rejected', [idOf('v4').toText()]]);
    expect(code(await net.as('v4').vote_case({ case: id, yes: true }))).toBe('CaseClosed');
});

test('AS-43: a silent validator loses 115.7 EMC an hour, executed by rewards', async () => {
    await deploy();
    await live(59, 'v1', 'v2', 'v3');
    expect(await net.remaining('v4')).toBe(STAKE);
    await live(3, 'v1', 'v2', 'v3');
    expect(await net.remaining('v4')).toBe(STAKE - DEDUCTION);
    await live(63, 'v1', 'v2', 'v3');
    expect(await net.remaining('v4')).toBe(STAKE - 2n * DEDUCTION);
    expect(await net.remaining('v4')).toBe(99_976_860_000_000n);
    for (const name of ['v1', 'v2', 'v3']) expect(await net.remaining(name)).toBe(STAKE);
    const [first] = await slashes();
    expect(first?.outcome[0]).toMatchObject({ slashed_e8s: DEDUCTION, remaining_e8s: STAKE - DEDUCTION });
    const [duty] = await net.as('anybody').get_duty(idOf('v4'));
    expect(duty).toMatchObject({ windows_examined: 2n, window_ns: 3_600_000_000_000n });
});

test('AS-44: a router that is offline for 25 minutes loses 3.86 EMC twice, executed by rewards', async () => {
    await deploy();
    await net.join('r1', 'router');
    await suite.advance(11);
    await net.stake('r1', 'router');
    expect(tag(accepted(await net.as('anybody').refresh_stake(idOf('r1'))).status)).toBe('Active');
    accepted(await net.as('r1').report_status(STATUS));
    await live(9, 'v1', 'v2', 'v3');
    expect(await net.remaining('r1')).toBe(10_000_000_000_000n);
    await live(3, 'v1', 'v2', 'v3');
    expect(await net.remaining('r1')).toBe(9_999_614_000_000n);
    await live(13, 'v1', 'v2', 'v3');
    expect(await net.remaining('r1')).toBe(9_999_228_000_000n);
    accepted(await net.as('r1').report_status(STATUS));
    await live(9, 'v1', 'v2', 'v3');
    expect(await net.remaining('r1')).toBe(9_999_228_000_000n);
    // Half an hour without a report, and the next look at its duty notes it; a report brings it back.
    await live(32, 'v1', 'v2', 'v3');
    expect(await net.status('r1')).toBe('Inactive');
    accepted(await net.as('r1').report_status(STATUS));
    expect(await net.status('r1')).toBe('Active');
});

test('AS-48: when nobody can agree, nobody pays', async () => {
    await deploy();
    await live(180, 'v1', 'v2');
    expect(await slashes()).toEqual([]);
    // Nor when all agreed until the whole network stopped.
    await suite.advance(400);
    await state(...VALIDATORS);
    await suite.advance(5);
    await state(...VALIDATORS);
    for (let hour = 0; hour < 3; hour++) await suite.advance(3_700);
    expect(await slashes()).toEqual([]);
    for (const name of VALIDATORS) expect(await net.remaining(name)).toBe(STAKE);
});

test('a deduction that rewards could not take is executed once, after the outage and an upgrade of both', async () => {
    await deploy();
    const rewards = toPicPrincipal(suite.ids.rewards);
    const sender = toPicPrincipal(suite.deployer);
    await live(58, 'v1', 'v2', 'v3');
    await suite.pic.stopCanister({ canisterId: rewards, sender });
    await live(4, 'v1', 'v2', 'v3');
    expect((await slashes()).map((slash) => slash.outcome.length)).toEqual([0]);
    await suite.upgrade('state_machine');
    await suite.advance(31);
    await suite.upgrade('rewards');
    await suite.pic.startCanister({ canisterId: rewards, sender });
    for (let i = 0; i < 3; i++) await suite.advance(31);
    expect((await slashes()).map((slash) => slash.outcome.length)).toEqual([1]);
    expect(await net.remaining('v4')).toBe(STAKE - DEDUCTION);
});

test('AS-49: two of three remove the fourth validator, for good and with its whole stake', async () => {
    await deploy();
    const charge = { node: idOf('v4'), reason: 'modified code', evidence_hash: new Uint8Array(32).fill(1) };
    const filed = accepted(await net.as('v1').file_impeachment(charge));
    expect([filed.electorate, tag(filed.state)]).toEqual([3n, 'Open']);
    expect(code(await net.as('v4').vote_case({ case: filed.case, yes: false }))).toBe('Accused');
    accepted(await net.as('v1').vote_case({ case: filed.case, yes: true }));
    await suite.upgrade('state_machine');
    expect(code(await net.as('v1').vote_case({ case: filed.case, yes: true }))).toBe('AlreadyVoted');
    expect(code(await net.as('v2').file_impeachment(charge))).toBe('CaseOpen');
    expect(tag(accepted(await net.as('v2').vote_case({ case: filed.case, yes: true })).state)).toBe('Passed');
    await suite.advance(1);
    expect(await net.status('v4')).toBe('Removed');
    expect(await net.as('anybody').list_validators()).toMatchObject({ set_size_valid: false, next_batch_size: 1n });
    expect((await slashes())[0]).toMatchObject({ all: true, outcome: [{ slashed_e8s: STAKE, remaining_e8s: 0n }] });
    expect((await net.remaining('v4')) ?? 0n).toBe(0n);
    expect(code(await net.register('v4', 'validator'))).toBe('Removed');
    expect(code(await net.as('v4').report_status(STATUS))).toBe('Removed');
    await state('v1', 'v2', 'v3');
});

test('terms: a router whose stake has ended is Expired by itself, however long nobody looked', async () => {
    await deploy();
    await net.join('r1', 'router');
    await suite.advance(1);
    await net.stake('r1', 'router');
    await suite.advance(11);
    expect(tag(accepted(await net.as('anybody').refresh_stake(idOf('r1'))).status)).toBe('Active');
    // A state when the router was already due, then nothing for half a year.
    await suite.advance(6 * MINUTE);
    await state('v1', 'v2', 'v3');
    await suite.advance(181 * 24 * 60 * MINUTE);
    for (let i = 0; i < 4; i++) await suite.advance(31);
    expect(await net.status('r1')).toBe('Expired');
    // One window had a state in it; the others, in half a year without a network, had none.
    const charged = (await slashes()).filter((slash) => slash.node.compareTo(idOf('r1')) === 'eq');
    expect(charged.reduce((sum, slash) => sum + slash.windows, 0n)).toBe(1n);
});
