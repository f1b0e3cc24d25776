/** Interfaces of the ledgers and their indices, and arguments for them. */
import type { ActorSubclass } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { accountIdentifier } from '../../../../src/replica/natives/accounts';

export const icpLedger = 'ryjl3-tyaaa-aaaaa-aaaba-cai';
export const icpIndex = 'qhbym-qaaaa-aaaaa-aaafq-cai';
export const cyclesLedger = 'um5iw-rqaaa-aaaaq-qaaba-cai';
export const cyclesIndex = 'ul4oc-4iaaa-aaaaq-qaabq-cai';
export const minting = 'rkp4c-7iaaa-aaaaa-aaaca-cai';

export type Methods = ActorSubclass<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** Of the ICP ledger's and the indices' published interfaces, what the package with the others does not have yet. */
export const newerIcpLedger = `
type Spec = record {
  metadata : record { language : text; utc_offset_minutes : opt int16 };
  device_spec : opt variant { GenericDisplay; FieldsDisplay };
};
type Value = variant {
  TokenAmount : record { decimals : nat8; amount : nat64; symbol : text };
  TimestampSeconds : record { amount : nat64 };
  DurationSeconds : record { amount : nat64 };
  Text : record { content : text };
};
type Info = record {
  consent_message : variant {
    GenericDisplayMessage : text;
    FieldsDisplayMessage : record { intent : text; fields : vec record { text; Value } };
  };
  metadata : record { language : text; utc_offset_minutes : opt int16 };
};
type Description = record { description : text };
type Tokens = record { e8s : nat64 };
type Approved = variant { Ok : nat; Err : reserved };
service : {
  icrc21_canister_call_consent_message : (record { method : text; arg : blob; user_preferences : Spec }) -> (
    variant { Ok : Info; Err : variant {
      UnsupportedCanisterCall : Description; ConsentMessageUnavailable : Description; InsufficientPayment : Description;
      GenericError : record { error_code : nat; description : text } } });
  get_allowances : (record { from_account_id : text; prev_spender_id : opt text; take : opt nat64 }) -> (
    vec record { from_account_id : text; to_spender_id : text; allowance : Tokens; expires_at : opt nat64 }) query;
  remove_approval : (record { from_subaccount : opt blob; spender : blob; fee : opt nat }) -> (Approved);
  tip_of_chain : () -> (record { certification : opt blob; tip_index : nat64 }) query;
}`;
export const icpIndexDid = `
type Tokens = record { e8s : nat64 };
type Time = record { timestamp_nanos : nat64 };
type Operation = variant {
  Approve : record { fee : Tokens; from : text; allowance : Tokens; expires_at : opt Time; spender : text; expected_allowance : opt Tokens };
  Burn : record { from : text; amount : Tokens; spender : opt text };
  Mint : record { to : text; amount : Tokens };
  Transfer : record { to : text; fee : Tokens; from : text; amount : Tokens; spender : opt text };
};
type Transaction = record { memo : nat64; icrc1_memo : opt blob; operation : Operation; created_at_time : opt Time; timestamp : opt Time };
type Page = record { balance : nat64; transactions : vec record { id : nat64; transaction : Transaction }; oldest_tx_id : opt nat64 };
type Answer = variant { Ok : Page; Err : record { message : text } };
service : {
  get_account_identifier_balance : (text) -> (nat64) query;
  get_account_identifier_transactions : (record { max_results : nat64; start : opt nat64; account_identifier : text }) -> (Answer) query;
  get_account_transactions : (record { account : record { owner : principal; subaccount : opt blob }; start : opt nat; max_results : nat }) -> (Answer) query;
  get_blocks : (record { start : nat; length : nat }) -> (record { blocks : vec blob; chain_length : nat64 }) query;
  ledger_id : () -> (principal) query;
  status : () -> (record { num_blocks_synced : nat64 }) query;
}`;
export const newerCyclesLedger = `
type Account = record { owner : principal; subaccount : opt blob };
type Listed = record { from_account : Account; to_spender : Account; allowance : nat; expires_at : opt nat64 };
service : {
  icrc103_get_allowances : (record { from_account : opt Account; prev_spender : opt Account; take : opt nat }) -> (
    variant { Ok : vec Listed; Err : variant { AccessDenied : record { reason : text }; GenericError : record { error_code : nat; message : text } } }) query;
  icrc106_get_index_principal : () -> (variant { Ok : principal; Err : reserved }) query;
}`;

export async function call<T>(actor: Methods, method: string, ...args: unknown[]): Promise<T> {
    return (await actor[method]?.(...args)) as T;
}

export const other = Principal.fromUint8Array(new Uint8Array([...Buffer.alloc(28, 7), 2]));
export const account = (owner: Principal, subaccount: readonly Uint8Array[] = []): unknown => ({ owner, subaccount });
export const identifierOf = (owner: Principal): Uint8Array =>
    accountIdentifier({ owner: owner.toUint8Array(), subaccount: undefined });
export const transferTo = (to: Principal, amount: bigint, more: object = {}): object => ({
    to: account(to),
    amount,
    fee: [],
    memo: [],
    from_subaccount: [],
    created_at_time: [],
    ...more
});
export const approvalFor = (spender: Principal, amount: bigint, more: object = {}): object => ({
    spender: account(spender),
    amount,
    expected_allowance: [],
    expires_at: [],
    fee: [],
    memo: [],
    from_subaccount: [],
    created_at_time: [],
    ...more
});
