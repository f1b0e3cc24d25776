/** Candid types of ICRC-106 (the official index's interface) and ICRC-103, and their TypeScript twins. */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { CandidAccount } from '../../../src/core/account';
import type { CandidResult } from '../../../src/core/result';
import { Account, Subaccount, type Blob, type Opt } from './idl';
import { Transaction, type CandidTransaction } from './idl_history';

const GenericError = IDL.Record({ error_code: IDL.Nat, description: IDL.Text });

/** Answer of `icrc106_get_index_principal`. */
export const IndexPrincipalResult = IDL.Variant({
    Ok: IDL.Principal,
    Err: IDL.Variant({ IndexPrincipalNotSet: IDL.Null, GenericError })
});
/** The ledger always has an index: itself. */
export type CandidIndexPrincipalResult = CandidResult<Principal, never>;

/** Argument of `get_account_transactions`: newest first, before `start`. */
export const AccountTransactionsArgs = IDL.Record({
    account: Account,
    start: IDL.Opt(IDL.Nat),
    max_results: IDL.Nat
});
export interface CandidAccountTransactionsArgs {
    account: CandidAccount;
    start: Opt<bigint>;
    max_results: bigint;
}

/** Answer of `get_account_transactions`. */
export const AccountTransactionsResult = IDL.Variant({
    Ok: IDL.Record({
        balance: IDL.Nat,
        transactions: IDL.Vec(IDL.Record({ id: IDL.Nat, transaction: Transaction })),
        oldest_tx_id: IDL.Opt(IDL.Nat)
    }),
    Err: IDL.Record({ message: IDL.Text })
});
export interface CandidAccountTransactions {
    balance: bigint;
    transactions: { id: bigint; transaction: CandidTransaction }[];
    oldest_tx_id: Opt<bigint>;
}
export type CandidAccountTransactionsResult = CandidResult<CandidAccountTransactions, { message: string }>;

/** Argument and answer of `list_subaccounts`: in byte order, behind `start`. */
export const ListSubaccountsArgs = IDL.Record({ owner: IDL.Principal, start: IDL.Opt(Subaccount) });
export const ListSubaccountsResult = IDL.Vec(Subaccount);
export interface CandidListSubaccountsArgs {
    owner: Principal;
    start: Opt<Blob>;
}

/** Answer of `status`. */
export const IndexStatus = IDL.Record({ num_blocks_synced: IDL.Nat });
export interface CandidIndexStatus {
    num_blocks_synced: bigint;
}

/** Argument of `icrc103_get_allowances`. */
export const GetAllowancesArgs = IDL.Record({
    from_account: IDL.Opt(Account),
    prev_spender: IDL.Opt(Account),
    take: IDL.Opt(IDL.Nat)
});
export interface CandidGetAllowancesArgs {
    from_account: Opt<CandidAccount>;
    prev_spender: Opt<CandidAccount>;
    take: Opt<bigint>;
}

/** Answer of `icrc103_get_allowances`. */
export const GetAllowancesResult = IDL.Variant({
    Ok: IDL.Vec(
        IDL.Record({
            from_account: Account,
            to_spender: Account,
            allowance: IDL.Nat,
            expires_at: IDL.Opt(IDL.Nat64)
        })
    ),
    Err: IDL.Variant({
        AccessDenied: IDL.Record({ reason: IDL.Text }),
        GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text })
    })
});
export interface CandidListedAllowance {
    from_account: CandidAccount;
    to_spender: CandidAccount;
    allowance: bigint;
    expires_at: Opt<bigint>;
}
export type CandidGetAllowancesResult = CandidResult<
    CandidListedAllowance[],
    { GenericError: { error_code: bigint; message: string } }
>;
