import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { Account, CandidAccount } from '../../../src/core/account';
import type { Result } from '../../../src/core/result';
import type { TokenError } from '../domain/socket_ledger';
import type { Opt } from './idl';

/** Candid types of ICRC-7 and ICRC-37, in the standards' own names. */
const Subaccount = IDL.Vec(IDL.Nat8);
const Memo = IDL.Opt(IDL.Vec(IDL.Nat8));
export const TokenAccount = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(Subaccount) });
export type TokenAccount = CandidAccount;

export const Value = IDL.Variant({ Nat: IDL.Nat, Int: IDL.Int, Text: IDL.Text, Blob: IDL.Vec(IDL.Nat8) });
export type CandidValue = { Nat: bigint } | { Text: string } | { Blob: Uint8Array };
export const Metadata = IDL.Vec(IDL.Tuple(IDL.Text, Value));
export type Metadata = [string, CandidValue][];

export const TransferArg = IDL.Record({
    from_subaccount: IDL.Opt(Subaccount),
    to: TokenAccount,
    token_id: IDL.Nat,
    memo: Memo,
    created_at_time: IDL.Opt(IDL.Nat64)
});
export interface TransferArg {
    from_subaccount: Opt<Uint8Array>;
    to: TokenAccount;
    token_id: bigint;
    memo: Opt<Uint8Array>;
    created_at_time: Opt<bigint>;
}

export const TransferFromArg = IDL.Record({
    spender_subaccount: IDL.Opt(Subaccount),
    from: TokenAccount,
    to: TokenAccount,
    token_id: IDL.Nat,
    memo: Memo,
    created_at_time: IDL.Opt(IDL.Nat64)
});
export interface TransferFromArg {
    spender_subaccount: Opt<Uint8Array>;
    from: TokenAccount;
    to: TokenAccount;
    token_id: bigint;
    memo: Opt<Uint8Array>;
    created_at_time: Opt<bigint>;
}

export const ApprovalInfo = IDL.Record({
    spender: TokenAccount,
    from_subaccount: IDL.Opt(Subaccount),
    expires_at: IDL.Opt(IDL.Nat64),
    memo: Memo,
    created_at_time: IDL.Nat64
});
export interface ApprovalInfo {
    spender: TokenAccount;
    from_subaccount: Opt<Uint8Array>;
    expires_at: Opt<bigint>;
    memo: Opt<Uint8Array>;
    created_at_time: bigint;
}

export const ApproveTokenArg = IDL.Record({ token_id: IDL.Nat, approval_info: ApprovalInfo });
export interface ApproveTokenArg {
    token_id: bigint;
    approval_info: ApprovalInfo;
}
export const ApproveCollectionArg = IDL.Record({ approval_info: ApprovalInfo });
export interface ApproveCollectionArg {
    approval_info: ApprovalInfo;
}

const revocation = {
    spender: IDL.Opt(TokenAccount),
    from_subaccount: IDL.Opt(Subaccount),
    memo: Memo,
    created_at_time: IDL.Opt(IDL.Nat64)
};
export const RevokeCollectionArg = IDL.Record(revocation);
export interface RevokeCollectionArg {
    spender: Opt<TokenAccount>;
    from_subaccount: Opt<Uint8Array>;
    memo: Opt<Uint8Array>;
    created_at_time: Opt<bigint>;
}
export const RevokeTokenArg = IDL.Record({ ...revocation, token_id: IDL.Nat });
export interface RevokeTokenArg extends RevokeCollectionArg {
    token_id: bigint;
}

export const IsApprovedArg = IDL.Record({
    spender: TokenAccount,
    from_subaccount: IDL.Opt(Subaccount),
    token_id: IDL.Nat
});
export interface IsApprovedArg {
    spender: TokenAccount;
    from_subaccount: Opt<Uint8Array>;
    token_id: bigint;
}

const GenericError = IDL.Record({ error_code: IDL.Nat, message: IDL.Text });
const ARMS = {
    NonExistingTokenId: IDL.Null,
    InvalidRecipient: IDL.Null,
    InvalidSpender: IDL.Null,
    Unauthorized: IDL.Null,
    ApprovalDoesNotExist: IDL.Null,
    TooOld: IDL.Null,
    CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
    Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
    GenericError,
    GenericBatchError: GenericError
} as const;

function resultsOf(...arms: (keyof typeof ARMS)[]): IDL.Type {
    const errors = Object.fromEntries(arms.map((arm) => [arm, ARMS[arm]]));
    return IDL.Vec(IDL.Opt(IDL.Variant({ Ok: IDL.Nat, Err: IDL.Variant(errors) })));
}

const COMMON = ['TooOld', 'CreatedInFuture', 'GenericError', 'GenericBatchError'] as const;
export const TransferResults = resultsOf(
    'NonExistingTokenId',
    'InvalidRecipient',
    'Unauthorized',
    'Duplicate',
    ...COMMON
);
export const ApproveTokenResults = resultsOf('InvalidSpender', 'Unauthorized', 'NonExistingTokenId', ...COMMON);
export const ApproveCollectionResults = resultsOf('InvalidSpender', ...COMMON);
export const RevokeTokenResults = resultsOf('ApprovalDoesNotExist', 'Unauthorized', 'NonExistingTokenId', ...COMMON);
export const RevokeCollectionResults = resultsOf('ApprovalDoesNotExist', ...COMMON);

export type TokenResults = Opt<{ Ok: bigint } | { Err: Record<string, unknown> }>[];

/** Total over the refusals of the token ledger. */
export function toTokenResult(result: Result<bigint, TokenError>): { Ok: bigint } | { Err: Record<string, unknown> } {
    if (result.ok) return { Ok: result.value };
    const { error } = result;
    switch (error.kind) {
        case 'CreatedInFuture':
            return { Err: { CreatedInFuture: { ledger_time: error.ledgerTimeNs } } };
        case 'Duplicate':
            return { Err: { Duplicate: { duplicate_of: error.duplicateOf } } };
        case 'GenericError':
            return { Err: { GenericError: { error_code: error.code, message: error.message } } };
        case 'NonExistingTokenId':
        case 'InvalidRecipient':
        case 'InvalidSpender':
        case 'Unauthorized':
        case 'ApprovalDoesNotExist':
        case 'TooOld':
            return { Err: { [error.kind]: null } };
    }
}

/** The caller's account; undefined when the subaccount is not 32 bytes long. */
export function accountOf(owner: Principal, [subaccount]: Opt<Uint8Array>): Account | undefined {
    if (subaccount === undefined) return { owner };
    return subaccount.length === 32 ? { owner, subaccount: Uint8Array.from(subaccount) } : undefined;
}
