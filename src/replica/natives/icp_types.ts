/** Candid types of the ICP ledger's own interface, by account identifiers. */
import { blob, nat, nat64, none, opt, record, result, text, variant, vec } from '../candid/codecs';

/** Amounts of ICP, in e8s. */
export const tokens = record({ e8s: nat64 });
/** Nanoseconds since 1970. */
export const timestamp = record({ timestamp_nanos: nat64 });

/** Of `transfer`. */
export const legacyTransferArgument = record({
    memo: nat64,
    amount: tokens,
    fee: tokens,
    from_subaccount: opt(blob),
    to: blob,
    created_at_time: opt(timestamp)
});
/** Why a transfer was refused. */
export const legacyTransferError = variant({
    BadFee: record({ expected_fee: tokens }),
    InsufficientFunds: record({ balance: tokens }),
    TxTooOld: record({ allowed_window_nanos: nat64 }),
    TxCreatedInFuture: none,
    TxDuplicate: record({ duplicate_of: nat64 })
});
/** The block, or why there is none. */
export const legacyTransferResult = result(nat64, legacyTransferError);

/** Of `send_dfx`: the receiver in hex. */
export const sendArgument = record({
    memo: nat64,
    amount: tokens,
    fee: tokens,
    from_subaccount: opt(blob),
    to: text,
    created_at_time: opt(timestamp)
});
/** Of `remove_approval`. */
export const removeApprovalArgument = record({ from_subaccount: opt(blob), spender: blob, fee: opt(nat) });
/** Of `get_allowances`: account identifiers in hex. */
export const getAllowancesArgument = record({ from_account_id: text, prev_spender_id: opt(text), take: opt(nat64) });
/** Allowances that the account has given. */
export const allowancesResult = vec(
    record({ from_account_id: text, to_spender_id: text, allowance: tokens, expires_at: opt(nat64) })
);
