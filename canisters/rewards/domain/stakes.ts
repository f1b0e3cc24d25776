/** Node stakes of the three classes (domain.md A.1.7): pulled into a subaccount of the node, released at the end of the term. */
import type { Principal } from '@dfinity/principal';
import { sameAccount, SUBACCOUNT_BYTES, type Account } from '../../../src/core/account';
import { invariant } from '../../../src/core/assert';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../src/core/amount';
import { NS_PER_S } from '../../../src/core/clock';
import { err, ok, type Result } from '../../../src/core/result';
import { profileOf } from './calendar';
import { refuse, type ReleaseError, type StakeError } from './errors';
import type { NodeRow, RewardsState, StakeRow } from './state';
import { openTransfer } from './transfers';

const DAY_NS = 86_400n * NS_PER_S;
/** Ten years: longer terms are typing errors. */
const MAX_TERM_DAYS = 3_650n;

export interface StakeOrder {
    readonly node: Principal;
    readonly staker: Account;
    readonly termDays: bigint;
    readonly amountE8s: bigint;
}

/** Subaccount that holds a node's stake: `st`, the length of the node's principal, its bytes, zeros. */
export function stakeSubaccount(node: Principal): Uint8Array {
    const bytes = node.toUint8Array();
    const subaccount = new Uint8Array(SUBACCOUNT_BYTES);
    subaccount.set([0x73, 0x74, bytes.length]);
    subaccount.set(bytes, 3);
    return subaccount;
}

export function stakeAccount(self: Principal, node: Principal): Account {
    return { owner: self, subaccount: stakeSubaccount(node) };
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
    if (existing !== undefined && existing.phase !== 'released') return continuePull(existing, order);
    const fault = orderFault(state, node, order);
    if (fault !== undefined) return err(fault);
    const transferId = openTransfer(
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
        transferId
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
    state.stakes.set(node, {
        ...stake,
        phase: 'active',
        startNs: nowNs,
        endNs: nowNs + stake.termDays * DAY_NS
    });
    state.stakedE8s.set(state.stakedE8s.get() + stake.remainingE8s);
}

/** The ledger refused the pull: the node is free for another order. */
export function stakePullRefused(state: RewardsState, node: Principal, transferId: bigint): void {
    if (state.stakes.get(node)?.transferId === transferId) state.stakes.delete(node);
}

/** AS-52: the payout of a matured stake to whoever staked; undefined when so little is left that the fee takes it. */
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
    if (nowNs < stake.endNs) return refuse('NotMatured', { end_ns: stake.endNs });
    if (stake.phase === 'releasing') return ok(stake.transferId);
    if (stake.remainingE8s > LEDGER_FEE_E8S) return ok(openRelease(state, node, stake, self, nowNs));
    stakeReleased(state, node);
    return ok(undefined);
}

function openRelease(state: RewardsState, node: Principal, stake: StakeRow, self: Principal, nowNs: bigint): bigint {
    const transferId = openTransfer(
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
    state.stakes.set(node, { ...stake, phase: 'releasing', transferId });
    return transferId;
}

/** The stake has left this canister. */
export function stakeReleased(state: RewardsState, node: Principal): void {
    const stake = stakeRow(state, node);
    state.stakedE8s.set(state.stakedE8s.get() - stake.remainingE8s);
    state.stakes.set(node, { ...stake, phase: 'released', remainingE8s: 0n });
}

/** The stake that counts: one that is there, also while its payout is under way. */
export function liveStake(state: RewardsState, node: Principal): StakeRow | undefined {
    const stake = state.stakes.get(node);
    return stake?.phase === 'active' || stake?.phase === 'releasing' ? stake : undefined;
}

function stakeRow(state: RewardsState, node: Principal): StakeRow {
    const stake = state.stakes.get(node);
    invariant(stake !== undefined, 'SM1', 'a stake vanished while its money moved');
    return stake;
}
