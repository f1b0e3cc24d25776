/** Domain error → Candid variant. */
import { unreachable } from '../../../src/core/assert';
import type { HubError } from '../domain/errors';
import type { CandidError } from './idl_errors';

/** Total over the union: a new kind does not compile until it is mapped (E3). */
export function toError(error: HubError): CandidError {
    switch (error.kind) {
        case 'InvalidArgument':
        case 'TemporarilyUnavailable':
        case 'NotBacked':
            return { [error.kind]: error.detail };
        case 'TooManyKeys':
            return { TooManyKeys: { max: error.max } };
        case 'InsufficientCredits':
            return { InsufficientCredits: { available: error.available } };
        case 'InsufficientAllowance':
            return { InsufficientAllowance: { allowance_e8s: error.allowanceE8s } };
        case 'InsufficientFunds':
            return { InsufficientFunds: { balance_e8s: error.balanceE8s } };
        case 'NotEnded':
            return { NotEnded: { ends_at_ns: error.endsAtNs } };
        case 'WrongWindow':
            return { WrongWindow: { expected: error.expected } };
        case 'RateLimited':
            return { RateLimited: { retry_after_s: error.retryAfterS } };
        case 'KeyLimitReached':
        case 'NotEnoughUnits':
            return { [error.kind]: { left: error.left } };
        case 'WrongState':
            return { WrongState: { state: error.state } };
        case 'NotDue':
            return { NotDue: { due_ns: error.dueNs } };
        case 'Anonymous':
        case 'Unauthorized':
        case 'NotFound':
        case 'AlreadyExists':
        case 'KeyNotFound':
        case 'KeyRevoked':
        case 'DuplicateRequest':
        case 'AlreadyRecorded':
        case 'CreditsExceedReservation':
        case 'Busy':
        case 'AlreadySettled':
        case 'InProgress':
        case 'AppNotAllowed':
        case 'NodeNotAllowed':
        case 'BadReceipt':
        case 'NotNodeOwner':
        case 'NodeInactive':
        case 'ListingClosed':
        case 'SelfTrade':
        case 'NotBuyer':
        case 'TooLate':
        case 'NotAValidator':
        case 'NotOnline':
        case 'AlreadySubmitted':
        case 'NotRecorded':
            return { [error.kind]: null };
        default:
            return unreachable(error);
    }
}
