/** Candid types of the cycles ledger beside those of the ICRC standards. */
import { blob, nat, nat64, none, opt, principal, record, result, variant, text } from '../candid/codecs';
import { account } from './accounts';
import { creationArgument } from './canister_creation';
import { commonErrors, insufficientAllowance } from './icrc_types';

const rejectionCode = variant({
    NoError: none,
    SysFatal: none,
    SysTransient: none,
    DestinationInvalid: none,
    CanisterReject: none,
    CanisterError: none,
    Unknown: none
});
const duplicate = record({ duplicate_of: nat });
const invalidReceiver = record({ receiver: principal });
const duplicateCreation = record({ duplicate_of: nat, canister_id: opt(principal) });

/** Of `deposit`, to which cycles are attached. */
export const depositArgument = record({ to: account, memo: opt(blob) });
/** The new balance and the block. */
export const depositResult = record({ balance: nat, block_index: nat });

/** Of `withdraw`: cycles to a canister. */
export const withdrawArgument = record({
    from_subaccount: opt(blob),
    to: principal,
    amount: nat,
    created_at_time: opt(nat64)
});
/** The block, or why nothing was withdrawn. */
export const withdrawResult = result(
    nat,
    variant({
        ...commonErrors,
        Duplicate: duplicate,
        InvalidReceiver: invalidReceiver,
        BadFee: record({ expected_fee: nat }),
        FailedToWithdraw: record({ fee_block: opt(nat), rejection_code: rejectionCode, rejection_reason: text })
    })
);

/** Of `withdraw_from`: the same out of another's account. */
export const withdrawFromArgument = record({
    spender_subaccount: opt(blob),
    from: account,
    to: principal,
    amount: nat,
    created_at_time: opt(nat64)
});
/** The block, or why nothing was withdrawn. */
export const withdrawFromResult = result(
    nat,
    variant({
        ...commonErrors,
        Duplicate: duplicate,
        InvalidReceiver: invalidReceiver,
        InsufficientAllowance: insufficientAllowance,
        FailedToWithdrawFrom: record({
            withdraw_from_block: opt(nat),
            refund_block: opt(nat),
            approval_refund_block: opt(nat),
            rejection_code: rejectionCode,
            rejection_reason: text
        })
    })
);

const creationSuccess = record({ block_id: nat, canister_id: principal });

/** Of `create_canister`, paid from the account. */
export const createCanisterArgument = record({
    from_subaccount: opt(blob),
    amount: nat,
    created_at_time: opt(nat64),
    creation_args: opt(creationArgument)
});
/** The canister and the block, or why there is none. */
export const createCanisterResult = result(
    creationSuccess,
    variant({
        ...commonErrors,
        Duplicate: duplicateCreation,
        FailedToCreate: record({ fee_block: opt(nat), refund_block: opt(nat), error: text })
    })
);

/** Of `create_canister_from`: paid from another's account. */
export const createCanisterFromArgument = record({
    spender_subaccount: opt(blob),
    from: account,
    amount: nat,
    created_at_time: opt(nat64),
    creation_args: opt(creationArgument)
});
/** The canister and the block, or why there is none. */
export const createCanisterFromResult = result(
    creationSuccess,
    variant({
        ...commonErrors,
        Duplicate: duplicateCreation,
        InsufficientAllowance: insufficientAllowance,
        FailedToCreateFrom: record({
            create_from_block: opt(nat),
            refund_block: opt(nat),
            approval_refund_block: opt(nat),
            rejection_code: rejectionCode,
            rejection_reason: text
        })
    })
);

/** Of `icrc106_get_index_principal`. */
export const indexPrincipal = result(
    principal,
    variant({ IndexPrincipalNotSet: none, GenericError: record({ error_code: nat, description: text }) })
);
