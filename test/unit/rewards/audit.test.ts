import { audit, auditPage, beginAudit, type AuditCheck } from '../../../canisters/rewards/domain/audit/audit';
import { createAirdrop } from '../../../canisters/rewards/domain/airdrops/airdrops';
import type { ProposalRow } from '../../../canisters/rewards/domain/governance/governance_rows';
import { castVote, submitProposal } from '../../../canisters/rewards/domain/governance/proposals';
import { changePurse } from '../../../canisters/rewards/domain/treasury/purses';
import { slash } from '../../../canisters/rewards/domain/stakes/slashing';
import type { ClaimRow, RewardsState, SettlementRow, StakeRow } from '../../../canisters/rewards/domain/state';
import { airdropRoot } from '../../../src/core/governance/airdrop';
import { E8S_PER_EMC } from '../../../src/core/amount';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { S3_1000M } from '../../../src/core/tokenomics/profiles';
import { accountOf, expectOk, principalOf, World } from '../../model/rewards/world';

const MILLION = 1_000_000n * E8S_PER_EMC;
const STAKER = accountOf(70);
const WALLET = accountOf(101);
const NODE = principalOf(1);

/** Books with something in every table. */
function busyWorld(): World {
    const world = new World(S3_1000M);
    world.putNode(1, { class: 'validator', wallet: WALLET });
    world.putNode(2);
    world.ledger.fund(STAKER, 5n * MILLION);
    world.ledger.approve(STAKER, world.self, 5n * MILLION);
    expectOk(world.stake({ node: NODE, staker: STAKER, amountE8s: MILLION, termDays: 360n }));
    expectOk(world.hold({ staker: STAKER, amountE8s: MILLION, termDays: 30n }));
    const weights = [1, 2].map((n) => ({ node: principalOf(n), weight: 3n }));
    const sale = { node: NODE, buyer: principalOf(50), priceE8s: 7_000_000_000n };
    expectOk(world.settle(world.report(weights, [sale])));
    expectOk(world.settle(world.report(weights)));
    const claim = expectOk(world.request(WALLET, 5n * E8S_PER_EMC));
    world.tick();
    world.tick();
    expectOk(world.pay(claim));
    expectOk(world.request(WALLET, 7n * E8S_PER_EMC));
    const late = { node: NODE, case: 1n, windows: 1n, reason: 'liveness', all: false } as const;
    expectOk(slash(world.state, late, world.nowNs));
    const order = { title: 'a title', summary: '', action: { kind: 'text' } } as const;
    const id = expectOk(submitProposal(world.state, STAKER.owner, order, world.nowNs));
    expectOk(castVote(world.state, id, STAKER.owner, 'yes', world.nowNs));
    const list = { kind: 'root', root: airdropRoot([{ account: WALLET, amountE8s: E8S_PER_EMC }]), count: 1n } as const;
    const drop = { class: 'node', totalE8s: E8S_PER_EMC, expiresNs: world.nowNs + 1n, list } as const;
    const airdrop = expectOk(createAirdrop(world.state, drop, id, world.nowNs));
    expectOk(world.claimAirdrop({ airdrop, index: 0n, account: WALLET, amountE8s: E8S_PER_EMC, proof: [] }));
    return world;
}

const brokenRules = (state: RewardsState): string[] => [
    ...new Set(audit(state).checks.flatMap(({ rule, holds }) => (holds ? [] : [rule])))
];

