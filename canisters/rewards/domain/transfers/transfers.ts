/**
 * Transfers that this canister asks of the ledger, as stored intents with a purpose, and the queue that orders the open ones by
 * when they are due. attempts.ts sends them.
 */
import type { Account } from '../../../../src/core/account';
import { invariant, unreachable } from '../../../../src/core/assert';
import { NS_PER_S } from '../../../../src/core/clock';
import type { RewardsPurse } from '../../../../src/core/tokenomics/pools';
import {
    beginAttempt,
    INTERRUPTED_AFTER_NS,
    intentMemo,
    openIntent,
    type LedgerTransfer,
    type TransferIntent
} from '../../../../src/core/transfer_intents';
import { changePurse } from '../treasury/purses';
import type { RewardsState, TransferPurpose, TransferRow } from '../state';

/** Pauses after the first, second, … failed attempt; the last one repeats. */
const RETRY_S: readonly bigint[] = [10n, 30n, 60n, 300n, 600n];

/** Open transfers beyond which no further pull is taken. */
const MAX_WAITING = 2_000;

const MEMO_TAGS: Readonly<Record<TransferPurpose['kind'], string>> = {
    claim_payment: 'claim',
    sync_move: 'sync',
    stake_pull: 'stake',
    stake_release: 'release',
    treasury_sweep: 'sweep',
    burn: 'burn',
    fee_top_up: 'topup',
    stake_top_up: 'restake',
    slash_sweep: 'slash',
    staking_feed: 'feed',
    holder_pull: 'hold',
    holder_reward: 'interest',
    holder_payout: 'payout',
    holder_rest: 'rest',
    proposal_payment: 'grant',
    airdrop_payment: 'drop'
};

/** What a new transfer moves; memo and date are made from its number and the time. */
export interface Movement {
    readonly kind: 'push' | 'pull';
    readonly from: Account;
    readonly to: Account;
    readonly amountE8s: bigint;
    readonly feeE8s: bigint;
}

/** Stores an intent that is due at once and returns its number. */
export function openTransfer(state: RewardsState, purpose: TransferPurpose, movement: Movement, nowNs: bigint): bigint {
    return enqueue(state, purpose, newIntent(state, purpose, movement, nowNs), nowNs);
}

/** Stores an intent whose first attempt is made in this very message; it is due again when that must have been interrupted. */
export function openSentTransfer(
    state: RewardsState,
    purpose: TransferPurpose,
    movement: Movement,
    nowNs: bigint
): { readonly id: bigint; readonly transfer: LedgerTransfer } {
    const { intent } = beginAttempt(newIntent(state, purpose, movement, nowNs), nowNs);
    const id = enqueue(state, purpose, intent, nowNs + INTERRUPTED_AFTER_NS);
    return { id, transfer: intent.transfer };
}

/** The intent that gets the next number. */
function newIntent(
    state: RewardsState,
    purpose: TransferPurpose,
    movement: Movement,
    createdAtNs: bigint
): TransferIntent {
    const memo = intentMemo(`emc:${MEMO_TAGS[purpose.kind]}`, state.transfers.next());
    return openIntent({ ...movement, memo, createdAtNs });
}

function enqueue(state: RewardsState, purpose: TransferPurpose, intent: TransferIntent, dueNs: bigint): bigint {
    const id = state.transfers.append({ purpose, intent, attempts: 0, dueNs });
    state.due.set({ dueNs, id }, id);
    countOpen(state, purpose, 1);
    return id;
}

/** A transfer that must exist. */
export function transferRow(state: RewardsState, id: bigint): TransferRow {
    const row = state.transfers.get(id);
    invariant(row !== undefined, 'R6', `transfer ${id} does not exist`);
    return row;
}

/** Stores an open transfer under a new place in the queue; `row` still names the old one. */
export function requeue(state: RewardsState, id: bigint, row: TransferRow, dueNs: bigint): void {
    state.due.delete({ dueNs: row.dueNs, id });
    state.transfers.replace(id, { ...row, dueNs });
    state.due.set({ dueNs, id }, id);
}

/** Stores a transfer that ended and takes it off the queue. */
export function closeTransfer(state: RewardsState, id: bigint, row: TransferRow): void {
    state.due.delete({ dueNs: row.dueNs, id });
    state.transfers.replace(id, row);
    countOpen(state, row.purpose, -1);
}

/** Forgets a transfer that the ledger has never executed and never will: a pull that it refused. */
export function dropTransfer(state: RewardsState, id: bigint, row: TransferRow): void {
    state.due.delete({ dueNs: row.dueNs, id });
    state.transfers.drop(id);
    if (state.lostSearch.get()?.id === id) state.lostSearch.set(undefined);
    countOpen(state, row.purpose, -1);
}

/**
 * No further pull may wait. Pulls are anybody's: while the ledger does not answer, they must not fill the tables. What the
 * canister owes is never refused.
 */
export function isQueueFull(state: RewardsState): boolean {
    return state.due.size() >= MAX_WAITING;
}

/** The open transfer that is due next, if its time has come. */
export function nextDue(state: RewardsState, nowNs: bigint): bigint | undefined {
    const key = state.due.firstKey();
    return key !== undefined && key.dueNs <= nowNs ? key.id : undefined;
}

/** Pause before the next attempt of a transfer that has failed so often. */
export function retryPauseNs(attempts: number): bigint {
    return (RETRY_S[(attempts < RETRY_S.length ? attempts : RETRY_S.length) - 1] ?? 0n) * NS_PER_S;
}

/** The purses that a transfer takes from and brings to; stakes lie in subaccounts of their own. */
export function endsOfTransfer(purpose: TransferPurpose): { readonly from?: RewardsPurse; readonly to?: RewardsPurse } {
    switch (purpose.kind) {
        case 'claim_payment':
            return { from: 'payable' };
        case 'sync_move':
            return { from: purpose.source, to: 'payable' };
        case 'treasury_sweep':
            return { from: 'settlement', to: 'treasury' };
        case 'burn':
            return { from: 'settlement' };
        case 'fee_top_up':
            return { from: 'treasury', to: purpose.purse };
        case 'slash_sweep':
            return { to: 'treasury' };
        case 'staking_feed':
            return { from: 'treasury', to: 'staking' };
        case 'holder_reward':
        case 'holder_rest':
            return { from: 'staking' };
        case 'proposal_payment':
            return { from: purpose.purse };
        case 'airdrop_payment':
            return { from: 'airdrop' };
        case 'stake_pull':
        case 'stake_release':
        case 'stake_top_up':
        case 'holder_pull':
        case 'holder_payout':
            return {};
        default:
            return unreachable(purpose);
    }
}

function countOpen(state: RewardsState, purpose: TransferPurpose, count: number): void {
    const { from, to } = endsOfTransfer(purpose);
    if (from !== undefined) changePurse(state, from, { openOut: count });
    if (to !== undefined) changePurse(state, to, { openIn: count });
}
