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
import { subnetSelection } from './canister_creation';

export const notifyError = variant({
    Refunded: record({ reason: text, block_index: opt(nat64) }),
    Processing: none,
    TransactionTooOld: nat64,
    InvalidTransaction: text,
    Other: record({ error_code: nat64, error_message: text })
});
export type NotifyError = Decoded<typeof notifyError>;

export const topUpArgument = record({ block_index: nat64, canister_id: principal });
export const topUpResult = result(nat, notifyError);

export const notifyCreateArgument = record({
    block_index: nat64,
    controller: principal,
    subnet_type: opt(text),
    subnet_selection: opt(subnetSelection),
    settings: opt(canisterSettings)
});
export const notifyCreateResult = result(principal, notifyError);

export const mintArgument = record({ block_index: nat64, to_subaccount: opt(blob), deposit_memo: opt(blob) });
export const mintResult = result(record({ block_index: nat, minted: nat, balance: nat }), notifyError);

export const createArgument = record({
    settings: opt(canisterSettings),
    subnet_type: opt(text),
    subnet_selection: opt(subnetSelection)
});
export const createResult = result(
    principal,
    variant({ Refunded: record({ refund_amount: nat, create_error: text }) })
);

export const conversionRate = record({
    data: record({ timestamp_seconds: nat64, xdr_permyriad_per_icp: nat64 }),
    hash_tree: blob,
    certificate: blob
});
export const subnetTypes = record({ data: vec(pair(text, vec(principal))) });
export const authorizedPrincipals = record({ data: vec(pair(principal, vec(principal))) });
