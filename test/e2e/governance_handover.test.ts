/** Governance in the hands of another principal, as an SNS: taken, used and given back in each canister, across upgrades. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import {
    accepted,
    account,
    code,
    DAY_S,
    FEE,
    RewardsSuite,
    tag,
    type Answer,
    type Rewards
} from '../support/rewards_suite';
import { deploySuite, principalNamed, type Suite } from '../support/suite';

type Kind = Parameters<Rewards['submit_proposal']>[0]['kind'];

const EMC = 100_000_000n;
const SNS = principalNamed('sns governance');
const OTHER = principalNamed('another dao');
const STRANGER = principalNamed('stranger');
const PAYEE = principalNamed('payee');
const REFUSED = 'Unauthorized';

let world: RewardsSuite;
let suite: Suite;
let alice: Principal;

beforeAll(async () => {
    world = await RewardsSuite.deploy({ profile: 's3_1000m' });
    suite = world.suite;
    alice = await world.funded('alice', 2_000_000n * EMC);
    const stake = { amount_e8s: 2_000_000n * EMC, term_days: 1_080n, from_subaccount: [] as [] };
    accepted(await world.rewards(alice).stake_tokens(stake));
    await suite.advance(1);
});
afterAll(() => suite.close());

const orderOf = (kind: Kind) => ({ title: 'a title', summary: 'why', kind });
const handOver = (canister: CanisterName, by: Principal, to?: Principal): Promise<Answer<null>> =>
    suite.as(canister, by).set_governance(to === undefined ? [] : [to]);

async function governorOf(canister: CanisterName): Promise<string> {
    return String(await suite.as(canister, STRANGER).get_governance());
}

/** Something that only governance and controllers may do, and that changes nothing when it is done. */
function govern(canister: CanisterName, by: Principal): Promise<Answer<unknown>> {
    if (canister !== 'token_icrc1') return suite.as(canister, by).set_paused(false);
    const later = { fee_collector: [] as [], created_at_time: 0n };
    return suite.as(canister, by).icrc107_set_fee_collector(later);
}

/** Whether the ledger, too, would have heard the caller: it answers that the time is wrong. */
const isHeard = (canister: CanisterName, answer: Answer<unknown>): boolean =>
    code(answer) === (canister === 'token_icrc1' ? 'GenericError' : 'ok');

/** Proposed, voted for by Alice, and executed as far as it can be; what became of it. */
async function decided(kind: Kind): Promise<string> {
    const id = await votedFor(kind);
    await passTime();
    return stateOf(id);
}

async function votedFor(kind: Kind): Promise<bigint> {
    const { id } = accepted(await world.rewards(alice).submit_proposal(orderOf(kind)));
    accepted(await world.rewards(alice).vote(id, { Yes: null }));
    return id;
}

/** The time of a vote, and of the lock after it. */
async function passTime(): Promise<void> {
    for (const days of [4, 2]) {
        await suite.advance(days * DAY_S);
        await suite.advance(20);
    }
}

async function stateOf(id: bigint): Promise<string> {
    const [proposal] = await world.rewards().get_proposal(id);
    return tag(proposal?.state);
}

describe.each(CANISTERS)('%s', (canister) => {
    test('strangers, peers and controllers cannot take governance, and nobody can be its holder', async () => {
        const rewards = suite.ids.rewards;
        const others = CANISTERS.filter((name) => name !== 'rewards').map((name) => suite.ids[name]);
        for (const who of [STRANGER, SNS, suite.deployer, ...others]) {
            expect(code(await handOver(canister, who, SNS))).toBe(REFUSED);
        }
        for (const nobody of [Principal.anonymous(), Principal.managementCanister()]) {
            expect(code(await handOver(canister, rewards, nobody))).toBe('InvalidArgument');
        }
        expect(await governorOf(canister)).toBe(rewards.toText());
        expect(isHeard(canister, await govern(canister, STRANGER))).toBe(false);
        expect(isHeard(canister, await govern(canister, rewards))).toBe(true);
    });

    test('whom it is handed to governs, hands it on and back; those before do not, and an upgrade keeps it', async () => {
        const rewards = suite.ids.rewards;
        const governs = async (who: Principal) => isHeard(canister, await govern(canister, who));
        accepted(await handOver(canister, rewards, SNS));
        await suite.upgrade(canister);
        expect(await governorOf(canister)).toBe(SNS.toText());
        expect(await governs(SNS)).toBe(true);
        expect(await governs(STRANGER)).toBe(false);
        // The rewards canister carries out decisions of whoever governs it, by calls to itself.
        if (canister !== 'rewards') {
            expect(await governs(rewards)).toBe(false);
            expect(code(await handOver(canister, rewards, rewards))).toBe(REFUSED);
        }
        expect(code(await handOver(canister, STRANGER, STRANGER))).toBe(REFUSED);
        accepted(await handOver(canister, SNS, OTHER));
        expect([await governs(OTHER), await governs(SNS)]).toEqual([true, false]);
        expect(code(await handOver(canister, SNS, SNS))).toBe(REFUSED);
        accepted(await handOver(canister, OTHER));
        await suite.upgrade(canister);
        expect(await governorOf(canister)).toBe(rewards.toText());
        expect([await governs(rewards), await governs(OTHER)]).toEqual([true, false]);
    });

    test('its governor, and no controller, gives it another peer', async () => {
        const peers = await suite.as(canister).get_peers();
        const moved = { ...peers, hub: [OTHER] as [Principal] };
        accepted(await handOver(canister, suite.ids.rewards, SNS));
        expect(code(await suite.as(canister, suite.deployer).set_peers(moved))).toBe(REFUSED);
        expect(code(await suite.as(canister, STRANGER).set_peers(moved))).toBe(REFUSED);
        accepted(await suite.as(canister, SNS).set_peers(moved));
        expect((await suite.as(canister).get_peers()).hub.map(String)).toEqual([OTHER.toText()]);
        accepted(await suite.as(canister, SNS).set_peers(peers));
        accepted(await handOver(canister, SNS));
    });
});

