/** Rules that an audit applies to single rows, with the token economy that was in force for them (R8). */
import { applyRatio, LEDGER_FEE_E8S, maxAmount, minAmount } from '../../../../src/core/amount';
import { epochOfRound } from '../../../../src/core/clock';
import { castPower, passes } from '../../../../src/core/governance/tally';
import { roundAmount } from '../../../../src/core/tokenomics/emission';
import { holderReward, tierOf } from '../../../../src/core/tokenomics/holder_staking';
import type { AuditSums } from './audit_sums';
import { clockOf, epochAt, profileInEpoch, versionsOf } from '../profiles/calendar';
import type { ProposalRow } from '../governance/governance_rows';
import type { HolderStakeRow } from '../holders/holder_rows';
import { totalPowerAt } from '../governance/power';
import { isEnacted } from '../governance/authority';
import { groupOf } from '../governance/proposal_actions';
import { purseOf } from '../treasury/purses';
import type { RewardsState, SettlementRow } from '../state';

/**
 * R2, R7, R8 of a round: it emitted what its version's schedule says, as far as the cap and the purse went; its trades paid the
 * version's fee, and their rewards stayed within the fees and the programme. `sums` are those of the rounds before it.
 */
export function checkRound(state: RewardsState, row: SettlementRow, sums: AuditSums): void {
    const epoch = epochOfRound(clockOf(state), row.round);
    const { emission, trade, allocations } = profileInEpoch(state, epoch);
    const scheduledE8s = roundAmount(emission, clockOf(state), row.round);
    const poolE8s = allocations.find(({ pool }) => pool === 'node')?.amountE8s ?? 0n;
    // Fees of moves were borne by what was not emitted yet; how many of them before this round is not written down.
    const feesE8s = purseOf(state, 'node').feesPaidE8s + LEDGER_FEE_E8S;
    const leftE8s = maxAmount(minAmount(emission.capE8s, poolE8s - feesE8s) - sums.emitted, 0n);
    const { emissionE8s, tradeRewardsE8s, tradeFeesE8s, tradeVolumeE8s } = row;
    const isScheduled = emissionE8s <= scheduledE8s && emissionE8s >= minAmount(scheduledE8s, leftE8s);
    if (epoch < trade.opensInEpoch && tradeRewardsE8s > 0n) sums.broken_r8++;
    if (!isScheduled || tradeFeesE8s > applyRatio(tradeVolumeE8s, trade.fee)) sums.broken_r8++;
    if (emissionE8s > 0n && sums.emitted + emissionE8s > emission.capE8s) sums.broken_r2++;
    const isOverCap = tradeRewardsE8s > 0n && sums.rewards + tradeRewardsE8s > trade.capE8s;
    if (tradeRewardsE8s > tradeFeesE8s || isOverCap) sums.broken_r7++;
}

/** R8: the reward of a holder's stake is that of its tier in some version of the token economy. */
export function isPromised(state: RewardsState, stake: HolderStakeRow): boolean {
    return versionsOf(state).some(({ profile }) => {
        const tier = tierOf(profile, stake.termDays);
        if (tier?.aprBasisPoints !== stake.aprBasisPoints) return false;
        return holderReward(stake.amountE8s, tier, profile.stakingYearDays) === stake.rewardE8s;
    });
}

/**
 * R9: a proposal was decided as its tally says under the rules of the epoch of its submission, with all power of then; on what
 * was decided elsewhere nobody has voted.
 */
export function isDecidedByVotes(state: RewardsState, row: ProposalRow): boolean {
    if (row.totalPowerE8s !== totalPowerAt(state, row.submittedNs) || castPower(row.tally) > row.totalPowerE8s) {
        return false;
    }
    if (isEnacted(row)) return row.votes === 0n && row.state.kind !== 'open' && row.state.kind !== 'rejected';
    if (row.state.kind === 'open') return true;
    const { rules } = profileInEpoch(state, epochAt(state, row.submittedNs)).governance;
    const isRejected = row.state.kind === 'rejected' && !row.state.vetoed;
    return passes(rules[groupOf(row.action)], row.tally, row.totalPowerE8s) !== isRejected;
}
