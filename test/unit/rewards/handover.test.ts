/** Governance in other hands: what the new governor decides is done, what the voters had decided before is not. */
import { audit } from '../../../canisters/rewards/domain/audit/audit';
import type { ProposalAction } from '../../../canisters/rewards/domain/governance/governance_rows';
import { castVote, enact, MAX_OPEN, submitProposal } from '../../../canisters/rewards/domain/governance/proposals';
import { E8S_PER_EMC } from '../../../src/core/amount';
import { S2_2100M } from '../../../src/core/tokenomics/profiles';
import { accountOf, codeOf, expectOk, principalOf, World } from '../../model/rewards/world';

const DAY_NS = 86_400_000_000_000n;
const MILLION = 1_000_000n * E8S_PER_EMC;
const ALICE = accountOf(71);
const SNS = principalOf(80);
const OTHER = principalOf(81);
const GRANT: ProposalAction = { kind: 'developer_grant', to: accountOf(60), amountE8s: MILLION };
const CALL: ProposalAction = { kind: 'call', canister: 'hub', method: 'set_paused', args: new Uint8Array() };

function electorate(): World {
    const world = new World(S2_2100M);
    world.putNode(1, { class: 'validator', wallet: accountOf(101) });
    world.ledger.fund(ALICE, 3n * MILLION);
    world.ledger.approve(ALICE, world.self, 3n * MILLION);
    expectOk(world.stake({ node: principalOf(1), staker: ALICE, amountE8s: MILLION, termDays: 360n }));
    world.nowNs += 1n;
    return world;
}

const orderOf = (action: ProposalAction) => ({ title: 'a title', summary: '', action });
const stateOf = (world: World, id: bigint) => world.state.proposals.get(id)?.state;
const decideElsewhere = (world: World, action: ProposalAction, by = SNS) =>
    enact(world.state, by, world.authority(), orderOf(action), world.nowNs);

/** A proposal that Alice alone has voted for, when its timelock is over. */
function voted(world: World, action: ProposalAction): bigint {
    const id = expectOk(submitProposal(world.state, ALICE.owner, orderOf(action), world.nowNs));
    expectOk(castVote(world.state, id, ALICE.owner, 'yes', world.nowNs));
    world.nowNs += 4n * DAY_NS;
    world.runProposals();
    expect(stateOf(world, id)?.kind).toBe('passed');
    world.nowNs += 2n * DAY_NS;
    return id;
}

test('what the voters passed before the handover fails, and pays nobody', () => {
    const world = electorate();
    const id = voted(world, GRANT);
    world.governor = SNS;
    expect(codeOf(world.execute(id))).toBe('NotGoverning');
    expect(stateOf(world, id)).toMatchObject({ kind: 'failed', reason: 'NotGoverning' });
    expect(world.state.openProposals.get()).toBe(0n);
    expect(audit(world.state).holds).toBe(true);
});

test('a decision of the governor is executed at once and once, and the audit knows it from one of the voters', () => {
    const world = electorate();
    world.governor = SNS;
    const id = expectOk(decideElsewhere(world, GRANT));
    expectOk(world.execute(id));
    expect(codeOf(world.execute(id))).toBe('AlreadyExecuted');
    expect(stateOf(world, id)).toMatchObject({ kind: 'executed', transferId: expect.any(BigInt) as bigint });
    expect(audit(world.state).holds).toBe(true);
    const row = world.state.proposals.get(id)!;
    expect(codeOf(castVote(world.state, id, ALICE.owner, 'no', world.nowNs))).toBe('VotingClosed');
    // A row that says that it was voted on, but on which nobody has voted, is found.
    world.state.proposals.replace(id, { ...row, endsNs: row.endsNs + DAY_NS });
    expect(audit(world.state).holds).toBe(false);
});

test('nobody but the governor decides, and not while the voters govern', () => {
    const world = electorate();
    expect(codeOf(decideElsewhere(world, GRANT, world.self))).toBe('Unauthorized');
    expect(codeOf(decideElsewhere(world, GRANT))).toBe('Unauthorized');
    world.governor = SNS;
    for (const who of [OTHER, ALICE.owner, world.self]) {
        expect(codeOf(decideElsewhere(world, GRANT, who))).toBe('Unauthorized');
    }
    const refused: ProposalAction = { kind: 'call', canister: 'hub', method: 'buy_credits', args: new Uint8Array() };
    expect(codeOf(decideElsewhere(world, refused))).toBe('NotAllowed');
    expect(enact(world.state, SNS, world.authority(), { ...orderOf(GRANT), title: '' }, world.nowNs)).toMatchObject({
        error: { code: 'InvalidArgument', detail: 'title' }
    });
    expect(world.state.proposals.length()).toBe(0n);
});

test('a call of a governor whose successor took the seat before it could be sent is not sent any more', () => {
    const world = electorate();
    world.governor = SNS;
    const id = expectOk(decideElsewhere(world, CALL));
    expectOk(world.execute(id, { kind: 'not_executed', reason: 'stopped' }));
    expect(stateOf(world, id)?.kind).toBe('passed');
    world.governor = OTHER;
    world.nowNs += 3_600_000_000_000n;
    world.runProposals();
    expect(stateOf(world, id)).toMatchObject({ kind: 'failed', reason: 'NotGoverning' });
    expect(audit(world.state).holds).toBe(true);
});

test('a governor may have as many calls under way as the voters may have proposals', () => {
    const world = electorate();
    world.governor = SNS;
    for (let n = 0n; n < MAX_OPEN; n++) {
        const id = expectOk(decideElsewhere(world, CALL));
        expectOk(world.beginExecution(id));
    }
    expect(codeOf(decideElsewhere(world, CALL))).toBe('TooManyOpen');
});