test('a passed proposal hands a canister over: later ones change nothing there, and its new governor does', async () => {
    const gateways = () => suite.as('compute_gateway', STRANGER).list_gateways();
    const addGateway: Kind = { SetRole: { Gateway: { who: PAYEE, granted: true } } };
    expect(await decided({ SetRole: { Governance: { canister: 'compute_gateway', to: [SNS] } } })).toBe('Executed');
    expect(await governorOf('compute_gateway')).toBe(SNS.toText());
    expect(await decided(addGateway)).toBe('Failed');
    expect(await gateways()).toEqual([]);
    accepted(await suite.as('compute_gateway', SNS).add_gateway(PAYEE));
    expect((await gateways()).map(String)).toEqual([PAYEE.toText()]);
    accepted(await suite.as('compute_gateway', SNS).remove_gateway(PAYEE));
    accepted(await handOver('compute_gateway', SNS));
    expect(await decided(addGateway)).toBe('Executed');
});

test('an SNS that governs rewards has its decisions done there and, through it, in the other canisters', async () => {
    const grant: Kind = { DeveloperGrant: { to: account(PAYEE), amount_e8s: 1_000n * EMC } };
    const handover = await votedFor({ SetRole: { Governance: { canister: 'rewards', to: [SNS] } } });
    await suite.advance(3_600);
    const late = await votedFor(grant);
    await passTime();
    expect([await stateOf(handover), await stateOf(late)]).toEqual(['Executed', 'Failed']);
    await world.upgrade();

    expect(code(await world.rewards(alice).submit_proposal(orderOf(grant)))).toBe('NotGoverning');
    for (const who of [STRANGER, alice, suite.deployer]) {
        expect(code(await world.rewards(who).enact(orderOf(grant)))).toBe(REFUSED);
    }
    const rendering = await world.rewards(SNS).validate_enact(orderOf(grant));
    expect(rendering).toEqual({ Ok: expect.stringContaining(PAYEE.toText()) as string });
    const wrong: Kind = { Call: { canister: 'hub', method: 'buy_credits', args: new Uint8Array() } };
    expect(await world.rewards(SNS).validate_enact(orderOf(wrong))).toEqual({ Err: 'NotAllowed: null' });
    expect(code(await world.rewards(SNS).enact(orderOf(wrong)))).toBe('NotAllowed');

    const enacted = accepted(await world.rewards(SNS).enact(orderOf(grant)));
    expect([tag(enacted.state), enacted.votes, enacted.proposer.toText()]).toEqual(['Executed', 0n, SNS.toText()]);
    await suite.advance(20);
    expect(await world.balanceOf(PAYEE)).toBe(1_000n * EMC - FEE);

    const pause = (canister: CanisterName, paused: boolean): Kind => ({
        Call: { canister, method: 'set_paused', args: new Uint8Array(IDL.encode([IDL.Bool], [paused])) }
    });
    for (const canister of ['compute_gateway', 'rewards'] as const) {
        for (const paused of [true, false]) {
            expect(tag(accepted(await world.rewards(SNS).enact(orderOf(pause(canister, paused)))).state)).toBe(
                'Executed'
            );
            expect((await suite.as(canister).status()).paused).toBe(paused);
        }
    }
    // More than the pool has: written down, and not done.
    const greedy: Kind = { DeveloperGrant: { to: account(PAYEE), amount_e8s: 1n << 80n } };
    expect(tag(accepted(await world.rewards(SNS).enact(orderOf(greedy))).state)).toBe('Failed');

    const back: Kind = { SetRole: { Governance: { canister: 'rewards', to: [] } } };
    expect(tag(accepted(await world.rewards(SNS).enact(orderOf(back))).state)).toBe('Executed');
    expect(code(await world.rewards(SNS).enact(orderOf(grant)))).toBe(REFUSED);
    expect(await decided(grant)).toBe('Executed');
    await world.expectSoundBooks();
});

test('the governor can be named at installation, and an upgrade with the same arguments names nobody', async () => {
    const governed = await deploySuite({ governance: SNS });
    try {
        for (const canister of CANISTERS) {
            const as = (who: Principal) => governed.as(canister, who);
            expect(String(await as(STRANGER).get_governance())).toBe(SNS.toText());
            if (canister !== 'rewards') expect(code(await as(governed.ids.rewards).set_governance([]))).toBe(REFUSED);
            accepted(await as(SNS).set_governance([OTHER]));
            await governed.upgrade(canister);
            expect(String(await as(STRANGER).get_governance())).toBe(OTHER.toText());
        }
    } finally {
        await governed.close();
    }
});
