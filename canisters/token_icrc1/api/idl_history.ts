/** Candid types of the official ledger's `get_transactions`, and their TypeScript twins. */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { CandidAccount } from '../../../src/core/account';
import { Account, type Blob, type Opt } from './idl';
import type { CandidFunc } from './idl_blocks';

const common = {
    amount: IDL.Nat,
    memo: IDL.Opt(IDL.Vec(IDL.Nat8)),
    created_at_time: IDL.Opt(IDL.Nat64)
};

interface Common {
    amount: bigint;
    memo: Opt<Blob>;
    created_at_time: Opt<bigint>;
}

const Mint = IDL.Record({ ...common, to: Account });
const Burn = IDL.Record({ ...common, from: Account, spender: IDL.Opt(Account) });
const Transfer = IDL.Record({
    ...common,
    from: Account,
    to: Account,
    spender: IDL.Opt(Account),
    fee: IDL.Opt(IDL.Nat)
});
const Approve = IDL.Record({
    ...common,
    from: Account,
    spender: Account,
    expected_allowance: IDL.Opt(IDL.Nat),
    expires_at: IDL.Opt(IDL.Nat64),
    fee: IDL.Opt(IDL.Nat)
});

const FeeCollector = IDL.Record({
    fee_collector: IDL.Opt(Account),
    caller: IDL.Opt(IDL.Principal),
    ts: IDL.Opt(IDL.Nat64),
    mthd: IDL.Opt(IDL.Text)
});

/** A block of the older interface, and of the index. */
export const Transaction = IDL.Record({
    kind: IDL.Text,
    mint: IDL.Opt(Mint),
    burn: IDL.Opt(Burn),
    transfer: IDL.Opt(Transfer),
    approve: IDL.Opt(Approve),
    fee_collector: IDL.Opt(FeeCollector),
    timestamp: IDL.Nat64
});

export interface CandidTransaction {
    kind: string;
    mint: Opt<Common & { to: CandidAccount }>;
    burn: Opt<Common & { from: CandidAccount; spender: Opt<CandidAccount> }>;
    transfer: Opt<Common & { from: CandidAccount; to: CandidAccount; spender: Opt<CandidAccount>; fee: Opt<bigint> }>;
    approve: Opt<
        Common & {
            from: CandidAccount;
            spender: CandidAccount;
            expected_allowance: Opt<bigint>;
            expires_at: Opt<bigint>;
            fee: Opt<bigint>;
        }
    >;
    fee_collector: Opt<{
        fee_collector: Opt<CandidAccount>;
        caller: Opt<Principal>;
        ts: Opt<bigint>;
        mthd: Opt<string>;
    }>;
    timestamp: bigint;
}

/** A range of block indices. */
export const GetTransactionsRequest = IDL.Record({ start: IDL.Nat, length: IDL.Nat });
export interface CandidGetTransactionsRequest {
    start: bigint;
    length: bigint;
}

const ArchiveCallback = IDL.Func(
    [GetTransactionsRequest],
    [IDL.Record({ transactions: IDL.Vec(Transaction) })],
    ['query']
);

/** Answer of `get_transactions`. */
export const GetTransactionsResponse = IDL.Record({
    log_length: IDL.Nat,
    first_index: IDL.Nat,
    transactions: IDL.Vec(Transaction),
    archived_transactions: IDL.Vec(IDL.Record({ start: IDL.Nat, length: IDL.Nat, callback: ArchiveCallback }))
});

export interface CandidGetTransactionsResponse {
    log_length: bigint;
    first_index: bigint;
    transactions: CandidTransaction[];
    archived_transactions: { start: bigint; length: bigint; callback: CandidFunc }[];
}
