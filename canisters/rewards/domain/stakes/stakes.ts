/** Node stakes of the three classes (domain.md A.1.7): the order, the pull of its money, and the position that it becomes. */
import type { Principal } from '@dfinity/principal';
import { sameAccount, type Account } from '../../../../src/core/account';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { err, ok, type Result } from '../../../../src/core/result';
import { profileOf } from '../profiles/calendar';
import { refuse, type StakeError } from '../errors';
import { changeHolding, changeStake, holdingOf, openStakeTransfer, stakeAccount, stakeRow } from './stake_book';
import { DAY_NS, queueRelease } from './stake_release';
import type { NodeRow, RewardsState, StakeRow } from '../state';
import { isQueueFull } from '../transfers/transfers';

/** Ten years: longer terms are typing errors. */
export const MAX_TERM_DAYS = 3_650n;

/** What a staker asks for: e8s out of an own account for a node, for so many days. */
export interface StakeOrder {
    readonly node: Principal;
    readonly staker: Account;
    readonly termDays: bigint;
    readonly amountE8s: bigint;
}

/**
 * Checks an order and stores the pull of its money: the transfer's number. The node counts as staked from here on, so that a
 * second order cannot pass the checks while the first one waits (M8). The same order again continues the open pull.
 */
export function prepareStake(
    state: RewardsState,
    order: StakeOrder,
    self: Principal,
    nowNs: bigint
): Result<bigint, StakeError> {
    if (order.staker.owner.isAnonymous()) return refuse('Anonymous', null);
    const node = state.nodes.get(order.node);
    if (node === undefined) return refuse('UnknownNode', order.node);
    if (node.wallet === undefined) return refuse('NotBound', null);
    const existing = state.stakes.get(order.node);
    if (existing?.phase === 'forfeited') return refuse('Forfeited', null);
    if (existing !== undefined && existing.phase !== 'released') return continuePull(existing, order);
    const fault = orderFault(state, node, order);
    if (fault !== undefined) return err(fault);
    if (holdingOf(state, order.node).openTransfer !== undefined || isQueueFull(state)) return refuse('Busy', null);
    const transferId = openStakeTransfer(
        state,
        { kind: 'stake_pull', node: order.node },
        {
            kind: 'pull',
            from: order.staker,
            to: stakeAccount(self, order.node),
            amountE8s: order.amountE8s,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
    state.stakes.set(order.node, pendingStake(node, order, transferId));
    return ok(transferId);
}

function pendingStake(node: NodeRow, order: StakeOrder, transferId: bigint): StakeRow {
    return {
        class: node.class,
        staker: order.staker,
        initialE8s: order.amountE8s,
        remainingE8s: order.amountE8s,
        termDays: order.termDays,
        startNs: 0n,
        endNs: 0n,
        eAtStakeE8: node.eValueE8,
        phase: 'pending',
        transferId,
        toppedUpE8s: 0n,
        slashedE8s: 0n,
        forfeitedE8s: 0n,
        releasedE8s: 0n,
        powerE8s: 0n,
        windowsCharged: 0n,
        renewals: 0n,
        releaseDueNs: 0n
    };
}

function continuePull(stake: StakeRow, order: StakeOrder): Result<bigint, StakeError> {
    if (stake.phase !== 'pending') return refuse('AlreadyStaked', null);
    const same =
        sameAccount(stake.staker, order.staker) &&
        stake.termDays === order.termDays &&
        stake.initialE8s === order.amountE8s;
    return same ? ok(stake.transferId) : refuse('Busy', null);
}

/** AS-37, AS-53: least amount and term of validators and routers, fixed terms and amounts of compute nodes. */
function orderFault(state: RewardsState, node: NodeRow, order: StakeOrder): StakeError | undefined {
    const profile = profileOf(state);
    const rules = profile.nodeClasses[node.class];
    if (node.class === 'compute') {
        if (!profile.computeTermsDays.includes(order.termDays)) return { code: 'InvalidTerm', detail: null };
        const expected = (profile.computeStakePerEE8s * node.eValueE8) / E8S_PER_EMC;
        if (expected === 0n) return { code: 'InvalidArgument', detail: 'the node has no E yet' };
        return order.amountE8s === expected ? undefined : { code: 'WrongAmount', detail: { expected_e8s: expected } };
    }
    if (order.amountE8s < rules.minimumE8s) return { code: 'BelowMinimum', detail: { min_e8s: rules.minimumE8s } };
    if (order.termDays < rules.minimumDays) return { code: 'TermTooShort', detail: { min_days: rules.minimumDays } };
    return order.termDays > MAX_TERM_DAYS ? { code: 'InvalidTerm', detail: null } : undefined;
}

/** The money has arrived: the term begins. */
export function stakePulled(state: RewardsState, node: Principal, nowNs: bigint): void {
    const stake = stakeRow(state, node);
    const endNs = nowNs + stake.termDays * DAY_NS;
    changeHolding(state, node, { openTransfer: undefined });
    changeStake(state, node, { ...stake, phase: 'active', startNs: nowNs, endNs }, nowNs);
    queueRelease(state, node, endNs);
}

/** The ledger refused the pull: nothing is left of the order, and the node is free for another one. */
export function stakePullRefused(state: RewardsState, node: Principal, transferId: bigint): void {
    if (state.stakes.get(node)?.transferId !== transferId) return;
    if (state.holdings.has(node)) changeHolding(state, node, { openTransfer: undefined });
    state.stakes.delete(node);
}
