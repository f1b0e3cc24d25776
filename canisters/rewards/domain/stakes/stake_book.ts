/**
 * The books of node stakes: positions, and the subaccounts that hold them. A subaccount has one open transfer at a time, so that
 * none can spend what another one counts on.
 */
import type { Principal } from '@dfinity/principal';
import { SUBACCOUNT_BYTES, type Account } from '../../../../src/core/account';
import { invariant } from '../../../../src/core/assert';
import { profileOf } from '../profiles/calendar';
import { changePower, powerOfStake } from '../governance/power';
import type { StakeHoldingRow, StakeRow } from './stake_rows';
import type { RewardsState, TransferPurpose } from '../state';
import { openTransfer, type Movement } from '../transfers/transfers';

const EMPTY: StakeHoldingRow = { dueE8s: 0n, sweepingE8s: 0n, queued: false };

/** Subaccount that holds a node's stake: `st`, the length of the node's principal, its bytes, zeros. */
export function stakeSubaccount(node: Principal): Uint8Array {
    const bytes = node.toUint8Array();
    const subaccount = new Uint8Array(SUBACCOUNT_BYTES);
    subaccount.set([0x73, 0x74, bytes.length]);
    subaccount.set(bytes, 3);
    return subaccount;
}

/** The account of this canister that holds a node’s stake. */
export function stakeAccount(self: Principal, node: Principal): Account {
    return { owner: self, subaccount: stakeSubaccount(node) };
}

/** What a node’s subaccount holds besides its stake; all zero when nothing was ever staked. */
export function holdingOf(state: RewardsState, node: Principal): StakeHoldingRow {
    return state.holdings.get(node) ?? EMPTY;
}

/** Stores a change of a subaccount’s row, its sum over all rows, and at first the node in the index of the audit. */
export function changeHolding(state: RewardsState, node: Principal, change: Partial<StakeHoldingRow>): void {
    if (!state.holdings.has(node)) state.stakeIndex.append(node);
    const before = holdingOf(state, node);
    const after = { ...before, ...change };
    state.holdings.set(node, after);
    const grown = after.dueE8s + after.sweepingE8s - before.dueE8s - before.sweepingE8s;
    if (grown !== 0n) state.slashDueE8s.set(state.slashDueE8s.get() + grown);
}

/** Opens the subaccount's only transfer. */
export function openStakeTransfer(
    state: RewardsState,
    purpose: Extract<TransferPurpose, { node: Principal }>,
    movement: Movement,
    nowNs: bigint
): bigint {
    const { openTransfer: open } = holdingOf(state, purpose.node);
    invariant(open === undefined, 'SM1', 'a second transfer at the subaccount of a stake');
    const id = openTransfer(state, purpose, movement, nowNs);
    // Of a first order the pending stake itself keeps others away: the ledger may refuse it, and then nothing is left.
    const isFirst = purpose.kind === 'stake_pull' && !state.holdings.has(purpose.node);
    if (!isFirst) changeHolding(state, purpose.node, { openTransfer: id });
    return id;
}

/** The open case that keeps a node's stake from being released; also when the stake was made after the case was opened. */
export function disputeOf(state: RewardsState, node: Principal): bigint | undefined {
    return state.disputes.get(node) ?? state.stakes.get(node)?.disputedBy;
}

/** The node's case is over. */
export function endDispute(state: RewardsState, node: Principal): void {
    state.disputes.delete(node);
    const stake = state.stakes.get(node);
    if (stake?.disputedBy !== undefined) state.stakes.set(node, { ...stake, disputedBy: undefined });
}

/** The stake's money lies in its subaccount. */
export function isThere(stake: StakeRow | undefined): stake is StakeRow {
    return stake?.phase === 'active' || stake?.phase === 'releasing';
}

/** The stake that counts: one that is there, also while its payout is under way. */
export function liveStake(state: RewardsState, node: Principal): StakeRow | undefined {
    const stake = state.stakes.get(node);
    return isThere(stake) ? stake : undefined;
}

/**
 * AS-51, F14: what deductions have left a position short of: the class's minimum, or what a compute stake was ordered with. It
 * may end its term, but not be renewed.
 */
export function missingE8s(state: RewardsState, stake: StakeRow): bigint {
    const required =
        stake.class === 'compute' ? stake.initialE8s : profileOf(state).nodeClasses[stake.class].minimumE8s;
    return stake.remainingE8s < required ? required - stake.remainingE8s : 0n;
}

/** Stores a position, and keeps the sum over all of them and the staker's voting power. */
export function changeStake(state: RewardsState, node: Principal, next: StakeRow, nowNs: bigint): void {
    const before = state.stakes.get(node);
    const grown = heldE8s(next) - heldE8s(before);
    if (grown !== 0n) state.stakedE8s.set(state.stakedE8s.get() + grown);
    const powerE8s = next.phase === 'active' ? powerOfStake(state, next.remainingE8s, next.termDays, nowNs) : 0n;
    changePower(state, next.staker.owner, powerE8s - next.powerE8s, nowNs);
    const { initialE8s, toppedUpE8s, remainingE8s, slashedE8s, forfeitedE8s, releasedE8s } = next;
    invariant(
        initialE8s + toppedUpE8s === remainingE8s + slashedE8s + forfeitedE8s + releasedE8s,
        'SM1',
        'a position does not add up'
    );
    state.stakes.set(node, { ...next, powerE8s });
}

function heldE8s(stake: StakeRow | undefined): bigint {
    return isThere(stake) ? stake.remainingE8s : 0n;
}

/** A position that must exist. */
export function stakeRow(state: RewardsState, node: Principal): StakeRow {
    const stake = state.stakes.get(node);
    invariant(stake !== undefined, 'SM1', 'a stake vanished while its money moved');
    return stake;
}
