/** Renewals and further deposits of node stakes (AS-51). */
import type { Principal } from '@dfinity/principal';
import { sameAccount, type Account } from '../../../../src/core/account';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { samePrincipal } from '../../../../src/core/principals';
import { err, ok, type Result } from '../../../../src/core/result';
import type { LedgerTransfer } from '../../../../src/core/transfer_intents';
import { profileOf } from '../profiles/calendar';
import { refuse, type RenewError, type TopUpError } from '../errors';
import {
    changeHolding,
    changeStake,
    holdingOf,
    missingE8s,
    openStakeTransfer,
    stakeAccount,
    stakeRow
} from './stake_book';
import { addDue } from './stake_dues';
import { DAY_NS, queueRelease } from './stake_release';
import type { RewardsState, StakeRow } from '../state';
import { MAX_TERM_DAYS } from './stakes';
import { isQueueFull, transferRow } from '../transfers/transfers';

/** 1 EMC: smaller deposits are not worth their ledger fee. */
const LEAST_TOP_UP_E8S = E8S_PER_EMC;

/** Extends an active stake by some days, counted from its end. */
export function renewStake(
    state: RewardsState,
    node: Principal,
    days: bigint,
    caller: Principal,
    nowNs: bigint
): Result<StakeRow, RenewError> {
    if (caller.isAnonymous()) return refuse('Anonymous', null);
    const stake = state.stakes.get(node);
    if (stake?.phase !== 'active') return refuse('NotFound', null);
    if (!samePrincipal(stake.staker.owner, caller)) return refuse('Unauthorized', null);
    const fault = renewalFault(state, stake, days, nowNs);
    if (fault !== undefined) return err(fault);
    const renewed = { ...stake, endNs: stake.endNs + days * DAY_NS, renewals: stake.renewals + 1n };
    changeStake(state, node, renewed, nowNs);
    queueRelease(state, node, renewed.endNs);
    return ok(stakeRow(state, node));
}

/** A compute stake is renewed by its own term: its coefficient was given for that. */
function renewalFault(state: RewardsState, stake: StakeRow, days: bigint, nowNs: bigint): RenewError | undefined {
    const { renewals, renewalDays } = profileOf(state).nodeClasses[stake.class];
    const missing = missingE8s(state, stake);
    if (nowNs >= stake.endNs) return { code: 'TermEnded', detail: { end_ns: stake.endNs } };
    if (renewals !== undefined && stake.renewals >= renewals) return { code: 'RenewalUsed', detail: null };
    if (days < renewalDays) return { code: 'RenewalTooShort', detail: { min_days: renewalDays } };
    if (stake.class === 'compute' && days !== stake.termDays) return { code: 'InvalidTerm', detail: null };
    if (stake.endNs + days * DAY_NS > nowNs + MAX_TERM_DAYS * DAY_NS) return { code: 'InvalidTerm', detail: null };
    return missing > 0n ? { code: 'UnderCollateralised', detail: { missing_e8s: missing } } : undefined;
}

/** A further deposit, in e8s, by whoever staked. */
export interface TopUpOrder {
    readonly node: Principal;
    readonly staker: Account;
    readonly amountE8s: bigint;
}

/** Stores the pull of a further deposit by whoever staked; the same order again continues an open one. */
export function prepareTopUp(
    state: RewardsState,
    order: TopUpOrder,
    self: Principal,
    nowNs: bigint
): Result<bigint, TopUpError> {
    const { node, staker, amountE8s } = order;
    if (staker.owner.isAnonymous()) return refuse('Anonymous', null);
    const stake = state.stakes.get(node);
    if (stake?.phase !== 'active') return refuse('NotFound', null);
    if (!samePrincipal(stake.staker.owner, staker.owner)) return refuse('Unauthorized', null);
    const open = holdingOf(state, node).openTransfer;
    if (open !== undefined) return isThisTopUp(state, open, order) ? ok(open) : refuse('Busy', null);
    if (isQueueFull(state)) return refuse('Busy', null);
    if (nowNs >= stake.endNs) return refuse('TermEnded', { end_ns: stake.endNs });
    if (amountE8s < LEAST_TOP_UP_E8S) return refuse('BelowMinimum', { min_e8s: LEAST_TOP_UP_E8S });
    const movement = {
        kind: 'pull',
        from: staker,
        to: stakeAccount(self, node),
        amountE8s,
        feeE8s: LEDGER_FEE_E8S
    } as const;
    return ok(openStakeTransfer(state, { kind: 'stake_top_up', node }, movement, nowNs));
}

function isThisTopUp(state: RewardsState, id: bigint, order: TopUpOrder): boolean {
    const { purpose, intent } = transferRow(state, id);
    const { transfer } = intent;
    return (
        purpose.kind === 'stake_top_up' &&
        transfer.amountE8s === order.amountE8s &&
        sameAccount(transfer.from, order.staker)
    );
}

/** The deposit has arrived. What reaches a stake that was forfeited meanwhile has the fate of the stake. */
export function toppedUpStake(state: RewardsState, node: Principal, transfer: LedgerTransfer, nowNs: bigint): void {
    const { amountE8s } = transfer;
    const stake = stakeRow(state, node);
    changeHolding(state, node, { openTransfer: undefined });
    const toppedUpE8s = stake.toppedUpE8s + amountE8s;
    if (stake.phase === 'active') {
        changeStake(state, node, { ...stake, toppedUpE8s, remainingE8s: stake.remainingE8s + amountE8s }, nowNs);
        return;
    }
    changeStake(state, node, { ...stake, toppedUpE8s, forfeitedE8s: stake.forfeitedE8s + amountE8s }, nowNs);
    addDue(state, node, amountE8s);
}

/** The ledger refused the deposit. */
export function topUpRefused(state: RewardsState, node: Principal): void {
    changeHolding(state, node, { openTransfer: undefined });
}
