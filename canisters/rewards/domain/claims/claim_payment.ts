/** Starts the payment of a claim, or its next attempt under the same identity (R6). */
import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { ok, type Result } from '../../../../src/core/result';
import { purseAccount } from '../../../../src/core/tokenomics/pools';
import { openAttempt, startAttempt, type Attempt } from '../transfers/attempts';
import { claimRow } from './claims';
import { refuse, type ClaimError } from '../errors';
import type { ClaimRow, RewardsState } from '../state';

/** The attempt that the job makes now for a claim that can be paid. Anyone may push it, only the account is paid. */
export function startPayment(
    state: RewardsState,
    id: bigint,
    caller: Principal,
    self: Principal,
    nowNs: bigint
): Result<Attempt, ClaimError> {
    if (caller.isAnonymous()) return refuse('Anonymous', null);
    const claim = state.claims.get(id);
    if (claim === undefined) return refuse('NotFound', null);
    switch (claim.state.kind) {
        case 'requested':
            return refuse('NotSynced', null);
        case 'cancelled':
            return refuse('Cancelled', null);
        case 'paid':
            return refuse('AlreadyPaid', { block_index: claim.state.blockIndex ?? 0n });
        default:
            return startedOr(state, id, nextAttempt(state, id, claim, self, nowNs));
    }
}

function nextAttempt(
    state: RewardsState,
    id: bigint,
    claim: ClaimRow,
    self: Principal,
    nowNs: bigint
): Attempt | undefined {
    const { transferId, account, amountE8s } = claim;
    if (transferId !== undefined) return startAttempt(state, transferId, nowNs);
    const movement = {
        kind: 'push',
        from: purseAccount(self, 'payable'),
        to: account,
        amountE8s: amountE8s - LEDGER_FEE_E8S,
        feeE8s: LEDGER_FEE_E8S
    } as const;
    return openAttempt(state, { kind: 'claim_payment', claim: id }, movement, nowNs);
}

function startedOr(state: RewardsState, id: bigint, attempt: Attempt | undefined): Result<Attempt, ClaimError> {
    if (attempt !== undefined) return ok(attempt);
    return refuse(claimRow(state, id).state.kind === 'transferring' ? 'InProgress' : 'Busy', null);
}
