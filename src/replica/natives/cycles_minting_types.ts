/** Candid types of the cycles minting canister. */
import {
    blob,
    nat,
    nat64,
    none,
    opt,
    pair,
    principal,
    record,
    result,
    text,
    variant,
    vec,
    type Decoded
} from '../candid/codecs';
import { canisterSettings } from '../management/types';
import { subnetSelection } from './placement';

/** Why a payment in ICP was not turned into something. */
export const notifyError = variant({
    Refunded: record({ reason: text, block_index: opt(nat64) }),
    Processing: none,
    TransactionTooOld: nat64,
    InvalidTransaction: text,
    Other: record({ error_code: nat64, error_message: text })
});
/** The same, decoded. */
export type NotifyError = Decoded<typeof notifyError>;

/** Of `notify_top_up`; the block is that of the payment. */
export const topUpArgument = record({ block_index: nat64, canister_id: principal });
/** The cycles that the canister has got. */
export const topUpResult = result(nat, notifyError);

/** Of `notify_create_canister`. */
export const notifyCreateArgument = record({
    block_index: nat64,
    controller: principal,
    subnet_type: opt(text),
    subnet_selection: opt(subnetSelection),
    settings: opt(canisterSettings)
});
/** The canister. */
export const notifyCreateResult = result(principal, notifyError);

/** Of `notify_mint_cycles`. */
export const mintArgument = record({ block_index: nat64, to_subaccount: opt(blob), deposit_memo: opt(blob) });
/** The cycles, and where the cycles ledger has booked them. */
export const mintResult = result(record({ block_index: nat, minted: nat, balance: nat }), notifyError);

/** Of `create_canister`, to which cycles are attached. */
export const createArgument = record({
    settings: opt(canisterSettings),
    subnet_type: opt(text),
    subnet_selection: opt(subnetSelection)
});
/** The canister, or why there is none. */
export const createResult = result(
    principal,
    variant({ Refunded: record({ refund_amount: nat, create_error: text }) })
);

/** XDR per ICP, in ten thousandths. */
export const rateData = record({ timestamp_seconds: nat64, xdr_permyriad_per_icp: nat64 });
/** The rate with its proof. */
export const conversionRate = record({
    data: rateData,
    hash_tree: blob,
    certificate: blob
});
/** Subnets by the name of their type. */
export const subnetTypes = record({ data: vec(pair(text, vec(principal))) });
/** Subnets by who alone may create canisters there. */
export const authorizedPrincipals = record({ data: vec(pair(principal, vec(principal))) });