test('books with something in every table hold every rule', () => {
    const { state } = busyWorld();
    expect(audit(state).checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(audit(state)).toMatchObject({ holds: true, complete: true });
    const rules = new Set(audit(state).checks.map(({ rule }) => rule));
    expect([...rules].sort()).toEqual(['R1', 'R10', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'SM1']);
});

type Damage = (state: RewardsState) => void;
const settlementOf = (state: RewardsState): SettlementRow => state.settlements.get(1n) as SettlementRow;
const stakeOf = (state: RewardsState): StakeRow => state.stakes.get(NODE) as StakeRow;
const claimOf = (state: RewardsState): ClaimRow => state.claims.get(0n) as ClaimRow;

const changeRound = (state: RewardsState, change: Partial<SettlementRow>): void =>
    state.settlements.replace(1n, { ...settlementOf(state), ...change });
const changeProposal = (state: RewardsState, change: Partial<ProposalRow>): void => {
    const row = state.proposals.get(0n);
    if (row !== undefined) state.proposals.replace(0n, { ...row, ...change });
};

const damages: readonly (readonly [rule: string, what: string, damage: Damage])[] = [
    ['R1', 'a share', (state) => state.shares.append(0n, { node: NODE, amountE8s: 1n })],
    ['R1', 'the carry', (state) => state.emission.set({ ...state.emission.get(), carryE8s: 77n })],
    ['R1', 'a pool', (state) => state.settlements.replace(1n, { ...settlementOf(state), poolE8s: 1n })],
    ['R2', 'the emission', (state) => state.emission.set({ ...state.emission.get(), emittedE8s: 10n ** 17n })],
    [
        'R3',
        'an account',
        (state) => {
            const row = state.accounts.get(WALLET);
            if (row !== undefined) state.accounts.set(WALLET, { ...row, paidE8s: row.paidE8s + 1n });
        }
    ],
    [
        'R3',
        'a history',
        (state) => state.rewards.append(WALLET, { kind: 'emission', round: 0n, amountE8s: 1n, atNs: 0n })
    ],
    ['R4', 'a debt', (state) => changePurse(state, 'node', { owedE8s: 1n })],
    ['R4', 'a purse', (state) => changePurse(state, 'payable', { owedE8s: 10n ** 12n })],
    ['R5', 'a round', (state) => state.settlements.replace(1n, { ...settlementOf(state), round: 2n })],
    ['R5', 'its time', (state) => state.settlements.replace(1n, { ...settlementOf(state), settledAtNs: 1n })],
    ['R6', 'a payment', (state) => state.claims.replace(0n, { ...claimOf(state), transferId: 0n })],
    ['R6', 'a paid claim', (state) => state.claims.replace(0n, { ...claimOf(state), state: { kind: 'synced' } })],
    ['R6', 'the queue', (state) => state.due.set({ dueNs: 5n, id: 99n }, 99n)],
    ['R7', 'trade rewards', (state) => state.trade.set({ ...state.trade.get(), rewardsE8s: 10n ** 12n })],
    ['R7', "a round's rewards", (state) => changeRound(state, { tradeRewardsE8s: 10n ** 12n })],
    [
        'R7',
        "the programme's cap",
        (state) => changeRound(state, { tradeRewardsE8s: 10n ** 18n, tradeFeesE8s: 10n ** 18n })
    ],
    ['R2', "a round's emission", (state) => changeRound(state, { emissionE8s: 10n ** 17n })],
    ['R8', 'the schedule', (state) => changeRound(state, { emissionE8s: settlementOf(state).emissionE8s - 1n })],
    ['R8', 'the fee', (state) => changeRound(state, { tradeFeesE8s: 1n })],
    [
        'R8',
        'a promise',
        (state) => {
            const row = state.holderStakes.get(0n);
            if (row !== undefined) state.holderStakes.replace(0n, { ...row, rewardE8s: row.rewardE8s + 1n });
        }
    ],
    ['R9', 'a decision', (state) => changeProposal(state, { state: { kind: 'rejected', vetoed: false } })],
    ['R9', 'the snapshot', (state) => changeProposal(state, { totalPowerE8s: 10n ** 18n })],
    ['R10', 'a place', (state) => state.airdropClaims.set({ airdrop: 0n, index: 0n }, 0n)],
    [
        'R10',
        'a claim',
        (state) => {
            const row = state.airdrops.get(0n);
            if (row !== undefined) state.airdrops.replace(0n, { ...row, claims: 0n });
        }
    ],
    [
        'R9',
        'a ballot',
        (state) => {
            const key = { proposal: 0n, voter: STAKER.owner };
            const vote = state.ballots.get(key);
            if (vote !== undefined) state.ballots.set(key, { ...vote, powerE8s: 1n });
        }
    ],
    ['R9', 'the power', (state) => state.totalPower.append({ atNs: 0n, powerE8s: 1n })],
    [
        'R10',
        'an airdrop',
        (state) => {
            const row = state.airdrops.get(0n);
            if (row !== undefined) state.airdrops.replace(0n, { ...row, claimedE8s: row.totalE8s + 1n });
        }
    ],
    ['SM1', 'a stake', (state) => state.stakes.set(NODE, { ...stakeOf(state), remainingE8s: 1n })],
    ['SM1', 'a deduction', (state) => state.slashDueE8s.set(0n)],
    ['SM1', 'the sum of holders', (state) => state.holders.set({ ...state.holders.get(), heldE8s: 0n })]
];

test.each(damages)('%s is found broken when %s is', (rule, _, damage) => {
    const { state } = busyWorld();
    damage(state);
    expect(brokenRules(state)).toContain(rule);
    expect(audit(state).holds).toBe(false);
});

function readAll(state: RewardsState, rows: bigint): { checks: readonly AuditCheck[]; pages: number } {
    let cursor = beginAudit(state);
    for (let pages = 1; ; pages++) {
        const page = auditPage(state, cursor, rows);
        if (!page.ok) throw new Error('the books moved');
        if (page.value.next === undefined) return { checks: page.value.checks, pages };
        expect(page.value.checks).toEqual([]);
        cursor = page.value.next;
    }
}

test('an audit in pages of any size says what one in a single page says', () => {
    const { state } = busyWorld();
    const whole = audit(state).checks;
    for (const rows of [1n, 2n, 3n, 7n, 1_000n]) expect(readAll(state, rows).checks).toEqual(whole);
    expect(readAll(state, 1n).pages).toBeGreaterThan(10);
});

test('an audit during which the books moved is refused', () => {
    const world = busyWorld();
    const cursor = beginAudit(world.state);
    expect(auditPage(world.state, cursor, 3n).ok).toBe(true);
    const moves: readonly (() => void)[] = [
        () => expectOk(world.cancel(1n, WALLET.owner)),
        () => expectOk(world.settle(world.report([{ node: NODE, weight: 1n }]))),
        () => void world.putNode(2, { wallet: accountOf(102), version: 2n })
    ];
    let last = beginAudit(world.state);
    for (const move of moves) {
        move();
        expect(auditPage(world.state, last, 3n)).toEqual({ ok: false, error: 'books-moved' });
        last = beginAudit(world.state);
    }
});

test('a purse that the ledger does not back is found', () => {
    const world = busyWorld();
    world.tick();
    world.ledger.fund(purseAccount(world.self, 'team'), -1n);
    world.observeAll();
    expect(brokenRules(world.state)).toEqual(['R4']);
});
