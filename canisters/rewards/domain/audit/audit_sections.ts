/** The tables that an audit reads row by row, and what each row must show by itself. */
import { roundEndNs } from '../../../../src/core/clock';
import { castPower, NO_VOTES, withVote } from '../../../../src/core/governance/tally';
import { debitOf, isFinal } from '../../../../src/core/transfer_intents';
import { checkRound, isDecidedByVotes, isPromised } from './audit_rules';
import type { AuditSums } from './audit_sums';
import { clockOf } from '../profiles/calendar';
import { powerAt } from '../governance/power';
import { holdingOf, isThere } from '../stakes/stake_book';
import { NO_PARTS, sumParts, type Parts, type RewardsState } from '../state';

/** One table. `visit` reads a row and adds it up. */
export interface AuditSection {
    readonly length: (state: RewardsState) => bigint;
    readonly visit: (state: RewardsState, index: bigint, sums: AuditSums) => void;
    /** Entries of the row's list, which are read one by one before the row itself. */
    readonly list?: {
        readonly length: (state: RewardsState, index: bigint) => bigint;
        readonly visit: (state: RewardsState, index: bigint, inner: bigint, sums: AuditSums) => void;
    };
}

function addDebts(sums: AuditSums, parts: Parts): void {
    sums.payable_debt += parts.payable;
    sums.node_debt += parts.node;
    sums.trading_debt += parts.trading;
    sums.settlement_debt += parts.settlement;
}

/**
 * R1, R5: each round took over what the one before carried, and shared or carried all of it. R2, R7, R8: its amounts are those
 * of the token economy of its epoch.
 */
const settlements: AuditSection = {
    length: (state) => state.settlements.length(),
    list: {
        length: (state, round) => state.shares.length(round),
        visit(state, round, inner, sums) {
            sums.list += state.shares.get(round, inner)?.amountE8s ?? 0n;
        }
    },
    visit(state, round, sums) {
        const row = state.settlements.get(round);
        if (row === undefined) return;
        const isWhole = row.poolE8s === row.emissionE8s + row.carryInE8s && row.poolE8s === sums.list + row.carryOutE8s;
        if (!isWhole || row.carryInE8s !== sums.carried) sums.broken_r1++;
        if (row.round !== round || row.settledAtNs < roundEndNs(clockOf(state), round)) sums.broken_r5++;
        checkRound(state, { ...row, round }, sums);
        sums.emitted += row.emissionE8s;
        sums.assigned += sums.list;
        sums.carried = row.carryOutE8s;
        sums.volume += row.tradeVolumeE8s;
        sums.fees += row.tradeFeesE8s;
        sums.rewards += row.tradeRewardsE8s;
    }
};

/** R3: what an account earned is available, in claims, or paid; and its history says the same. */
const accounts: AuditSection = {
    length: (state) => state.accountIndex.length(),
    list: {
        length: (state, index) => {
            const account = state.accountIndex.get(index);
            return account === undefined ? 0n : state.rewards.length(account);
        },
        visit(state, index, inner, sums) {
            const account = state.accountIndex.get(index);
            if (account !== undefined) sums.list += state.rewards.get(account, inner)?.amountE8s ?? 0n;
        }
    },
    visit(state, index, sums) {
        const account = state.accountIndex.get(index);
        const row = account && state.accounts.get(account);
        if (row === undefined) return;
        const { available, inClaimsE8s, paidE8s, earnedE8s } = row;
        const adds = earnedE8s === sumParts(available) + inClaimsE8s + paidE8s;
        if (!adds || earnedE8s !== sums.list) sums.broken_r3++;
        addDebts(sums, available);
    }
};

const unbound: AuditSection = {
    length: (state) => state.nodeIndex.length(),
    visit(state, index, sums) {
        const node = state.nodeIndex.get(index);
        const parts = (node && state.unbound.get(node)) ?? NO_PARTS;
        sums.unbound += sumParts(parts);
        addDebts(sums, parts);
    }
};

/** R6: a paid claim has its own payment, of its amount, which the ledger executed. */
const claims: AuditSection = {
    length: (state) => state.claims.length(),
    visit(state, id, sums) {
        const claim = state.claims.get(id);
        if (claim === undefined || claim.state.kind === 'cancelled') return;
        if (claim.state.kind === 'requested') addDebts(sums, claim.parts);
        else if (claim.state.kind !== 'paid') sums.payable_debt += claim.amountE8s;
        else {
            sums.paid_claims++;
            const payment = claim.transferId === undefined ? undefined : state.transfers.get(claim.transferId);
            const isItsOwn = payment?.purpose.kind === 'claim_payment' && payment.purpose.claim === id;
            const isDone =
                payment?.intent.state.kind === 'done' && debitOf(payment.intent.transfer) === claim.amountE8s;
            if (!isItsOwn || !isDone) sums.broken_r6++;
        }
    }
};

