/**
 * Deductions that the state machine decides (domain.md C.1.1): amounts, clamped to what is left, once per case. They stay in the
 * node's subaccount as the treasury's money until they are swept.
 */
import type { Principal } from '@dfinity/principal';
import { maxAmount, minAmount } from '../../../../src/core/amount';
import { ok, type Result } from '../../../../src/core/result';
import { slashAmount, windowsBetween } from '../../../../src/core/tokenomics/slashing';
import { profileAt } from '../profiles/calendar';
import { refuse, type DisputeError, type SlashError } from '../errors';
import { changeStake, disputeOf, endDispute } from './stake_book';
import { addDue } from './stake_dues';
import { queueRelease, unqueueRelease } from './stake_release';
import type { SlashReason, SlashRow } from './stake_rows';
import type { RewardsState, StakeRow } from '../state';

/** A deduction that the state machine decided: of some windows, or of all (then `windows` is 0). */
export interface SlashOrder {
    readonly node: Principal;
    readonly case: bigint;
    readonly windows: bigint;
    readonly reason: SlashReason;
    /** Forfeits all that is left (AS-49). */
    readonly all: boolean;
}

/** Deducts once per case; the same case again gets the first answer. */
export function slash(state: RewardsState, order: SlashOrder, nowNs: bigint): Result<SlashRow, SlashError> {
    const key = { node: order.node, case: order.case };
    const known = state.slashByCase.get(key);
    const before = known === undefined ? undefined : state.slashes.get(known);
    if (before !== undefined) return ok(before);
    const stake = state.stakes.get(order.node);
    // A stake whose money may still arrive must not escape its forfeiture.
    if (order.all && stake?.phase === 'pending') return refuse('TemporarilyUnavailable', 'the stake is on its way');
    // The verdict ends the case, whether or not there is anything to take.
    if (order.all) endDispute(state, order.node);
    if (stake?.phase !== 'active') return refuse('NoStake', null);
    const row = order.all ? forfeit(state, order, stake, nowNs) : deduct(state, order, stake, nowNs);
    addDue(state, order.node, row.slashedE8s);
    const id = state.slashes.append(row);
    state.slashByCase.set(key, id);
    state.slashesOfNode.append(order.node, id);
    return ok(row);
}

/** No more windows than the term has had so far, whatever is asked: nothing is charged beyond its end. */
function deduct(state: RewardsState, order: SlashOrder, stake: StakeRow, nowNs: bigint): SlashRow {
    const rules = profileAt(state, nowNs).nodeClasses[stake.class];
    const passed = windowsBetween(rules, stake.startNs, minAmount(nowNs, stake.endNs));
    const left = passed > stake.windowsCharged ? passed - stake.windowsCharged : 0n;
    const windows = minAmount(order.windows, left);
    const slashedE8s = slashAmount(rules, stake, windows);
    const remainingE8s = stake.remainingE8s - slashedE8s;
    const charged = { slashedE8s: stake.slashedE8s + slashedE8s, windowsCharged: stake.windowsCharged + windows };
    changeStake(state, order.node, { ...stake, ...charged, remainingE8s }, nowNs);
    return { ...order, windows, slashedE8s, remainingE8s, atNs: nowNs };
}

function forfeit(state: RewardsState, order: SlashOrder, stake: StakeRow, nowNs: bigint): SlashRow {
    unqueueRelease(state, order.node, stake);
    const forfeited = { phase: 'forfeited', remainingE8s: 0n, forfeitedE8s: stake.remainingE8s } as const;
    changeStake(state, order.node, { ...stake, ...forfeited, disputedBy: undefined }, nowNs);
    return { ...order, slashedE8s: stake.remainingE8s, remainingE8s: 0n, atNs: nowNs };
}

/**
 * Keeps what is staked for an accused node from being released while its case is open, or lets it go again. The hold is the
 * node's: it covers a stake whose money is still on its way, and one that is made during the case. Repeating changes nothing.
 * What the node's wallet has earned stays claimable: a case takes the stake alone.
 */
export function setDispute(
    state: RewardsState,
    node: Principal,
    caseId: bigint,
    open: boolean,
    nowNs: bigint
): Result<null, DisputeError> {
    const known = disputeOf(state, node);
    if (open) {
        if (known !== undefined && known !== caseId) return refuse('UnderDispute', known);
        state.disputes.set(node, caseId);
    } else if (known === caseId) {
        endDispute(state, node);
        const stake = state.stakes.get(node);
        if (stake?.phase === 'active') queueRelease(state, node, maxAmount(stake.endNs, nowNs));
    }
    return ok(null);
}
