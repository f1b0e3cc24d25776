/** Candid types of installation and administration, and their TypeScript twins. */
import { IDL } from 'azle';
import { CandidPeers } from '../../../src/azle/peers';
import type { CandidAccount } from '../../../src/core/account';
import { Account, Metadata, type CandidMetadataEntry, type Opt } from './idl';
import type { Principal } from '@dfinity/principal';

/** When and how blocks move to archives; absent fields have defaults, or stay as they are. The official ledger's options fit. */
const ArchiveOptions = IDL.Record({
    trigger_threshold: IDL.Opt(IDL.Nat64),
    num_blocks_to_archive: IDL.Opt(IDL.Nat64),
    max_blocks_per_archive: IDL.Opt(IDL.Nat64),
    node_max_memory_size_bytes: IDL.Opt(IDL.Nat64),
    cycles_for_archive_creation: IDL.Opt(IDL.Nat64),
    controller_id: IDL.Opt(IDL.Principal),
    more_controller_ids: IDL.Opt(IDL.Vec(IDL.Principal)),
    max_message_size_bytes: IDL.Opt(IDL.Nat64),
    max_transactions_per_response: IDL.Opt(IDL.Nat64)
});

/** `icrc2`: as with the official ledger, ICRC-2 stays on whatever it says. `icrc152`: refused, since controllers mint nothing here. */
const FeatureFlags = IDL.Record({ icrc2: IDL.Bool, icrc152: IDL.Opt(IDL.Bool) });

export interface CandidFeatureFlags {
    icrc2: boolean;
    icrc152: Opt<boolean>;
}

export interface CandidArchiveOptions {
    trigger_threshold: Opt<bigint>;
    num_blocks_to_archive: Opt<bigint>;
    max_blocks_per_archive: Opt<bigint>;
    node_max_memory_size_bytes: Opt<bigint>;
    cycles_for_archive_creation: Opt<bigint>;
    controller_id: Opt<Principal>;
    more_controller_ids: Opt<Principal[]>;
    max_message_size_bytes: Opt<bigint>;
    max_transactions_per_response: Opt<bigint>;
}

/** What an installation may choose; every absent field has a default. The official ledger's init argument fits. */
export const InitArgs = IDL.Record({
    profile: IDL.Opt(IDL.Text),
    rewards: IDL.Opt(IDL.Principal),
    public: IDL.Opt(Account),
    minting_account: IDL.Opt(Account),
    initial_balances: IDL.Opt(IDL.Vec(IDL.Tuple(Account, IDL.Nat))),
    transfer_fee: IDL.Opt(IDL.Nat),
    decimals: IDL.Opt(IDL.Nat8),
    token_symbol: IDL.Opt(IDL.Text),
    token_name: IDL.Opt(IDL.Text),
    max_memo_length: IDL.Opt(IDL.Nat16),
    metadata: IDL.Opt(Metadata),
    fee_collector_account: IDL.Opt(Account),
    archive_options: IDL.Opt(ArchiveOptions),
    feature_flags: IDL.Opt(FeatureFlags),
    index_principal: IDL.Opt(IDL.Principal),
    peers: IDL.Opt(CandidPeers),
    /** Who governs; default: the rewards canister. Counts at installation. */
    governance: IDL.Opt(IDL.Principal)
});

export interface CandidInitArgs {
    profile: Opt<string>;
    rewards: Opt<Principal>;
    public: Opt<CandidAccount>;
    minting_account: Opt<CandidAccount>;
    initial_balances: Opt<[CandidAccount, bigint][]>;
    transfer_fee: Opt<bigint>;
    decimals: Opt<number>;
    token_symbol: Opt<string>;
    token_name: Opt<string>;
    max_memo_length: Opt<number>;
    metadata: Opt<CandidMetadataEntry[]>;
    fee_collector_account: Opt<CandidAccount>;
    archive_options: Opt<CandidArchiveOptions>;
    feature_flags: Opt<CandidFeatureFlags>;
    index_principal: Opt<Principal>;
    peers: Opt<CandidPeers>;
    governance: Opt<Principal>;
}

/** What an upgrade may change; absent fields stay as they are. */
export const UpgradeArgs = IDL.Record({
    transfer_fee: IDL.Opt(IDL.Nat),
    token_symbol: IDL.Opt(IDL.Text),
    token_name: IDL.Opt(IDL.Text),
    max_memo_length: IDL.Opt(IDL.Nat16),
    metadata: IDL.Opt(Metadata),
    change_fee_collector: IDL.Opt(IDL.Variant({ Unset: IDL.Null, SetTo: Account })),
    change_archive_options: IDL.Opt(ArchiveOptions),
    feature_flags: IDL.Opt(FeatureFlags),
    index_principal: IDL.Opt(IDL.Principal),
    peers: IDL.Opt(CandidPeers)
});

export interface CandidUpgradeArgs {
    transfer_fee: Opt<bigint>;
    token_symbol: Opt<string>;
    token_name: Opt<string>;
    max_memo_length: Opt<number>;
    metadata: Opt<CandidMetadataEntry[]>;
    change_fee_collector: Opt<{ Unset: null } | { SetTo: CandidAccount }>;
    change_archive_options: Opt<CandidArchiveOptions>;
    feature_flags: Opt<CandidFeatureFlags>;
    index_principal: Opt<Principal>;
    peers: Opt<CandidPeers>;
}

/** `null` installs with the defaults, and upgrades without a change. */
export const LedgerArg = IDL.Opt(IDL.Variant({ Init: InitArgs, Upgrade: IDL.Opt(UpgradeArgs) }));
export type CandidLedgerArg = Opt<{ Init: CandidInitArgs } | { Upgrade: Opt<CandidUpgradeArgs> }>;
