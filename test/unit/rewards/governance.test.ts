import { slash } from '../../../canisters/rewards/domain/stakes/slashing';
import { configOf, profileInEpoch, profileOf } from '../../../canisters/rewards/domain/profiles/calendar';
import type { ProposalAction, ProposalState } from '../../../canisters/rewards/domain/governance/governance_rows';
import { powerAt, powerNow, totalPowerNow } from '../../../canisters/rewards/domain/governance/power';
import { castVote, MAX_OPEN, submitProposal, veto } from '../../../canisters/rewards/domain/governance/proposals';
import { purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import type { Choice } from '../../../src/core/governance/tally';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../src/core/amount';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { accountOf, codeOf, expectOk, FAULTS, GENESIS_NS, principalOf, World } from '../../model/rewards/world';

const DAY_NS = 86_400_000_000_000n;
const MILLION = 1_000_000n * E8S_PER_EMC;
const PAYEE = accountOf(60);
const HASH = new Uint8Array(32).fill(7);
/** Stakers: two validators of a million, one of two, and one router. */
const [ALICE, BOB, CAROL, ROUTER] = [71, 72, 73, 74].map(accountOf) as [
    ReturnType<typeof accountOf>,
    ReturnType<typeof accountOf>,
    ReturnType<typeof accountOf>,
    ReturnType<typeof accountOf>
];

function electorate(): World {
    const world = new World(S2_2100M);
    const stakes = [ALICE, BOB, CAROL].map((staker, i) => ({
        staker,
        n: i + 1,
        amount: i === 2 ? 2n * MILLION : MILLION
    }));
    for (const { staker, n, amount } of stakes) {
        world.putNode(n, { class: 'validator', wallet: accountOf(100 + n) });
        world.ledger.fund(staker, 3n * MILLION);
        world.ledger.approve(staker, world.self, 3n * MILLION);
        expectOk(world.stake({ node: principalOf(n), staker, amountE8s: amount, termDays: 360n }));
    }
    world.putNode(4, { class: 'router', wallet: accountOf(104) });
    world.ledger.fund(ROUTER, MILLION);
    world.ledger.approve(ROUTER, world.self, MILLION);
    expectOk(world.stake({ node: principalOf(4), staker: ROUTER, amountE8s: MILLION / 10n, termDays: 180n }));
    world.nowNs += 1n;
    return world;
}

const propose = (world: World, action: ProposalAction, by = ALICE) =>
    submitProposal(world.state, by.owner, { title: 'a title', summary: '', action }, world.nowNs);
const vote = (world: World, id: bigint, who: typeof ALICE, choice: Choice = 'yes') =>
    castVote(world.state, id, who.owner, choice, world.nowNs);
const stateOf = (world: World, id: bigint): ProposalState | undefined => world.state.proposals.get(id)?.state;

/** A proposal that Alice and Carol vote for, when its vote is over. */
function passed(world: World, action: ProposalAction): bigint {
    const id = expectOk(propose(world, action));
    expectOk(vote(world, id, ALICE));
    expectOk(vote(world, id, CAROL));
    expectOk(vote(world, id, BOB, 'no'));
    world.nowNs += 4n * DAY_NS;
    world.runProposals();
    expect(stateOf(world, id)?.kind).toBe('passed');
    return id;
}

/** The same when its timelock is over. */
function executable(world: World, action: ProposalAction): bigint {
    const id = passed(world, action);
    world.nowNs += 2n * DAY_NS;
    return id;
}

const grant = (amountE8s: bigint): ProposalAction => ({ kind: 'developer_grant', to: PAYEE, amountE8s });
const admit: ProposalAction = { kind: 'call', canister: 'state_machine', method: 'admit_validators', args: HASH };

test('AS-84: a developer grant pays once after its vote and its timelock', () => {
    const world = electorate();
    const id = expectOk(propose(world, grant(MILLION)));
    expectOk(vote(world, id, ALICE));
    expectOk(vote(world, id, CAROL));
    expect(codeOf(world.execute(id))).toBe('VotingOpen');
    world.nowNs += 4n * DAY_NS;
    expect(codeOf(world.execute(id))).toBe('Timelocked');
    world.nowNs += 2n * DAY_NS - 1n;
    expect(codeOf(world.execute(id))).toBe('Timelocked');
    world.nowNs += 1n;
    expectOk(world.execute(id));
    expect(codeOf(world.execute(id))).toBe('AlreadyExecuted');
    world.drain();
    expect(world.ledger.balanceOf(PAYEE)).toBe(MILLION - LEDGER_FEE_E8S);
    expect(world.purseBalance('developer')).toBe(25_200_000_000_000_000n - MILLION);
    expect(purseOf(world.state, 'developer')).toMatchObject({
        bookedE8s: 25_200_000_000_000_000n - MILLION,
        heldE8s: 0n
    });
});

test('AS-84: a grant above what is left of the pool fails, and stays failed', () => {
    const world = electorate();
    const id = executable(world, grant(25_200_000_000_000_001n));
    expect(world.execute(id)).toMatchObject({
        error: { code: 'PoolExhausted', detail: { free_e8s: 25_200_000_000_000_000n } }
    });
    expect(stateOf(world, id)).toMatchObject({ kind: 'failed', reason: 'PoolExhausted' });
    expect(codeOf(world.execute(id))).toBe('AlreadyExecuted');
    expect(world.state.openProposals.get()).toBe(0n);
});

test('a grant is paid once under every fault', () => {
    for (const fault of FAULTS) {
        const world = electorate();
        const id = executable(world, grant(MILLION));
        expectOk(world.execute(id));
        world.tick(() => fault);
        world.drain();
        expect(world.ledger.balanceOf(PAYEE)).toBe(MILLION - LEDGER_FEE_E8S);
        expect(world.purseBalance('developer')).toBe(purseOf(world.state, 'developer').bookedE8s);
    }
});

test('a spending of the treasury is in its ledger', () => {
    const world = electorate();
    const id = executable(world, { kind: 'treasury_spend', to: PAYEE, amountE8s: MILLION });
    world.runProposals();
    world.drain();
    expect(stateOf(world, id)).toMatchObject({ kind: 'executed', transferId: 4n });
    expect(world.ledger.balanceOf(PAYEE)).toBe(MILLION - LEDGER_FEE_E8S);
    expect(world.state.treasuryLedger.get(0n)).toMatchObject({ kind: 'spend', incoming: false, amountE8s: MILLION });
});

test('only who has enough power proposes, and only a bounded number at a time', () => {
    const world = electorate();
    expect(propose(world, { kind: 'text' }, accountOf(99))).toMatchObject({
        error: { code: 'BelowThreshold', detail: { power_e8s: 0n, needed_e8s: 10_000n * E8S_PER_EMC } }
    });
    for (let n = 0n; n < MAX_OPEN; n++) expectOk(propose(world, { kind: 'text' }, ROUTER));
    expect(codeOf(propose(world, { kind: 'text' }))).toBe('TooManyOpen');
    world.nowNs += 4n * DAY_NS;
    world.runProposals();
    expectOk(propose(world, { kind: 'text' }));
});

test('R9: the snapshot of power does not move, whatever happens to stakes after the submission', () => {
    const world = electorate();
    const total = totalPowerNow(world.state);
    const id = expectOk(propose(world, { kind: 'text' }));
    const late = accountOf(75);
    world.putNode(5, { class: 'validator', wallet: accountOf(105) });
    world.ledger.fund(late, 9n * MILLION);
    world.ledger.approve(late, world.self, 9n * MILLION);
    expectOk(world.stake({ node: principalOf(5), staker: late, amountE8s: 8n * MILLION, termDays: 360n }));
    expect(codeOf(vote(world, id, late))).toBe('NoPower');
    world.nowNs += 3_600_000_000_000n;
    const alone = { case: 1n, windows: 0n, reason: 'impeachment', all: true } as const;
    expectOk(slash(world.state, { node: principalOf(3), ...alone }, world.nowNs));
    expect(powerNow(world.state, CAROL.owner)).toBe(0n);
    const before = powerAt(world.state, CAROL.owner, world.state.proposals.get(id)?.submittedNs ?? 0n);
    expect(expectOk(vote(world, id, CAROL)).tally.yes).toBe(before);
    expect(world.state.proposals.get(id)?.totalPowerE8s).toBe(total);
    expect(before).toBe(2n * MILLION + (2n * MILLION) / 3n);
});

test('R9: a vote counts once and cannot be changed, and none counts after the end', () => {
    const world = electorate();
    const id = expectOk(propose(world, { kind: 'text' }));
    expectOk(vote(world, id, ALICE));
    expect(codeOf(vote(world, id, ALICE, 'no'))).toBe('AlreadyVoted');
    expect(codeOf(vote(world, id, accountOf(99)))).toBe('NoPower');
    expect(codeOf(vote(world, 9n, ALICE))).toBe('NotFound');
    const row = world.state.proposals.get(id);
    expect(row).toMatchObject({ votes: 1n, tally: { yes: (4n * MILLION) / 3n, no: 0n, abstain: 0n } });
    world.nowNs = row?.endsNs ?? 0n;
    expect(codeOf(vote(world, id, BOB))).toBe('VotingClosed');
});

test('half of the votes do not pass, nor does silence', () => {
    const world = electorate();
    const tie = expectOk(propose(world, grant(MILLION)));
    expectOk(vote(world, tie, ALICE));
    expectOk(vote(world, tie, BOB, 'no'));
    const silent = expectOk(propose(world, grant(MILLION)));
    world.nowNs += 4n * DAY_NS;
    world.runProposals();
    expect(stateOf(world, tie)).toEqual({ kind: 'rejected', vetoed: false });
    expect(stateOf(world, silent)).toEqual({ kind: 'rejected', vetoed: false });
    world.nowNs += 2n * DAY_NS;
    expect(codeOf(world.execute(tie))).toBe('NotPassed');
});

test('the timer decides and executes by itself', () => {
    const world = electorate();
    const id = executable(world, { kind: 'poc_standard', url: 'https://example.org/poc', hash: HASH });
    world.runProposals();
    expect(stateOf(world, id)?.kind).toBe('executed');
    expect(world.state.pocStandard.get()).toMatchObject({ url: 'https://example.org/poc', hash: HASH, proposal: id });
});

test('calls outside the allow-list cannot even be proposed', () => {
    const world = electorate();
    const call = (canister: 'token_icrc1' | 'state_machine', method: string): ProposalAction => ({
        kind: 'call',
        canister,
        method,
        args: new Uint8Array()
    });
    expect(codeOf(propose(world, call('state_machine', 'register_node')))).toBe('NotAllowed');
    expect(codeOf(propose(world, call('token_icrc1', 'icrc1_transfer')))).toBe('NotAllowed');
    expect(codeOf(propose(world, { ...admit, args: new Uint8Array(20_000) } as ProposalAction))).toBe(
        'InvalidArgument'
    );
});

test('a call is executed once; a refusal or an unknown outcome fails it, an unsent one is tried again', () => {
    const world = electorate();
    const done = executable(world, admit);
    expectOk(world.execute(done));
    expect(stateOf(world, done)?.kind).toBe('executed');
    const refused = executable(world, admit);
    expectOk(world.execute(refused, { kind: 'refused', reason: 'Err' }));
    expect(stateOf(world, refused)).toMatchObject({ kind: 'failed', reason: 'refused: Err' });
    const unknown = executable(world, admit);
    expectOk(world.execute(unknown, { kind: 'unknown', reason: 'lost' }));
    expect(stateOf(world, unknown)).toMatchObject({ kind: 'failed', reason: 'unknown: lost' });
    const unsent = executable(world, admit);
    expectOk(world.execute(unsent, { kind: 'not_executed', reason: 'stopped' }));
    expect(stateOf(world, unsent)).toMatchObject({ kind: 'passed', note: 'stopped' });
    expect(codeOf(world.execute(unsent))).toBe('Timelocked');
    world.nowNs += 3_600_000_000_000n;
    world.runProposals();
    expect(stateOf(world, unsent)?.kind).toBe('executed');
});

test('a call that can never be sent is given up after a week', () => {
    const world = electorate();
    const id = executable(world, admit);
    for (let hours = 0; hours < 24 * 8; hours++) {
        world.runProposals({ kind: 'not_executed', reason: 'stopped' });
        world.nowNs += 3_600_000_000_000n;
    }
    expect(stateOf(world, id)).toMatchObject({ kind: 'failed', reason: 'not_executed: stopped' });
});

test('a call that an upgrade interrupted is not repeated: its outcome is unknown', () => {
    const world = electorate();
    const id = executable(world, admit);
    const step = world.beginExecution(id);
    expect(expectOk(step)).toMatchObject({ kind: 'call' });
    expect(codeOf(world.execute(id))).toBe('InProgress');
    world.nowNs += 600_000_000_000n;
    world.runProposals();
    expect(stateOf(world, id)).toMatchObject({ kind: 'failed', reason: 'unknown: interrupted' });
});

test('a committee is elected, and more than half of it stop a passed proposal during the timelock', () => {
    const world = electorate();
    const members = [31, 32, 33].map(principalOf);
    const tooMany = Array.from({ length: 8 }, (_, i) => principalOf(i));
    expect(codeOf(propose(world, { kind: 'elect_committee', members: tooMany }))).toBe('InvalidArgument');
    expect(codeOf(propose(world, { kind: 'elect_committee', members: [principalOf(1), principalOf(1)] }))).toBe(
        'InvalidArgument'
    );
    executable(world, { kind: 'elect_committee', members });
    world.runProposals();
    expect(world.state.committee.get().members.map(String)).toEqual(members.map(String));
    const id = passed(world, grant(MILLION));
    const object = (n: number) => veto(world.state, id, principalOf(n), world.nowNs);
    expect(codeOf(object(30))).toBe('Unauthorized');
    expectOk(object(31));
    expect(codeOf(object(31))).toBe('AlreadyVoted');
    expect(stateOf(world, id)?.kind).toBe('passed');
    expectOk(object(32));
    expect(stateOf(world, id)).toEqual({ kind: 'rejected', vetoed: true });
    expect(codeOf(object(33))).toBe('VotingClosed');
    world.nowNs += 2n * DAY_NS;
    expect(codeOf(world.execute(id))).toBe('NotPassed');
});

test('a profile is changed at a future epoch boundary only, and rounds before it keep the old one (R8)', () => {
    const world = electorate();
    const firstPeriodE8s = S2_2100M.emission.firstPeriodE8s / 2n;
    const profile = { ...S2_2100M, emission: { ...S2_2100M.emission, firstPeriodE8s } };
    expect(codeOf(propose(world, { kind: 'profile_change', fromEpoch: 0n, profile }))).toBe('InPast');
    const id = executable(world, { kind: 'profile_change', fromEpoch: 8n, profile });
    expectOk(world.execute(id));
    expect(configOf(world.state).genesisNs).toBe(GENESIS_NS);
    expect(profileInEpoch(world.state, 7n)).toEqual(S2_2100M);
    expect(profileInEpoch(world.state, 8n)).toEqual(profile);
    while (world.state.settlements.length() < 95n) expectOk(world.settle(world.report([])));
    expect(profileOf(world.state)).toEqual(S2_2100M);
    expect(expectOk(world.settle(world.report([]))).emissionE8s).toBe(6_000_000_000_000n);
    expect(expectOk(world.settle(world.report([]))).emissionE8s).toBe(3_000_000_000_000n);
});

test('a profile change that comes too late, or contradicts genesis, fails', () => {
    const world = electorate();
    const late = executable(world, { kind: 'profile_change', fromEpoch: 6n, profile: S2_2100M });
    expect(codeOf(world.execute(late))).toBe('InPast');
    expect(stateOf(world, late)).toMatchObject({ kind: 'failed', reason: 'InPast' });
    const change = (profile: typeof S2_2100M): ProposalAction => ({ kind: 'profile_change', fromEpoch: 90n, profile });
    expect(codeOf(propose(world, change(S3_1000M)))).toBe('Immutable');
    const fewer = S2_2100M.allocations.map((one) => (one.pool === 'team' ? { ...one, amountE8s: 1n } : one));
    expect(codeOf(propose(world, change({ ...S2_2100M, allocations: fewer })))).toBe('Immutable');
    const free = { ...S2_2100M, trade: { ...S2_2100M.trade, fee: { num: 2n, den: 1n } } };
    expect(propose(world, change(free))).toMatchObject({ error: { code: 'InvalidArgument', detail: 'trade.fee' } });
});

test('a second change waits behind the first one', () => {
    const world = electorate();
    const change = (fromEpoch: bigint): ProposalAction => ({ kind: 'profile_change', fromEpoch, profile: S2_2100M });
    const first = executable(world, change(30n));
    expectOk(world.execute(first));
    expect(propose(world, change(30n))).toMatchObject({ error: { code: 'InPast', detail: { earliest_epoch: 31n } } });
    expectOk(propose(world, change(31n)));
});

test('a peer is changed by a proposal, this canister itself is not', () => {
    const world = electorate();
    const action: ProposalAction = { kind: 'set_peer', canister: 'hub', id: principalOf(50) };
    expect(codeOf(propose(world, { ...action, canister: 'rewards' } as ProposalAction))).toBe('InvalidArgument');
    const id = executable(world, action);
    expect(expectOk(world.execute(id))).toMatchObject({ kind: 'set_peer', canister: 'hub' });
    expect(codeOf(world.execute(id))).toBe('AlreadyExecuted');
});

test('power of all owners is the sum of theirs, after stakes came, shrank and went', () => {
    const world = electorate();
    const owners = [ALICE, BOB, CAROL, ROUTER];
    const sum = (): bigint => owners.reduce((total, { owner }) => total + powerNow(world.state, owner), 0n);
    expect(sum()).toBe(totalPowerNow(world.state));
    world.nowNs += 7_200_000_000_000n;
    const late = { windows: 2n, reason: 'liveness', all: false } as const;
    expectOk(slash(world.state, { node: principalOf(1), case: 1n, ...late }, world.nowNs));
    expect(powerNow(world.state, ALICE.owner)).toBe(((MILLION - 23_140_000_000n) * 4n) / 3n);
    world.nowNs += 180n * DAY_NS;
    world.tick();
    expect(powerNow(world.state, ROUTER.owner)).toBe(0n);
    expect(sum()).toBe(totalPowerNow(world.state));
    expect(world.ledger.balanceOf(purseAccount(world.self, 'payable'))).toBe(0n);
});
