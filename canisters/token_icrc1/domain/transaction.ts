import { accountField, type Account } from '../../../src/core/account';
import type { Principal } from '@dfinity/principal';
import {
    blob,
    codecOf,
    nat,
    optional,
    principal,
    record,
    u64,
    variant,
    type Codec,
    type Field
} from '../../../src/core/codec';

/**
 * What a caller asked for, in the fields of the ICRC-3 `tx` map: a field is present exactly when the caller gave it,
 * and accounts keep the spelling that they were given in. Two requests are the same transaction when these agree.
 */
export type Transaction = Mint | Burn | Transfer | Approve | SetFeeCollector;

/** What every operation has. */
export interface Requested {
    /** Base units, at most {@link MAX_AMOUNT}. */
    readonly amount: bigint;
    readonly memo?: Uint8Array;
    readonly createdAtNs?: bigint;
}

/** ICRC-3 `mint`: tokens come into being. */
export interface Mint extends Requested {
    readonly kind: 'mint';
    readonly to: Account;
}

/** ICRC-3 `burn`: tokens cease to be. */
export interface Burn extends Requested {
    readonly kind: 'burn';
    readonly from: Account;
    readonly spender?: Account;
}

/** ICRC-3 `xfer`: tokens change hands. */
export interface Transfer extends Requested {
    readonly kind: 'transfer';
    readonly from: Account;
    readonly to: Account;
    readonly spender?: Account;
    readonly fee?: bigint;
}

/** ICRC-3 `approve`: a spender may take tokens. */
export interface Approve extends Requested {
    readonly kind: 'approve';
    readonly from: Account;
    readonly spender: Account;
    readonly fee?: bigint;
    readonly expectedAllowance?: bigint;
    readonly expiresAtNs?: bigint;
}

/** ICRC-107 `107feecol`: fees go to an account from this block on; absent, they are burned. */
export interface SetFeeCollector {
    readonly kind: 'fee_collector';
    readonly caller: Principal;
    readonly feeCollector?: Account;
    readonly createdAtNs: bigint;
}

/** Largest number that the stored form of an amount holds: 255 bytes. */
export const MAX_AMOUNT = (1n << 2040n) - 1n;

const requested = { amount: nat, memo: optional(blob), createdAtNs: optional(u64) };

const transactionField: Field<Transaction> = variant<Transaction>({
    mint: record<Omit<Mint, 'kind'>>({ ...requested, to: accountField }),
    burn: record<Omit<Burn, 'kind'>>({ ...requested, from: accountField, spender: optional(accountField) }),
    transfer: record<Omit<Transfer, 'kind'>>({
        ...requested,
        from: accountField,
        to: accountField,
        spender: optional(accountField),
        fee: optional(nat)
    }),
    approve: record<Omit<Approve, 'kind'>>({
        ...requested,
        from: accountField,
        spender: accountField,
        fee: optional(nat),
        expectedAllowance: optional(nat),
        expiresAtNs: optional(u64)
    }),
    fee_collector: record<Omit<SetFeeCollector, 'kind'>>({
        caller: principal,
        feeCollector: optional(accountField),
        createdAtNs: u64
    })
});

/** Injective, so that its bytes are the transaction's identity. */
export const transactionCodec: Codec<Transaction> = codecOf(transactionField);
