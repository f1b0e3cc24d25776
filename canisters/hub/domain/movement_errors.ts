import type { LedgerRefusal } from '../../../src/core/transfer_intents';
import type { ErrorOf } from './errors';

/** What a user may be told of a movement that the ledger did not execute, or not yet. */
export type MovementRefused = ErrorOf<
    'Busy' | 'InsufficientAllowance' | 'InsufficientFunds' | 'TemporarilyUnavailable'
>;

/** The ledger's refusal in the hub's words. */
export function refusalOf(refusal: LedgerRefusal): MovementRefused {
    switch (refusal.kind) {
        case 'insufficient_allowance':
            return { kind: 'InsufficientAllowance', allowanceE8s: refusal.allowanceE8s };
        case 'insufficient_funds':
            return { kind: 'InsufficientFunds', balanceE8s: refusal.balanceE8s };
        case 'generic':
            return { kind: 'TemporarilyUnavailable', detail: refusal.message };
        case 'bad_fee':
        case 'bad_burn':
        case 'too_old':
        case 'created_in_future':
        case 'temporarily_unavailable':
            return { kind: 'TemporarilyUnavailable', detail: refusal.kind };
    }
}
