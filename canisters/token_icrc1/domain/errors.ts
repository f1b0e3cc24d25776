/** Why a request can never succeed as it stands. Answered as `GenericError` with the code below. */
export type InvalidReason = keyof typeof INVALID;

/** Codes and texts of `GenericError`. Codes are part of the interface: add, never renumber. */
export const INVALID = {
    memo_too_long: { code: 1n, message: 'the memo is longer than icrc1:max_memo_length' },
    subaccount_length: { code: 2n, message: 'a subaccount has 32 bytes' },
    amount_too_large: { code: 3n, message: 'the amount does not fit the ledger' },
    self_approval: { code: 4n, message: 'an account needs no approval to spend from itself' },
    approval_by_minter: { code: 5n, message: 'the minting account holds no tokens to approve' },
    mint_by_spender: { code: 6n, message: 'minting cannot be delegated' },
    minter_to_minter: { code: 7n, message: 'the minting account cannot transfer to itself' }
} as const;

/** A request that is wrong in itself, where the official ledger would trap. */
export interface Invalid {
    readonly kind: 'invalid';
    readonly reason: InvalidReason;
}

/** The refusal of a request for the given reason. */
export function invalid(reason: InvalidReason): Invalid {
    return { kind: 'invalid', reason };
}

/** Refusals of a request that asks for deduplication by naming its time of creation. */
export type WindowRefusal =
    | { readonly kind: 'too_old' }
    | { readonly kind: 'created_in_future'; readonly ledgerTimeNs: bigint }
    | { readonly kind: 'duplicate'; readonly duplicateOf: bigint }
    | { readonly kind: 'temporarily_unavailable' };

/** Refusals that all three operations share. */
export type CommonRefusal =
    | Invalid
    | WindowRefusal
    | { readonly kind: 'bad_fee'; readonly expectedFee: bigint }
    | { readonly kind: 'insufficient_funds'; readonly balance: bigint };

/** ICRC-1 `TransferError`. */
export type TransferRefusal = CommonRefusal | { readonly kind: 'bad_burn'; readonly minBurnAmount: bigint };

/** ICRC-2 `ApproveError`. */
export type ApproveRefusal =
    | CommonRefusal
    | { readonly kind: 'allowance_changed'; readonly currentAllowance: bigint }
    | { readonly kind: 'expired'; readonly ledgerTimeNs: bigint };

/** ICRC-2 `TransferFromError`. */
export type TransferFromRefusal =
    TransferRefusal | { readonly kind: 'insufficient_allowance'; readonly allowance: bigint };

/** ICRC-107 `SetFeeCollectorError`, but for the caller's right, which is checked before. */
export type FeeCollectorRefusal = WindowRefusal | { readonly kind: 'invalid_account' };
