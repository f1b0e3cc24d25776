/** What the sums of an audit must show together, and what the books must show by themselves. */
import { maxAmount } from '../../../../src/core/amount';
import type { RewardsPurse } from '../../../../src/core/tokenomics/pools';
import type { TokenomicsProfile } from '../../../../src/core/tokenomics/profile';
import type { AuditSum, AuditSums } from './audit_sums';
import { versionsOf } from '../profiles/calendar';
import { totalPowerNow } from '../governance/power';
import { freeE8s, PURSES, purseOf } from '../treasury/purses';
import { NO_PARTS, REWARD_SOURCES, type Parts, type RewardsState } from '../state';

/** One rule, whether it holds, and the figures that say so. */
export interface AuditCheck {
    /** A rule of docs/invariants.md. */
    readonly rule: string;
    readonly holds: boolean;
    readonly detail: string;
}

function check(rule: string, holds: boolean, detail: string): AuditCheck {
    return { rule, holds, detail };
}

/** Rules that need no sum over a table. */
export function checkBooks(state: RewardsState): readonly AuditCheck[] {
    const { emittedE8s, assignedE8s, carryE8s } = state.emission.get();
    const { rewardsE8s, feesE8s } = state.trade.get();
    const emissionCapE8s = highest(state, ({ emission }) => emission.capE8s);
    const tradeCapE8s = highest(state, ({ trade }) => trade.capE8s);
    const known = state.inFlight.get().length + state.lost.get().length;
    return [
        check('R1', emittedE8s === assignedE8s + carryE8s, `${emittedE8s} = ${assignedE8s} + ${carryE8s}`),
        check('R2', emittedE8s <= emissionCapE8s, `${emittedE8s} <= ${emissionCapE8s}`),
        ...PURSES.map((purse) => checkPurse(state, purse)),
        check('R7', rewardsE8s <= feesE8s && rewardsE8s <= tradeCapE8s, `${rewardsE8s} <= ${feesE8s}, ${tradeCapE8s}`),
        check('R6', known <= state.due.size(), `${known} under way or lost, ${state.due.size()} open`)
    ];
}

/** A cap that was in force once: a later version may have one below what had been emitted by then. */
function highest(state: RewardsState, cap: (profile: TokenomicsProfile) => bigint): bigint {
    return versionsOf(state)
        .map(({ profile }) => cap(profile))
        .reduce(maxAmount);
}

function checkPurse(state: RewardsState, name: RewardsPurse): AuditCheck {
    const { bookedE8s, observedE8s, bookedThenE8s } = purseOf(state, name);
    const free = freeE8s(state, name);
    const isBacked = observedE8s === undefined || observedE8s >= bookedThenE8s;
    return check(
        'R4',
        free >= 0n && isBacked,
        `${name}: booked ${bookedE8s}, free ${free}; last seen ${observedE8s ?? '?'} for ${bookedThenE8s}`
    );
}

const BROKEN: readonly (readonly [rule: string, sum: AuditSum, what: string])[] = [
    ['R1', 'broken_r1', 'rounds'],
    ['R2', 'broken_r2', 'rounds'],
    ['R3', 'broken_r3', 'accounts'],
    ['R5', 'broken_r5', 'rounds'],
    ['R6', 'broken_r6', 'claims'],
    ['R7', 'broken_r7', 'rounds'],
    ['R8', 'broken_r8', 'rounds and promises'],
    ['R9', 'broken_r9', 'proposals'],
    ['R10', 'broken_r10', 'airdrops'],
    ['SM1', 'broken_sm1', 'stakes']
];

/** Rules about sums over all tables. */
export function checkSums(state: RewardsState, sums: AuditSums): readonly AuditCheck[] {
    const broken = BROKEN.map(([rule, sum, what]) =>
        check(rule, sums[sum] === 0n, `${sums[sum]} ${what} do not add up`)
    );
    return [
        ...broken,
        checkDebts(state, sums),
        ...equalities(state, sums).map(([rule, what, table, books]) =>
            check(rule, table === books, `${what}: ${table} in the tables, ${books} in the books`)
        )
    ];
}

type Equality = readonly [rule: string, what: string, table: bigint, books: bigint];

function equalities(state: RewardsState, sums: AuditSums): readonly Equality[] {
    const { emittedE8s, unboundE8s } = state.emission.get();
    const holders = state.holders.get();
    return [
        ...(isBetweenRounds(state) ? roundEqualities(state, sums, emittedE8s) : []),
        ['R3', 'held for nodes', sums.unbound, unboundE8s],
        ['R6', 'payments of claims', sums.paid_transfers, sums.paid_claims],
        ['R6', 'open transfers', sums.open_transfers, BigInt(state.due.size())],
        ['SM1', 'node stakes', sums.staked, state.stakedE8s.get()],
        ['SM1', 'deductions', sums.due, state.slashDueE8s.get()],
        ['SM1', "holders' stakes", sums.held, holders.heldE8s],
        ['SM1', 'rewards owed to holders', sums.owed_rewards, holders.owedE8s],
        ['R9', 'voting power', sums.power, totalPowerNow(state)],
        ['R9', 'open proposals', sums.undecided, state.openProposals.get()],
        ['R10', 'claims of airdrops', sums.airdrop_payments, sums.airdrop_claims],
        ['R10', 'amounts of airdrops', sums.airdrop_payouts, sums.airdrop_claimed],
        ['R10', 'airdrops', sums.airdrop_debt + state.airdropUnpaidE8s.get(), purseOf(state, 'airdrop').owedE8s]
    ];
}

function roundEqualities(state: RewardsState, sums: AuditSums, emittedE8s: bigint): readonly Equality[] {
    const { assignedE8s, carryE8s } = state.emission.get();
    const trade = state.trade.get();
    return [
        ['R1', 'emission', sums.emitted, emittedE8s],
        ['R1', 'shares', sums.assigned, assignedE8s],
        ['R1', 'carry', sums.carried, carryE8s],
        ['R7', 'trades', sums.volume, trade.volumeE8s],
        ['R7', 'fees', sums.fees, trade.feesE8s],
        ['R7', 'trade rewards', sums.rewards, trade.rewardsE8s]
    ];
}

/** A round that is being paid page by page is in the books and not among the settlements yet. */
function isBetweenRounds(state: RewardsState): boolean {
    const next = state.settlements.length();
    const last = next === 0n ? undefined : state.settlements.get(next - 1n);
    return state.shares.length(next) === 0n && (last?.carryOutE8s ?? 0n) === state.emission.get().carryE8s;
}

/** R4: what purses owe is what accounts, nodes without a wallet, and unpaid claims are owed. */
function checkDebts(state: RewardsState, sums: AuditSums): AuditCheck {
    const debts: Parts = {
        payable: sums.payable_debt,
        node: sums.node_debt,
        trading: sums.trading_debt,
        settlement: sums.settlement_debt
    };
    const moving = movingDebts(state);
    const wrong = REWARD_SOURCES.filter((source) => purseOf(state, source).owedE8s !== debts[source] + moving[source]);
    return check('R4', wrong.length === 0, wrong.length === 0 ? 'debts add up' : `debts of ${wrong.join(', ')}`);
}

/** Moves of the open batch that have ended already: their claims still count where the money was earned. */
function movingDebts(state: RewardsState): Parts {
    const batch = state.batch.get();
    const moved = { ...NO_PARTS };
    for (const id of batch?.claims ?? []) {
        const parts = state.claims.get(id)?.parts ?? NO_PARTS;
        for (const source of batch?.movedFrom ?? []) {
            moved[source] -= parts[source];
            moved.payable += parts[source];
        }
    }
    return moved;
}
