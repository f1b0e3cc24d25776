/** The end of node stakes: paid back to the staker when the term is over, by the timer or by anybody's call (AS-52). */
import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { NS_PER_S } from '../../../../src/core/clock';
import { ok, type Result } from '../../../../src/core/result';
import { refuse, type ReleaseError } from '../errors';
import {
    changeHolding,
    changeStake,
    disputeOf,
    holdingOf,
    openStakeTransfer,
    stakeAccount,
    stakeRow
} from './stake_book';
import { addDue } from './stake_dues';
import type { RewardsState, StakeRow } from '../state';

/** A day of a term, in nanoseconds. */
export const DAY_NS = 86_400n * NS_PER_S;
/** When a release had to wait for another transfer of the subaccount. */
const RETRY_NS = 60n * NS_PER_S;
/** Stakes that one run of the timer releases. */
const RUN_RELEASES = 20;

/** The payout of a matured stake to whoever staked; undefined when so little is left that the fee takes it. */
export function prepareRelease(
    state: RewardsState,
    node: Principal,
    caller: Principal,
    self: Principal,
    nowNs: bigint
): Result<bigint | undefined, ReleaseError> {
    if (caller.isAnonymous()) return refuse('Anonymous', null);
    const stake = state.stakes.get(node);
    if (stake === undefined || stake.phase === 'pending') return refuse('NotFound', null);
    if (stake.phase === 'released') return refuse('AlreadyReleased', null);
    if (stake.phase === 'forfeited') return refuse('Forfeited', null);
    if (nowNs < stake.endNs) return refuse('NotMatured', { end_ns: stake.endNs });
    if (stake.phase === 'releasing') return ok(stake.transferId);
    const dispute = disputeOf(state, node);
    if (dispute !== undefined) return refuse('UnderDispute', dispute);
    if (holdingOf(state, node).openTransfer !== undefined) return refuse('InProgress', null);
    unqueueRelease(state, node, stake);
    if (stake.remainingE8s > LEDGER_FEE_E8S) return ok(openRelease(state, node, stake, self, nowNs));
    addDue(state, node, stake.remainingE8s);
    const slashedE8s = stake.slashedE8s + stake.remainingE8s;
    changeStake(state, node, { ...stake, phase: 'released', remainingE8s: 0n, slashedE8s }, nowNs);
    return ok(undefined);
}

function openRelease(state: RewardsState, node: Principal, stake: StakeRow, self: Principal, nowNs: bigint): bigint {
    const transferId = openStakeTransfer(
        state,
        { kind: 'stake_release', node },
        {
            kind: 'push',
            from: stakeAccount(self, node),
            to: stake.staker,
            amountE8s: stake.remainingE8s - LEDGER_FEE_E8S,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
    changeStake(state, node, { ...stake, phase: 'releasing', transferId }, nowNs);
    return transferId;
}

/** The stake has left this canister. */
export function stakeReleased(state: RewardsState, node: Principal, nowNs: bigint): void {
    const stake = stakeRow(state, node);
    changeHolding(state, node, { openTransfer: undefined });
    const { remainingE8s: releasedE8s } = stake;
    changeStake(state, node, { ...stake, phase: 'released', remainingE8s: 0n, releasedE8s }, nowNs);
}

/** Puts an active stake where the timer will find it; a stake has one place. */
export function queueRelease(state: RewardsState, node: Principal, atNs: bigint): void {
    const stake = stakeRow(state, node);
    state.releases.delete({ atNs: stake.releaseDueNs, node });
    state.stakes.set(node, { ...stake, releaseDueNs: atNs });
    state.releases.set({ atNs, node }, null);
}

/** Takes a stake off the queue of releases. */
export function unqueueRelease(state: RewardsState, node: Principal, stake: StakeRow): void {
    state.releases.delete({ atNs: stake.releaseDueNs, node });
}

/** Opens the payouts of stakes whose term is over; one under dispute comes back when the dispute ends. */
export function releaseMatured(state: RewardsState, self: Principal, nowNs: bigint): void {
    for (let run = 0; run < RUN_RELEASES; run++) {
        const key = state.releases.firstKey();
        if (key === undefined || key.atNs > nowNs) return;
        state.releases.delete(key);
        const released = prepareRelease(state, key.node, self, self, nowNs);
        if (!released.ok && released.error.code === 'InProgress') queueRelease(state, key.node, nowNs + RETRY_NS);
    }
}
