/** Every update method of rewards, called by nobody, by a stranger, and by peers and controllers in each other's place. */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { idlFactory } from '../../src/declarations/rewards';
import {
    account,
    code,
    COMPUTE,
    E,
    HUB,
    REGISTRY,
    report,
    RewardsSuite,
    type Answer,
    type Rewards
} from '../support/rewards_suite';
import { principalNamed } from '../support/suite';

const STRANGER = principalNamed('stranger');
const NODE = principalNamed('node 0');
const HASH = new Uint8Array(32).fill(1);
const NO_SUBACCOUNT: [] = [];
const STAKE = { node: NODE, amount_e8s: 1_000_000_000_000n, from_subaccount: NO_SUBACCOUNT };
const DROP = { airdrop: 0n, index: 0n, amount_e8s: 1_000_000n, subaccount: NO_SUBACCOUNT, proof: [] };
const YES = { Yes: null };

let world: RewardsSuite;

beforeAll(async () => {
    world = await RewardsSuite.deploy({ profile: 's3_1000m' });
    await world.newNode();
});
afterAll(() => world.suite.close());

/** What nobody and what a stranger are answered. */
interface Refusals {
    readonly call: (caller: Rewards) => Promise<Answer<unknown>>;
    readonly nobody: string;
    readonly stranger: string;
}

const user = (stranger: string, call: Refusals['call']): Refusals => ({ call, nobody: 'Anonymous', stranger });
const peer = (call: Refusals['call']): Refusals => ({ call, nobody: 'Unauthorized', stranger: 'Unauthorized' });
const controller = (call: Refusals['call']): Refusals => ({ call, nobody: 'NotController', stranger: 'NotController' });

const ROUND = { round: 0n, source_hash: HASH };
const FACT = { node: NODE, class: COMPUTE, wallet: [account(STRANGER)] as [never], e_value_e8: E, version: 9n };
const SLASH = { node: NODE, windows: 1n, case: 1n, reason: { Liveness: null }, all: true };
const BEGIN = { ...ROUND, money_e8s: 0n, weights: 0n, trades: 0n, weight_pages: 0n, trade_pages: 0n };

/** Methods that only the hub may call, and those that only the state machine may call. */
const OF_HUB = {
    c2c_settle_round: peer((who) => who.c2c_settle_round(report(0n))),
    c2c_settle_round_begin: peer((who) => who.c2c_settle_round_begin(BEGIN)),
    c2c_settle_round_page: peer((who) => who.c2c_settle_round_page({ ...ROUND, seq: 0n, page: HASH })),
    c2c_settle_round_commit: peer((who) => who.c2c_settle_round_commit(ROUND))
};
const OF_REGISTRY = {
    c2c_put_nodes: peer((who) => who.c2c_put_nodes([FACT])),
    c2c_slash: peer((who) => who.c2c_slash(SLASH)),
    c2c_set_dispute: peer((who) => who.c2c_set_dispute({ node: NODE, case: 1n, open: true }))
};

const METHODS: Readonly<Record<string, Refusals>> = {
    ...OF_HUB,
    ...OF_REGISTRY,
    set_peers: peer(async (who) => who.set_peers(await world.rewards().get_peers())),
    set_paused: peer((who) => who.set_paused(true)),
    set_governance: peer((who) => who.set_governance([STRANGER])),
    enact: peer((who) => who.enact({ title: 'a title', summary: '', kind: { Text: null } })),
    refresh_balances: controller((who) => who.refresh_balances()),
    request_claim: user('NothingToClaim', (who) => who.request_claim({ subaccount: [], amount_e8s: [] })),
    claim: user('NotFound', (who) => who.claim(0n)),
    cancel_claim: user('NotFound', (who) => who.cancel_claim(0n)),
    stake_node: user('WrongAmount', (who) => who.stake_node({ ...STAKE, term_days: 30n })),
    renew_stake: user('NotFound', (who) => who.renew_stake(NODE, 30n)),
    top_up_stake: user('NotFound', (who) => who.top_up_stake(STAKE)),
    release_stake: user('NotFound', (who) => who.release_stake(NODE)),
    stake_tokens: user('InsufficientAllowance', (who) =>
        who.stake_tokens({ amount_e8s: 1_000_000_000_000n, term_days: 30n, from_subaccount: [] })
    ),
    withdraw_stake: user('NotFound', (who) => who.withdraw_stake(0n)),
    submit_proposal: user('BelowThreshold', (who) =>
        who.submit_proposal({ title: 'a title', summary: '', kind: { Text: null } })
    ),
    vote: user('NotFound', (who) => who.vote(0n, YES)),
    finalize_proposal: user('NotFound', (who) => who.finalize_proposal(0n)),
    execute_proposal: user('NotFound', (who) => who.execute_proposal(0n)),
    veto_proposal: user('Unauthorized', (who) => who.veto_proposal(0n)),
    claim_airdrop: user('NotFound', (who) => who.claim_airdrop(DROP))
};

test('the table below names every update method of the canister', () => {
    const updates = idlFactory({ IDL })._fields.filter(([, { annotations }]) => annotations.length === 0);
    expect(Object.keys(METHODS).sort()).toEqual(updates.map(([name]) => name).sort());
});

test.each(Object.entries(METHODS))('%s refuses nobody and strangers', async (_, { call, nobody, stranger }) => {
    expect(code(await call(world.rewards()))).toBe(nobody);
    expect(code(await call(world.rewards(STRANGER)))).toBe(stranger);
});

test('peers and controllers are refused in the place of another', async () => {
    const refused = async (methods: Readonly<Record<string, Refusals>>, others: readonly Principal[]) => {
        for (const { call } of Object.values(methods)) {
            for (const who of others) expect(code(await call(world.rewards(who)))).toBe('Unauthorized');
        }
    };
    const { deployer, ids } = world.suite;
    await refused(OF_HUB, [REGISTRY, deployer, ids.token_icrc1]);
    await refused(OF_REGISTRY, [HUB, deployer, ids.hub]);
    for (const who of [HUB, REGISTRY]) expect(code(await world.rewards(who).refresh_balances())).toBe('NotController');
});

test('what is larger than its method can mean is dropped before the canister pays for it; a report of a peer is not', async () => {
    const proof = Array.from({ length: 200 }, () => HASH);
    await expect(world.rewards(STRANGER).claim_airdrop({ ...DROP, proof })).rejects.toThrow(/CanisterRejectedMessage/);
    const facts = Array.from({ length: 100 }, () => FACT);
    await expect(world.rewards(STRANGER).c2c_put_nodes(facts)).rejects.toThrow(/CanisterRejectedMessage/);
    await expect(world.rewards(HUB).c2c_put_nodes(facts)).resolves.toEqual({ Err: { Unauthorized: null } });
});

test('after all of that the books are as they were', async () => {
    // The ledger refused the pull that had no allowance: nothing is left of it.
    expect(await world.rewards().list_transfers(0n, 10n)).toEqual([]);
    expect(await world.rewards().next_round()).toBe(0n);
    expect(await world.rewards().get_node_stakes([NODE])).toEqual([[]]);
    await world.expectSoundBooks();
});
