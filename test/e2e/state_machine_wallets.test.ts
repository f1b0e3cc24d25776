/** Wallets of nodes and the rewards that go to them, with the real state machine, ledger and rewards; the test plays the hub. */
import type { Principal } from '@dfinity/principal';
import { accepted, code, idOf, NodeRegistry, STATUS } from '../support/registry';
import { HUB, report, ROUND_S } from '../support/rewards_suite';
import { deploySuite, principalNamed, type Suite } from '../support/suite';

/** The first epoch's 720 000 EMC in twelve rounds. */
const ROUND_E8S = 6_000_000_000_000n;
const SECOND = principalNamed('second wallet');

let suite: Suite;
let net: NodeRegistry;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 10n, pocSpacingS: 0n });
    net = new NodeRegistry(suite);
    await net.admitFour();
    await suite.play('rewards', { hub: HUB });
});
afterAll(() => suite.close());

const earned = async (owner: Principal): Promise<bigint> =>
    (await suite.as('rewards').get_reward_balance({ owner, subaccount: [] })).earned_e8s;

/** The node alone has a weight. */
async function settle(round: bigint, name: string): Promise<void> {
    await suite.advance(ROUND_S);
    accepted(await suite.as('rewards', HUB).c2c_settle_round(report(round, [[idOf(name), 1n]])));
    for (let i = 0; i < 3; i++) await suite.advance(1);
}

test('AS-36: who is bound earns; after a rebind the first wallet keeps what it has, and the second earns', async () => {
    accepted(await net.register('c1', 'compute'));
    accepted(await net.as('c1').report_status(STATUS));
    // Rewards hears of a node without a wallet when it becomes Active: until then it can have earned nothing.
    await net.prove('c1');
    expect(await net.status('c1')).toBe('Active');
    await suite.advance(1);
    await settle(0n, 'c1');
    expect(await suite.as('rewards').get_unbound_balance(idOf('c1'))).toBe(ROUND_E8S);

    accepted(await net.as('c1').propose_wallet({ owner: suite.deployer, subaccount: [] }));
    accepted(await net.governor().bind_wallet(idOf('c1'), []));
    await suite.advance(1);
    expect(await suite.as('rewards').get_unbound_balance(idOf('c1'))).toBe(0n);
    expect(await earned(suite.deployer)).toBe(ROUND_E8S);

    await settle(1n, 'c1');
    expect(await earned(suite.deployer)).toBe(2n * ROUND_E8S);
    const account = { owner: SECOND, subaccount: [] as [] };
    expect(code(await net.as('c1').rebind_wallet({ node: idOf('c1'), account }))).toBe('NotWalletOwner');
    expect(code(await suite.as('state_machine', SECOND).rebind_wallet({ node: idOf('c1'), account }))).toBe(
        'NotWalletOwner'
    );
    accepted(await net.governor().rebind_wallet({ node: idOf('c1'), account }));
    expect(code(await net.governor().rebind_wallet({ node: idOf('c1'), account }))).toBe('NotWalletOwner');
    await suite.upgrade('state_machine');
    await suite.advance(31);
    await settle(2n, 'c1');
    expect([await earned(suite.deployer), await earned(SECOND)]).toEqual([2n * ROUND_E8S, ROUND_E8S]);
});

test('AS-35: no squatting: an id is its key, and only its holder registers it', async () => {
    const theirs = { class: { compute: null }, public_key: new Uint8Array([1, 2, 3]), region: 'eu', bandwidth_mbps: 1 };
    expect(code(await net.as('squatter').register_node(theirs))).toBe('InvalidKey');
    accepted(await net.register('c2', 'compute'));
    expect(code(await net.register('c2', 'router'))).toBe('AlreadyExists');
    accepted(await net.as('c2').unregister_node());
    accepted(await net.register('c2', 'router'));
    expect(await net.status('c2')).toBe('Registered');
});