/** SM1 of node stakes. */
const stakes: AuditSection = {
    length: (state) => state.stakeIndex.length(),
    visit(state, index, sums) {
        const node = state.stakeIndex.get(index);
        if (node === undefined) return;
        const { dueE8s, sweepingE8s } = holdingOf(state, node);
        sums.due += dueE8s + sweepingE8s;
        const stake = state.stakes.get(node);
        if (stake === undefined) return;
        const ended = stake.slashedE8s + stake.forfeitedE8s + stake.releasedE8s;
        if (stake.initialE8s + stake.toppedUpE8s !== stake.remainingE8s + ended) sums.broken_sm1++;
        if (isThere(stake)) sums.staked += stake.remainingE8s;
        sums.power += stake.powerE8s;
    }
};

/** SM1 of holders' stakes: no reward beyond what was promised. */
const holders: AuditSection = {
    length: (state) => state.holderStakes.length(),
    visit(state, id, sums) {
        const stake = state.holderStakes.get(id);
        if (stake === undefined) return;
        const { phase, amountE8s, rewardE8s, rewardPaidE8s } = stake;
        if (rewardPaidE8s > rewardE8s) sums.broken_sm1++;
        if (!isPromised(state, stake)) sums.broken_r8++;
        if (phase === 'active' || phase === 'collecting') sums.held += amountE8s;
        if (phase === 'paying') sums.held += amountE8s + rewardPaidE8s;
        if (phase === 'withdrawn' || phase === 'owing') sums.owed_rewards += rewardE8s - rewardPaidE8s;
        sums.power += stake.powerE8s;
    }
};

/** R6: as many payments of claims as paid claims, and as many open transfers as the queue has. R10: a place is paid once. */
const transfers: AuditSection = {
    length: (state) => state.transfers.length(),
    visit(state, id, sums) {
        const row = state.transfers.get(id);
        if (row === undefined) return;
        if (!isFinal(row.intent)) sums.open_transfers++;
        else if (row.purpose.kind === 'claim_payment' && row.intent.state.kind === 'done') sums.paid_transfers++;
        if (row.purpose.kind !== 'airdrop_payment') return;
        const { airdrop, index } = row.purpose;
        if (state.airdropClaims.get({ airdrop, index }) !== id) sums.broken_r10++;
        sums.airdrop_payments++;
        sums.airdrop_payouts += debitOf(row.intent.transfer);
    }
};

/** R9: the tally is the sum of the ballots, one per voter with the power just before the submission, and it decided. */
const proposals: AuditSection = {
    length: (state) => state.proposals.length(),
    list: {
        length: (state, id) => state.voters.length(id),
        visit(state, proposal, inner, sums) {
            const voter = state.voters.get(proposal, inner);
            const vote = voter && state.ballots.get({ proposal, voter });
            if (voter === undefined || vote === undefined) return;
            sums.list_items++;
            sums.list += castPower(withVote(NO_VOTES, vote.choice, vote.powerE8s));
            const submittedNs = state.proposals.get(proposal)?.submittedNs ?? 0n;
            if (powerAt(state, voter, submittedNs) !== vote.powerE8s) sums.broken_r9++;
        }
    },
    visit(state, id, sums) {
        const row = state.proposals.get(id);
        if (row === undefined) return;
        const cast = castPower(row.tally);
        const isCounted = cast === sums.list && row.votes === sums.list_items && row.votes === state.voters.length(id);
        if (!isCounted || !isDecidedByVotes(state, row)) sums.broken_r9++;
        if (['open', 'passed', 'executing'].includes(row.state.kind)) sums.undecided++;
    }
};

/** R10: an airdrop never pays more than its total, and its payments (above) are what it says was claimed. */
const airdrops: AuditSection = {
    length: (state) => state.airdrops.length(),
    visit(state, id, sums) {
        const row = state.airdrops.get(id);
        if (row === undefined) return;
        if (row.claimedE8s > row.totalE8s || row.claims > row.count) sums.broken_r10++;
        sums.airdrop_claims += row.claims;
        sums.airdrop_claimed += row.claimedE8s;
        if (!row.closed) sums.airdrop_debt += row.totalE8s - row.claimedE8s;
    }
};

/** In the order in which they are read. */
export const AUDIT_SECTIONS: readonly AuditSection[] = [
    settlements,
    accounts,
    unbound,
    claims,
    stakes,
    holders,
    transfers,
    proposals,
    airdrops
];
