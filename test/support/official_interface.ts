/**
 * The interfaces that clients of the official ledger suite are generated from: those of @dfinity/ledger-icrc, and what the
 * suite has added to them since (dfinity/ic, rs/ledger_suite/icrc1, 2026-07), written out.
 */
import { Actor, HttpAgent, type ActorSubclass } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { IcrcIndexNgCanister, IcrcLedgerCanister } from '@dfinity/ledger-icrc';
import { Principal } from '@dfinity/principal';

const agent = HttpAgent.createSync({ host: 'http://localhost' });
const options = { agent, canisterId: Principal.managementCanister() };

function interfaceOf(client: object): IDL.ServiceClass {
    return Actor.interfaceOf((client as { readonly service: ActorSubclass }).service);
}

/** `ledger.did` of 2025-10. */
export const officialLedger = interfaceOf(IcrcLedgerCanister.create(options));
/** `index-ng.did` of 2025-10. */
export const officialIndex = interfaceOf(IcrcIndexNgCanister.create(options));

const blob = IDL.Vec(IDL.Nat8);
const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(blob) });
const MetadataValue = IDL.Variant({ Nat: IDL.Nat, Int: IDL.Int, Text: IDL.Text, Blob: blob });
const common = { memo: IDL.Opt(blob), created_at_time: IDL.Opt(IDL.Nat64), amount: IDL.Nat };
const action = {
    caller: IDL.Opt(IDL.Principal),
    reason: IDL.Opt(IDL.Text),
    ts: IDL.Opt(IDL.Nat64),
    mthd: IDL.Opt(IDL.Text)
};
const managed = IDL.Opt(IDL.Record(action));
const accountFrozen = IDL.Opt(IDL.Record({ account: Account, ...action }));
const principalFrozen = IDL.Opt(IDL.Record({ principal: IDL.Principal, ...action }));

/** `Transaction` of `index-ng.did` of 2026-07. */
const Transaction = IDL.Record({
    kind: IDL.Text,
    timestamp: IDL.Nat64,
    burn: IDL.Opt(IDL.Record({ ...common, from: Account, spender: IDL.Opt(Account), fee: IDL.Opt(IDL.Nat) })),
    mint: IDL.Opt(IDL.Record({ ...common, to: Account, fee: IDL.Opt(IDL.Nat) })),
    approve: IDL.Opt(
        IDL.Record({
            ...common,
            from: Account,
            spender: Account,
            fee: IDL.Opt(IDL.Nat),
            expected_allowance: IDL.Opt(IDL.Nat),
            expires_at: IDL.Opt(IDL.Nat64)
        })
    ),
    transfer: IDL.Opt(
        IDL.Record({ ...common, from: Account, to: Account, spender: IDL.Opt(Account), fee: IDL.Opt(IDL.Nat) })
    ),
    fee_collector: IDL.Opt(
        IDL.Record({
            caller: IDL.Opt(IDL.Principal),
            fee_collector: IDL.Opt(Account),
            ts: IDL.Opt(IDL.Nat64),
            mthd: IDL.Opt(IDL.Text)
        })
    ),
    pause: managed,
    unpause: managed,
    deactivate: managed,
    freeze_account: accountFrozen,
    unfreeze_account: accountFrozen,
    freeze_principal: principalFrozen,
    unfreeze_principal: principalFrozen
});

/** What `index-ng.did` of 2026-07 answers otherwise than {@link officialIndex}. */
export const newestIndex = IDL.Service({
    get_account_transactions: IDL.Func(
        [IDL.Record({ account: Account, start: IDL.Opt(IDL.Nat), max_results: IDL.Nat })],
        [
            IDL.Variant({
                Ok: IDL.Record({
                    balance: IDL.Nat,
                    transactions: IDL.Vec(IDL.Record({ id: IDL.Nat, transaction: Transaction })),
                    oldest_tx_id: IDL.Opt(IDL.Nat)
                }),
                Err: IDL.Record({ message: IDL.Text })
            })
        ],
        ['query']
    )
});

/** The endpoints of the ICRC-107 draft. */
export const icrc107 = IDL.Service({
    icrc107_set_fee_collector: IDL.Func(
        [IDL.Record({ fee_collector: IDL.Opt(Account), created_at_time: IDL.Nat64 })],
        [
            IDL.Variant({
                Ok: IDL.Nat,
                Err: IDL.Variant({
                    AccessDenied: IDL.Text,
                    InvalidAccount: IDL.Text,
                    Duplicate: IDL.Record({ duplicate_of: IDL.Nat }),
                    GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text })
                })
            })
        ],
        []
    ),
    icrc107_get_fee_collector: IDL.Func(
        [],
        [
            IDL.Variant({
                Ok: IDL.Opt(Account),
                Err: IDL.Variant({ GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text }) })
            })
        ],
        ['query']
    )
});

const archiveOptions = {
    max_transactions_per_response: IDL.Opt(IDL.Nat64),
    max_message_size_bytes: IDL.Opt(IDL.Nat64),
    cycles_for_archive_creation: IDL.Opt(IDL.Nat64),
    node_max_memory_size_bytes: IDL.Opt(IDL.Nat64),
    more_controller_ids: IDL.Opt(IDL.Vec(IDL.Principal))
};
const FeatureFlags = IDL.Opt(IDL.Record({ icrc2: IDL.Bool, icrc152: IDL.Opt(IDL.Bool) }));

/** `LedgerArg` of `ledger.did` of 2026-07. */
export const NewestLedgerArg = IDL.Variant({
    Init: IDL.Record({
        minting_account: Account,
        fee_collector_account: IDL.Opt(Account),
        transfer_fee: IDL.Nat,
        decimals: IDL.Opt(IDL.Nat8),
        max_memo_length: IDL.Opt(IDL.Nat16),
        token_symbol: IDL.Text,
        token_name: IDL.Text,
        metadata: IDL.Vec(IDL.Tuple(IDL.Text, MetadataValue)),
        initial_balances: IDL.Vec(IDL.Tuple(Account, IDL.Nat)),
        feature_flags: FeatureFlags,
        archive_options: IDL.Record({
            num_blocks_to_archive: IDL.Nat64,
            trigger_threshold: IDL.Nat64,
            controller_id: IDL.Principal,
            ...archiveOptions
        }),
        index_principal: IDL.Opt(IDL.Principal)
    }),
    Upgrade: IDL.Opt(
        IDL.Record({
            metadata: IDL.Opt(IDL.Vec(IDL.Tuple(IDL.Text, MetadataValue))),
            token_symbol: IDL.Opt(IDL.Text),
            token_name: IDL.Opt(IDL.Text),
            transfer_fee: IDL.Opt(IDL.Nat),
            change_fee_collector: IDL.Opt(IDL.Variant({ Unset: IDL.Null, SetTo: Account })),
            max_memo_length: IDL.Opt(IDL.Nat16),
            feature_flags: FeatureFlags,
            change_archive_options: IDL.Opt(
                IDL.Record({
                    num_blocks_to_archive: IDL.Opt(IDL.Nat64),
                    trigger_threshold: IDL.Opt(IDL.Nat64),
                    controller_id: IDL.Opt(IDL.Principal),
                    ...archiveOptions
                })
            ),
            index_principal: IDL.Opt(IDL.Principal)
        })
    )
});
