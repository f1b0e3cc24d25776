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

export const depositArgument = record({ to: account, memo: opt(blob) });
export const depositResult = record({ balance: nat, block_index: nat });

export const withdrawArgument = record({
    from_subaccount: opt(blob),
    to: principal,
    amount: nat,
    created_at_time: opt(nat64)
});
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

export const withdrawFromArgument = record({
    spender_subaccount: opt(blob),
    from: account,
    to: principal,
    amount: nat,
    created_at_time: opt(nat64)
});
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

export const createCanisterArgument = record({
    from_subaccount: opt(blob),
    amount: nat,
    created_at_time: opt(nat64),
    creation_args: opt(creationArgument)
});
export const createCanisterResult = result(
    creationSuccess,
    variant({
        ...commonErrors,
        Duplicate: duplicateCreation,
        FailedToCreate: record({ fee_block: opt(nat), refund_block: opt(nat), error: text })
    })
);

export const createCanisterFromArgument = record({
    spender_subaccount: opt(blob),
    from: account,
    amount: nat,
    created_at_time: opt(nat64),
    creation_args: opt(creationArgument)
});
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
