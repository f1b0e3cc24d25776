/** Claims: Requested → Synced → Transferring → Paid | FailedRetryable; paid at most once (R6, AS-74, AS-75). */
import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../../src/core/account';
import { invariant } from '../../../../src/core/assert';
import { samePrincipal } from '../../../../src/core/principals';
import { ok, type Result } from '../../../../src/core/result';
import { debitOf, type LedgerTransfer } from '../../../../src/core/transfer_intents';
import { accountRow, markPaid, moveIntoClaim, moveOutOfClaim } from './accounts';
import { profileOf } from '../profiles/calendar';
import { refuse, type CancelClaimError, type RequestClaimError } from '../errors';
import { assertSolvent, changePurse } from '../treasury/purses';
import { NO_PARTS, sumParts, type ClaimRow, type ClaimState, type RewardsState } from '../state';

/** Moves a balance, or a part of it, into a new claim; one claim per account may be open. Returns its number. */
export function requestClaim(
    state: RewardsState,
    account: Account,
    amountE8s: bigint | undefined,
    nowNs: bigint
): Result<bigint, RequestClaimError> {
    if (account.owner.isAnonymous()) return refuse('Anonymous', null);
    const row = accountRow(state, account);
    const available = sumParts(row.available);
    const wanted = amountE8s ?? available;
    const minimum = profileOf(state).minimumClaimE8s;
    if (row.openClaim !== undefined) return refuse('ClaimPending', row.openClaim);
    if (available === 0n) return refuse('NothingToClaim', null);
    if (wanted < minimum) return refuse('BelowMinimum', { min_e8s: minimum });
    if (wanted > available) return refuse('InsufficientBalance', { available_e8s: available });
    const id = state.claims.length();
    const parts = moveIntoClaim(state, account, wanted, id);
    state.claims.append({ account, amountE8s: wanted, parts, state: { kind: 'requested' }, createdAtNs: nowNs });
    state.claimsByAccount.append(account, id);
    return ok(id);
}

/** Gives a claim's amount back to the balance; only while its payment cannot have begun. */
export function cancelClaim(state: RewardsState, id: bigint, caller: Principal): Result<null, CancelClaimError> {
    if (caller.isAnonymous()) return refuse('Anonymous', null);
    const claim = state.claims.get(id);
    if (claim === undefined) return refuse('NotFound', null);
    if (!samePrincipal(claim.account.owner, caller)) return refuse('Unauthorized', null);
    if (state.batch.get()?.claims.includes(id) === true) return refuse('InProgress', null);
    const { kind } = claim.state;
    if ((kind !== 'requested' && kind !== 'synced') || claim.transferId !== undefined) {
        return refuse('NotCancellable', null);
    }
    const parts = kind === 'synced' ? { ...NO_PARTS, payable: claim.amountE8s } : claim.parts;
    moveOutOfClaim(state, claim.account, parts);
    setState(state, id, claim, { kind: 'cancelled' });
    state.claimsCancelled.set(state.claimsCancelled.get() + 1n);
    return ok(null);
}

/** A call to the ledger is about to be made. */
export function claimTransferring(state: RewardsState, id: bigint, transferId: bigint): void {
    setState(state, id, { ...claimRow(state, id), transferId }, { kind: 'transferring' });
}

/** The payment did not succeed, or nobody knows: the claim may be asked for again, under the same identity. */
export function claimFailed(state: RewardsState, id: bigint, reason: string): void {
    setState(state, id, claimRow(state, id), { kind: 'failed', reason });
}

/** The ledger has executed the payment. */
export function claimPaid(
    state: RewardsState,
    id: bigint,
    transfer: LedgerTransfer,
    blockIndex: bigint | undefined
): void {
    const claim = claimRow(state, id);
    invariant(claim.state.kind !== 'paid', 'R6', `claim ${id} would be paid twice`);
    invariant(claim.amountE8s === debitOf(transfer), 'R6', `claim ${id} would be paid another amount`);
    changePurse(state, 'payable', { bookedE8s: -claim.amountE8s, owedE8s: -claim.amountE8s });
    markPaid(state, claim.account, claim.amountE8s);
    setState(state, id, claim, { kind: 'paid', blockIndex, paidE8s: transfer.amountE8s });
    assertSolvent(state, 'payable');
}

/** A claim that exists. */
export function claimRow(state: RewardsState, id: bigint): ClaimRow {
    const claim = state.claims.get(id);
    invariant(claim !== undefined, 'R6', `claim ${id} does not exist`);
    return claim;
}

function setState(state: RewardsState, id: bigint, claim: ClaimRow, next: ClaimState): void {
    state.claims.replace(id, { ...claim, state: next });
}
