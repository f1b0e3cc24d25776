/**
 * The books of this canister's subaccounts. They only change when the ledger has answered, so they never show money that is
 * not there (R4): booked ≥ owed + held + set aside.
 */
import { invariant } from '../../../../src/core/assert';
import { LEDGER_FEE_E8S, minAmount } from '../../../../src/core/amount';
import type { RewardsPurse } from '../../../../src/core/tokenomics/pools';
import type { TokenomicsProfile } from '../../../../src/core/tokenomics/profile';
import type { PurseRow, RewardsState } from '../state';

/** Every purse that can hold money, in the order in which they are listed. */
export const PURSES: readonly RewardsPurse[] = [
    'node',
    'trading',
    'developer',
    'staking',
    'airdrop',
    'treasury',
    'team',
    'advisors',
    'venture',
    'payable',
    'settlement'
];

const EMPTY: PurseRow = {
    bookedE8s: 0n,
    owedE8s: 0n,
    heldE8s: 0n,
    feesPaidE8s: 0n,
    openOut: 0,
    openIn: 0,
    bookedThenE8s: 0n,
    observedAtNs: 0n
};

/** Books the genesis allocations; `public` belongs to the deployer. */
export function bookGenesis(state: RewardsState, profile: TokenomicsProfile): void {
    for (const { pool, amountE8s } of profile.allocations) {
        if (pool !== 'public') state.purses.set(pool, { ...EMPTY, bookedE8s: amountE8s });
    }
}

/** What is known of a purse; all zero when nothing was ever booked. */
export function purseOf(state: RewardsState, name: RewardsPurse): PurseRow {
    return state.purses.get(name) ?? EMPTY;
}

/** Money that has a purpose but no creditor: the carried emission, the treasury's income, its share for stakers, the burn. */
export function setAsideE8s(state: RewardsState, name: RewardsPurse): bigint {
    if (name === 'node') return state.emission.get().carryE8s;
    if (name === 'treasury') return state.income.get().stakingDueE8s;
    if (name !== 'settlement') return 0n;
    const { treasuryDueE8s, burnDueE8s } = state.trade.get();
    return treasuryDueE8s + burnDueE8s;
}

/** What a purse holds beyond all that it must keep. */
export function freeE8s(state: RewardsState, name: RewardsPurse): bigint {
    const purse = purseOf(state, name);
    return purse.bookedE8s - purse.owedE8s - purse.heldE8s - setAsideE8s(state, name);
}

/** Amounts that are added to a purse's row; absent ones stay. */
export type PurseChange = Partial<
    Record<'bookedE8s' | 'owedE8s' | 'heldE8s' | 'feesPaidE8s', bigint> & Record<'openOut' | 'openIn', number>
>;

/** Adds to a purse’s figures. Throws (R4) when one would fall below zero. */
export function changePurse(state: RewardsState, name: RewardsPurse, change: PurseChange): void {
    const purse = purseOf(state, name);
    const next: PurseRow = {
        ...purse,
        bookedE8s: purse.bookedE8s + (change.bookedE8s ?? 0n),
        owedE8s: purse.owedE8s + (change.owedE8s ?? 0n),
        heldE8s: purse.heldE8s + (change.heldE8s ?? 0n),
        feesPaidE8s: purse.feesPaidE8s + (change.feesPaidE8s ?? 0n),
        openOut: purse.openOut + (change.openOut ?? 0),
        openIn: purse.openIn + (change.openIn ?? 0)
    };
    const lowest = [next.bookedE8s, next.owedE8s, next.heldE8s].reduce(minAmount);
    invariant(
        lowest >= 0n && next.openOut >= 0 && next.openIn >= 0,
        'R4',
        `a figure of purse ${name} would fall below zero`
    );
    state.purses.set(name, next);
}

/** R4: called when a message has finished changing purses. */
export function assertSolvent(state: RewardsState, ...names: readonly RewardsPurse[]): void {
    for (const name of names) invariant(freeE8s(state, name) >= 0n, 'R4', `purse ${name} owes more than it holds`);
}

/**
 * Holds one ledger fee for a transfer out of the purse; false when the purse has none to spare. Fees between purses are
 * borne by what is free in the paying purse (for `node` and `trading`: what is not emitted yet), and in `settlement` by the
 * treasury's income.
 */
export function holdLedgerFee(state: RewardsState, name: RewardsPurse): boolean {
    if (freeE8s(state, name) < LEDGER_FEE_E8S && !drawFromIncome(state, name)) return false;
    changePurse(state, name, { heldE8s: LEDGER_FEE_E8S });
    return true;
}

function drawFromIncome(state: RewardsState, name: RewardsPurse): boolean {
    const trade = state.trade.get();
    if (name !== 'settlement' || trade.treasuryDueE8s < LEDGER_FEE_E8S) return false;
    state.trade.set({ ...trade, treasuryDueE8s: trade.treasuryDueE8s - LEDGER_FEE_E8S });
    return true;
}

/** Transfers that are open at the purse: while there are any, its ledger balance says nothing about the books. */
export function openAt(state: RewardsState, name: RewardsPurse): number {
    const { openOut, openIn } = purseOf(state, name);
    return openOut + openIn;
}

/** Takes over a ledger balance that was read while nothing was open at the purse. */
export function observe(state: RewardsState, name: RewardsPurse, balanceE8s: bigint, nowNs: bigint): void {
    const purse = purseOf(state, name);
    const seen = { observedE8s: balanceE8s, bookedThenE8s: purse.bookedE8s, observedAtNs: nowNs };
    state.purses.set(name, { ...purse, ...seen });
}
