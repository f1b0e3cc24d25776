/** Candid types of the ICRC standards (names and fields are theirs) and their TypeScript twins. */
import { IDL } from 'azle';
import type { CandidAccount } from '../../../src/core/account';
import type { CandidResult } from '../../../src/core/result';

/** Candid's `opt` as @dfinity/candid represents it. */
export type Opt<T> = [] | [T];
/** Candid's `blob` as it may arrive. */
export type Blob = Uint8Array | number[];

export const Subaccount = IDL.Vec(IDL.Nat8);
export const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(Subaccount) });
const Memo = IDL.Opt(IDL.Vec(IDL.Nat8));

const GenericError = IDL.Record({ error_code: IDL.Nat, message: IDL.Text });

const commonErrors = {
    GenericError,
    TemporarilyUnavailable: IDL.Null,
    Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
    BadFee: IDL.Record({ expected_fee: IDL.Nat }),
    CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
    TooOld: IDL.Null,
    InsufficientFunds: IDL.Record({ balance: IDL.Nat })
};

export type CandidCommonError =
    | { GenericError: { error_code: bigint; message: string } }
    | { TemporarilyUnavailable: null }
    | { Duplicate: { duplicate_of: bigint } }
    | { BadFee: { expected_fee: bigint } }
    | { CreatedInFuture: { ledger_time: bigint } }
    | { TooOld: null }
    | { InsufficientFunds: { balance: bigint } };

/** ICRC-1 `TransferArg`. */
export const TransferArg = IDL.Record({
    from_subaccount: IDL.Opt(Subaccount),
    to: Account,
    amount: IDL.Nat,
    fee: IDL.Opt(IDL.Nat),
    memo: Memo,
    created_at_time: IDL.Opt(IDL.Nat64)
});

export interface CandidTransferArg {
    from_subaccount: Opt<Blob>;
    to: CandidAccount;
    amount: bigint;
    fee: Opt<bigint>;
    memo: Opt<Blob>;
    created_at_time: Opt<bigint>;
}

const transferErrors = { ...commonErrors, BadBurn: IDL.Record({ min_burn_amount: IDL.Nat }) };

/** Answer of `icrc1_transfer`. */
export const TransferResult = IDL.Variant({ Ok: IDL.Nat, Err: IDL.Variant(transferErrors) });

export type CandidTransferError = CandidCommonError | { BadBurn: { min_burn_amount: bigint } };
export type CandidTransferResult = CandidResult<bigint, CandidTransferError>;

/** ICRC-2 `ApproveArgs`. */
export const ApproveArgs = IDL.Record({
    from_subaccount: IDL.Opt(Subaccount),
    spender: Account,
    amount: IDL.Nat,
    expected_allowance: IDL.Opt(IDL.Nat),
    expires_at: IDL.Opt(IDL.Nat64),
    fee: IDL.Opt(IDL.Nat),
    memo: Memo,
    created_at_time: IDL.Opt(IDL.Nat64)
});

export interface CandidApproveArgs {
    from_subaccount: Opt<Blob>;
    spender: CandidAccount;
    amount: bigint;
    expected_allowance: Opt<bigint>;
    expires_at: Opt<bigint>;
    fee: Opt<bigint>;
    memo: Opt<Blob>;
    created_at_time: Opt<bigint>;
}

/** Answer of `icrc2_approve`. */
export const ApproveResult = IDL.Variant({
    Ok: IDL.Nat,
    Err: IDL.Variant({
        ...commonErrors,
        AllowanceChanged: IDL.Record({ current_allowance: IDL.Nat }),
        Expired: IDL.Record({ ledger_time: IDL.Nat64 })
    })
});

export type CandidApproveError =
    CandidCommonError | { AllowanceChanged: { current_allowance: bigint } } | { Expired: { ledger_time: bigint } };
export type CandidApproveResult = CandidResult<bigint, CandidApproveError>;

/** ICRC-2 `TransferFromArgs`. */
export const TransferFromArgs = IDL.Record({
    spender_subaccount: IDL.Opt(Subaccount),
    from: Account,
    to: Account,
    amount: IDL.Nat,
    fee: IDL.Opt(IDL.Nat),
    memo: Memo,
    created_at_time: IDL.Opt(IDL.Nat64)
});

export interface CandidTransferFromArgs {
    spender_subaccount: Opt<Blob>;
    from: CandidAccount;
    to: CandidAccount;
    amount: bigint;
    fee: Opt<bigint>;
    memo: Opt<Blob>;
    created_at_time: Opt<bigint>;
}

/** Answer of `icrc2_transfer_from`. */
export const TransferFromResult = IDL.Variant({
    Ok: IDL.Nat,
    Err: IDL.Variant({ ...transferErrors, InsufficientAllowance: IDL.Record({ allowance: IDL.Nat }) })
});

export type CandidTransferFromError = CandidTransferError | { InsufficientAllowance: { allowance: bigint } };
export type CandidTransferFromResult = CandidResult<bigint, CandidTransferFromError>;

/** ICRC-2 `AllowanceArgs`. */
export const AllowanceArgs = IDL.Record({ account: Account, spender: Account });
export interface CandidAllowanceArgs {
    account: CandidAccount;
    spender: CandidAccount;
}

/** Answer of `icrc2_allowance`. */
export const Allowance = IDL.Record({ allowance: IDL.Nat, expires_at: IDL.Opt(IDL.Nat64) });
export interface CandidAllowance {
    allowance: bigint;
    expires_at: Opt<bigint>;
}

/** ICRC-1 `Value` of a metadata entry. */
export const MetadataValue = IDL.Variant({ Nat: IDL.Nat, Int: IDL.Int, Text: IDL.Text, Blob: IDL.Vec(IDL.Nat8) });
export type CandidMetadataValue = { Nat: bigint } | { Int: bigint } | { Text: string } | { Blob: Blob };
export type CandidMetadataEntry = [string, CandidMetadataValue];
/** Answer of `icrc1_metadata`. */
export const Metadata = IDL.Vec(IDL.Tuple(IDL.Text, MetadataValue));

/** Answer of `icrc1_supported_standards`. */
export const Standards = IDL.Vec(IDL.Record({ name: IDL.Text, url: IDL.Text }));
