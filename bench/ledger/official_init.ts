/** The arguments of the official ledger (dfinity/ic, rs/ledger_suite/icrc1/ledger/ledger.did), which ours follows as well. */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../src/core/amount';
import { account, type Account } from '../lib/money';

const AccountType = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
const MetadataValue = IDL.Variant({ Nat: IDL.Nat, Int: IDL.Int, Text: IDL.Text, Blob: IDL.Vec(IDL.Nat8) });
const ArchiveOptions = IDL.Record({
    num_blocks_to_archive: IDL.Nat64,
    max_transactions_per_response: IDL.Opt(IDL.Nat64),
    trigger_threshold: IDL.Nat64,
    max_message_size_bytes: IDL.Opt(IDL.Nat64),
    cycles_for_archive_creation: IDL.Opt(IDL.Nat64),
    node_max_memory_size_bytes: IDL.Opt(IDL.Nat64),
    controller_id: IDL.Principal,
    more_controller_ids: IDL.Opt(IDL.Vec(IDL.Principal))
});
const InitArgs = IDL.Record({
    minting_account: AccountType,
    fee_collector_account: IDL.Opt(AccountType),
    transfer_fee: IDL.Nat,
    decimals: IDL.Opt(IDL.Nat8),
    max_memo_length: IDL.Opt(IDL.Nat16),
    token_symbol: IDL.Text,
    token_name: IDL.Text,
    metadata: IDL.Vec(IDL.Tuple(IDL.Text, MetadataValue)),
    initial_balances: IDL.Vec(IDL.Tuple(AccountType, IDL.Nat)),
    feature_flags: IDL.Opt(IDL.Record({ icrc2: IDL.Bool })),
    archive_options: ArchiveOptions,
    index_principal: IDL.Opt(IDL.Principal)
});
const UpgradeArgs = IDL.Record({
    metadata: IDL.Opt(IDL.Vec(IDL.Tuple(IDL.Text, MetadataValue))),
    token_symbol: IDL.Opt(IDL.Text),
    token_name: IDL.Opt(IDL.Text),
    transfer_fee: IDL.Opt(IDL.Nat),
    change_fee_collector: IDL.Opt(IDL.Variant({ Unset: IDL.Null, SetTo: AccountType })),
    max_memo_length: IDL.Opt(IDL.Nat16),
    feature_flags: IDL.Opt(IDL.Record({ icrc2: IDL.Bool })),
    change_archive_options: IDL.Opt(
        IDL.Record({
            num_blocks_to_archive: IDL.Opt(IDL.Nat64),
            max_transactions_per_response: IDL.Opt(IDL.Nat64),
            trigger_threshold: IDL.Opt(IDL.Nat64),
            max_message_size_bytes: IDL.Opt(IDL.Nat64),
            cycles_for_archive_creation: IDL.Opt(IDL.Nat64),
            node_max_memory_size_bytes: IDL.Opt(IDL.Nat64),
            controller_id: IDL.Opt(IDL.Principal),
            more_controller_ids: IDL.Opt(IDL.Vec(IDL.Principal))
        })
    ),
    index_principal: IDL.Opt(IDL.Principal)
});
const LedgerArg = IDL.Variant({ Init: InitArgs, Upgrade: IDL.Opt(UpgradeArgs) });

const BALANCE = 10n ** 12n;
/** No archive is made while something is measured. */
const NEVER = 10n ** 12n;

/** A token like EMC, with a balance for each holder; archives never come into being. */
export function officialInit(mintingAccount: Account, holders: readonly Principal[]): Uint8Array {
    const init = {
        minting_account: mintingAccount,
        fee_collector_account: [],
        transfer_fee: LEDGER_FEE_E8S,
        decimals: [8],
        max_memo_length: [],
        token_symbol: 'EMC',
        token_name: 'EdgeMatrix Computing',
        metadata: [],
        initial_balances: holders.map((owner) => [account(owner), BALANCE]),
        feature_flags: [{ icrc2: true }],
        archive_options: {
            num_blocks_to_archive: 1_000n,
            max_transactions_per_response: [],
            trigger_threshold: NEVER,
            max_message_size_bytes: [],
            cycles_for_archive_creation: [],
            node_max_memory_size_bytes: [],
            controller_id: mintingAccount.owner,
            more_controller_ids: []
        },
        index_principal: []
    };
    return new Uint8Array(IDL.encode([LedgerArg], [{ Init: init }]));
}

/** An upgrade that changes name, fee and collector, names the collector as index, and would switch ICRC-2 off. */
export function officialUpgrade(token_name: string, transfer_fee: bigint, collector: Account): Uint8Array {
    const upgrade = {
        metadata: [],
        token_symbol: [],
        token_name: [token_name],
        transfer_fee: [transfer_fee],
        change_fee_collector: [{ SetTo: collector }],
        max_memo_length: [],
        feature_flags: [{ icrc2: false }],
        change_archive_options: [],
        index_principal: [collector.owner]
    };
    return new Uint8Array(IDL.encode([LedgerArg], [{ Upgrade: [upgrade] }]));
}
