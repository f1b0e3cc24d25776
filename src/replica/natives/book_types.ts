/**
 * What the books of a token speak of: parties, orders, blocks, and the failures of ICRC-1 and ICRC-2.
 * Failures are the error variants of the standards, amounts are in the token's smallest unit.
 */
import { idKey } from '../state/principals';
import { accountIdentifier, type Account } from './accounts';
import type { TimeFailure } from './deduplication';

/** What distinguishes one token from another. */
export interface TokenRules {
    readonly name: string;
    readonly symbol: string;
    readonly decimals: number;
    readonly fee: bigint;
    /** Allowances beyond it are taken for it: the greatest number that the ledger can keep. */
    readonly maxAmount: bigint;
    /** Transfers from it mint, transfers to it burn. */
    readonly mintingAccount?: Account;
    /** Balances at genesis: the first blocks of the log. */
    readonly genesis: readonly (readonly [account: Account, amount: bigint])[];
    /** The time of these blocks, in nanoseconds since 1970; default 0. */
    readonly genesisNs?: bigint;
    /**
     * Every user (a principal with a key of its own) has been given this much before it first appears, on the default
     * subaccount. Absent or zero: users begin with nothing.
     */
    readonly faucet?: bigint;
}

/** Accounts are known to the book by their identifiers, in hex. */
export type AccountKey = string;

/** A party of a transaction: what the book knows it by, and as what the block shows it. */
export interface Party {
    readonly key: AccountKey;
    readonly identifier: Uint8Array;
    /** Absent where only the identifier was given. */
    readonly account?: Account;
}

/** What a block records. */
export type Operation =
    | { readonly kind: 'mint'; readonly to: Party; readonly amount: bigint }
    | {
          readonly kind: 'burn';
          readonly from: Party;
          readonly amount: bigint;
          /** On top of the amount; absent where burning is free. */
          readonly fee?: bigint;
          readonly spender?: Party;
      }
    | {
          readonly kind: 'transfer';
          readonly from: Party;
          readonly to: Party;
          readonly amount: bigint;
          readonly fee: bigint;
          readonly spender?: Party;
      }
    | {
          readonly kind: 'approve';
          readonly from: Party;
          readonly spender: Party;
          readonly amount: bigint;
          readonly fee: bigint;
          readonly expectedAllowance?: bigint;
          readonly expiresAtNs?: bigint;
      };

/** What the sender of a transaction adds to it. */
export interface Annotation {
    readonly memo?: Uint8Array;
    /** Of the ICP ledger's own interface. */
    readonly numericMemo?: bigint;
    readonly createdAtNs?: bigint;
}

/** An entry of a ledger. */
export interface Block extends Annotation {
    readonly operation: Operation;
    readonly timestampNs: bigint;
}

/** An allowance; absent `expiresAtNs` is for ever. */
export interface Allowance {
    readonly amount: bigint;
    readonly expiresAtNs?: bigint;
}

/** A case of a Candid variant. */
export interface Case<Tag extends string, Value> {
    readonly kind: Tag;
    readonly value: Value;
}

/** The balance that is not enough. */
export type InsufficientFunds = Case<'InsufficientFunds', { readonly balance: bigint }>;
/** The fee that would have been right. */
export type BadFee = Case<'BadFee', { readonly expected_fee: bigint }>;
/** Why a transfer was refused. */
export type TransferFailure =
    TimeFailure | InsufficientFunds | BadFee | Case<'BadBurn', { readonly min_burn_amount: bigint }>;
/** What the spender may still spend. */
export type InsufficientAllowance = Case<'InsufficientAllowance', { readonly allowance: bigint }>;
/** Why a transfer from another's account was refused. */
export type SpendFailure = TransferFailure | InsufficientAllowance;
/** Why nothing was burnt. */
export type BurnFailure = TimeFailure | InsufficientFunds;
/** Why an approval was refused. */
export type ApproveFailure =
    | TimeFailure
    | InsufficientFunds
    | BadFee
    | Case<'AllowanceChanged', { readonly current_allowance: bigint }>
    | Case<'Expired', { readonly ledger_time: bigint }>;

/** A transfer, perhaps by a spender. */
export interface TransferOrder extends Annotation {
    readonly from: Party;
    readonly to: Party;
    readonly amount: bigint;
    readonly fee?: bigint;
    readonly spender?: Party;
    readonly nowNs: bigint;
}

/** Tokens to destroy. */
export interface BurnOrder extends Annotation {
    readonly from: Party;
    readonly amount: bigint;
    readonly nowNs: bigint;
}

/** An approval. */
export interface ApproveOrder extends Annotation {
    readonly from: Party;
    readonly spender: Party;
    readonly amount: bigint;
    readonly fee?: bigint;
    readonly expectedAllowance?: bigint;
    readonly expiresAtNs?: bigint;
    readonly nowNs: bigint;
}

/** The block's index, or the failure; failures change nothing. */
export type Booked<F> = Case<'Ok', bigint> | Case<'Err', F>;

/** The block of what was done. */
export function booked(index: bigint): Case<'Ok', bigint> {
    return { kind: 'Ok', value: index };
}

/** Why it was not done. */
export function failed<F>(value: F): Case<'Err', F> {
    return { kind: 'Err', value };
}

/** The party of an account. */
export function party(account: Account): Party {
    const identifier = accountIdentifier(account);
    return { key: idKey(identifier), identifier, account };
}

/** The party of which only the account identifier is known. */
export function partyOfIdentifier(identifier: Uint8Array): Party {
    return { key: idKey(identifier), identifier };
}
