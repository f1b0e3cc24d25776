/** Candid types of the rewards canister and their TypeScript twins. */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { CandidAccount } from '../../../src/core/account';
import { CandidPeers } from '../../../src/azle/peers';
import type { ErrorCode } from '../domain/errors';
import { DAO_ERROR_TYPES } from './dao_idl_errors';

export const Account = IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) });
export const NodeClass = IDL.Variant({ validator: IDL.Null, router: IDL.Null, compute: IDL.Null });
export type NodeClass = { validator: null } | { router: null } | { compute: null };

const ERROR_TYPES: Readonly<Record<ErrorCode, IDL.Type>> = {
    ...DAO_ERROR_TYPES,
    Anonymous: IDL.Null,
    Unauthorized: IDL.Null,
    NotController: IDL.Null,
    NotFound: IDL.Null,
    InvalidArgument: IDL.Text,
    TemporarilyUnavailable: IDL.Text,
    Busy: IDL.Null,
    WrongRound: IDL.Record({ expected: IDL.Nat64 }),
    RoundNotEnded: IDL.Null,
    AlreadySettled: IDL.Null,
    DuplicateNode: IDL.Principal,
    UnknownNode: IDL.Principal,
    MoneyMissing: IDL.Record({ expected_e8s: IDL.Nat, found_e8s: IDL.Nat }),
    MoneyMismatch: IDL.Null,
    TooManyItems: IDL.Nat64,
    NotBegun: IDL.Null,
    WrongPage: IDL.Record({ expected: IDL.Nat64 }),
    HashMismatch: IDL.Null,
    NotBound: IDL.Null,
    BelowMinimum: IDL.Record({ min_e8s: IDL.Nat }),
    TermTooShort: IDL.Record({ min_days: IDL.Nat64 }),
    InvalidTerm: IDL.Null,
    AlreadyStaked: IDL.Null,
    WrongAmount: IDL.Record({ expected_e8s: IDL.Nat }),
    InsufficientAllowance: IDL.Record({ allowance_e8s: IDL.Nat }),
    InsufficientFunds: IDL.Record({ balance_e8s: IDL.Nat }),
    InsufficientBalance: IDL.Record({ available_e8s: IDL.Nat }),
    NotMatured: IDL.Record({ end_ns: IDL.Nat64 }),
    AlreadyReleased: IDL.Null,
    Forfeited: IDL.Null,
    NoStake: IDL.Null,
    UnderDispute: IDL.Nat64,
    UnderCollateralised: IDL.Record({ missing_e8s: IDL.Nat }),
    RenewalUsed: IDL.Null,
    RenewalTooShort: IDL.Record({ min_days: IDL.Nat64 }),
    TermEnded: IDL.Record({ end_ns: IDL.Nat64 }),
    ClaimPending: IDL.Nat64,
    NothingToClaim: IDL.Null,
    NotSynced: IDL.Null,
    InProgress: IDL.Null,
    AlreadyPaid: IDL.Record({ block_index: IDL.Nat }),
    Cancelled: IDL.Null,
    NotCancellable: IDL.Null
};

/** `variant { Ok : T; Err : variant { the codes } }` */
export function resultOf(okType: IDL.Type, codes: readonly ErrorCode[]): IDL.Type {
    return IDL.Variant({
        Ok: okType,
        Err: IDL.Variant(Object.fromEntries(codes.map((code) => [code, ERROR_TYPES[code]])))
    });
}

export const InitArgs = IDL.Opt(
    IDL.Record({
        profile: IDL.Opt(IDL.Text),
        genesis_ns: IDL.Opt(IDL.Nat64),
        round_s: IDL.Opt(IDL.Nat64),
        rounds_per_epoch: IDL.Opt(IDL.Nat64),
        peers: IDL.Opt(CandidPeers),
        /** Who governs; default: the rewards canister. Counts at installation. */
        governance: IDL.Opt(IDL.Principal)
    })
);
export interface InitArgs {
    profile: [] | [string];
    genesis_ns: [] | [bigint];
    round_s: [] | [bigint];
    rounds_per_epoch: [] | [bigint];
    peers: [] | [CandidPeers];
    governance: [] | [Principal];
}

export const Clock = IDL.Record({
    profile: IDL.Text,
    genesis_ns: IDL.Nat64,
    round_ns: IDL.Nat64,
    rounds_per_epoch: IDL.Nat64,
    epochs_per_period: IDL.Nat64,
    now_ns: IDL.Nat64,
    round: IDL.Nat64,
    epoch: IDL.Nat64,
    period: IDL.Nat64
});
export interface Clock {
    profile: string;
    genesis_ns: bigint;
    round_ns: bigint;
    rounds_per_epoch: bigint;
    epochs_per_period: bigint;
    now_ns: bigint;
    round: bigint;
    epoch: bigint;
    period: bigint;
}

export const Schedule = IDL.Vec(
    IDL.Record({
        period: IDL.Nat64,
        first_epoch: IDL.Nat64,
        epochs: IDL.Nat64,
        period_e8s: IDL.Nat,
        epoch_e8s: IDL.Nat,
        round_e8s: IDL.Nat,
        last_round_e8s: IDL.Nat
    })
);
export interface ScheduleEntry {
    period: bigint;
    first_epoch: bigint;
    epochs: bigint;
    period_e8s: bigint;
    epoch_e8s: bigint;
    round_e8s: bigint;
    last_round_e8s: bigint;
}

export const NodeFact = IDL.Record({
    node: IDL.Principal,
    class: NodeClass,
    wallet: IDL.Opt(Account),
    e_value_e8: IDL.Nat,
    version: IDL.Nat64
});
export interface NodeFact {
    node: Principal;
    class: NodeClass;
    wallet: [] | [CandidAccount];
    e_value_e8: bigint;
    version: bigint;
}

export const StakeArgs = IDL.Record({
    node: IDL.Principal,
    term_days: IDL.Nat64,
    amount_e8s: IDL.Nat,
    from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8))
});
export interface StakeArgs {
    node: Principal;
    term_days: bigint;
    amount_e8s: bigint;
    from_subaccount: [] | [Uint8Array];
}

export const StakeView = IDL.Record({
    node: IDL.Principal,
    class: NodeClass,
    staker: Account,
    initial_e8s: IDL.Nat,
    remaining_e8s: IDL.Nat,
    term_days: IDL.Nat64,
    start_ns: IDL.Nat64,
    end_ns: IDL.Nat64,
    e_at_stake_e8: IDL.Nat
});
export interface StakeView {
    node: Principal;
    class: NodeClass;
    staker: CandidAccount;
    initial_e8s: bigint;
    remaining_e8s: bigint;
    term_days: bigint;
    start_ns: bigint;
    end_ns: bigint;
    e_at_stake_e8: bigint;
}

export const RoundReport = IDL.Record({
    round: IDL.Nat64,
    source_hash: IDL.Vec(IDL.Nat8),
    weights: IDL.Vec(IDL.Record({ node: IDL.Principal, weight: IDL.Nat })),
    trades: IDL.Vec(IDL.Record({ node: IDL.Principal, buyer: IDL.Principal, price_e8s: IDL.Nat })),
    money_e8s: IDL.Nat
});
export interface RoundReport {
    round: bigint;
    source_hash: Uint8Array;
    weights: { node: Principal; weight: bigint }[];
    trades: { node: Principal; buyer: Principal; price_e8s: bigint }[];
    money_e8s: bigint;
}

export const Settlement = IDL.Record({
    round: IDL.Nat64,
    pool_e8s: IDL.Nat,
    emission_e8s: IDL.Nat,
    carry_in_e8s: IDL.Nat,
    carry_out_e8s: IDL.Nat,
    total_weight: IDL.Nat,
    shares: IDL.Nat64,
    trade_volume_e8s: IDL.Nat,
    trade_fees_e8s: IDL.Nat,
    trade_rewards_e8s: IDL.Nat,
    source_hash: IDL.Vec(IDL.Nat8),
    settled_at_ns: IDL.Nat64
});
export interface Settlement {
    round: bigint;
    pool_e8s: bigint;
    emission_e8s: bigint;
    carry_in_e8s: bigint;
    carry_out_e8s: bigint;
    total_weight: bigint;
    shares: bigint;
    trade_volume_e8s: bigint;
    trade_fees_e8s: bigint;
    trade_rewards_e8s: bigint;
    source_hash: Uint8Array;
    settled_at_ns: bigint;
}

export const Share = IDL.Record({ node: IDL.Principal, account: IDL.Opt(Account), amount_e8s: IDL.Nat });
export interface Share {
    node: Principal;
    account: [] | [CandidAccount];
    amount_e8s: bigint;
}

export const RewardBalance = IDL.Record({
    available_e8s: IDL.Nat,
    in_claims_e8s: IDL.Nat,
    paid_e8s: IDL.Nat,
    earned_e8s: IDL.Nat
});
export interface RewardBalance {
    available_e8s: bigint;
    in_claims_e8s: bigint;
    paid_e8s: bigint;
    earned_e8s: bigint;
}

const RewardKind = IDL.Variant({
    emission: IDL.Null,
    compute_income: IDL.Null,
    provider_reward: IDL.Null,
    buyer_reward: IDL.Null,
    held: IDL.Null
});
export const RewardEntry = IDL.Record({
    kind: RewardKind,
    round: IDL.Nat64,
    node: IDL.Opt(IDL.Principal),
    amount_e8s: IDL.Nat,
    at_ns: IDL.Nat64
});
export interface RewardEntry {
    kind: object;
    round: bigint;
    node: [] | [Principal];
    amount_e8s: bigint;
    at_ns: bigint;
}

export const RequestClaimArgs = IDL.Record({ subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)), amount_e8s: IDL.Opt(IDL.Nat) });
export interface RequestClaimArgs {
    subaccount: [] | [Uint8Array];
    amount_e8s: [] | [bigint];
}

export const ClaimState = IDL.Variant({
    Requested: IDL.Null,
    Synced: IDL.Null,
    Transferring: IDL.Null,
    /** `block_known` is false when a balance, not an answer, showed that the payment was executed. */
    Paid: IDL.Record({ block_index: IDL.Nat, block_known: IDL.Bool, paid_e8s: IDL.Nat }),
    FailedRetryable: IDL.Text,
    Cancelled: IDL.Null
});
export const ClaimView = IDL.Record({
    id: IDL.Nat64,
    account: Account,
    amount_e8s: IDL.Nat,
    state: ClaimState,
    created_at_ns: IDL.Nat64
});
export interface ClaimView {
    id: bigint;
    account: CandidAccount;
    amount_e8s: bigint;
    state: object;
    created_at_ns: bigint;
}

export const PurseView = IDL.Record({
    purse: IDL.Text,
    account: Account,
    booked_e8s: IDL.Nat,
    owed_e8s: IDL.Nat,
    held_e8s: IDL.Nat,
    set_aside_e8s: IDL.Nat,
    free_e8s: IDL.Int,
    fees_paid_e8s: IDL.Nat,
    observed_e8s: IDL.Opt(IDL.Nat),
    observed_at_ns: IDL.Nat64
});
export interface PurseView {
    purse: string;
    account: CandidAccount;
    booked_e8s: bigint;
    owed_e8s: bigint;
    held_e8s: bigint;
    set_aside_e8s: bigint;
    free_e8s: bigint;
    fees_paid_e8s: bigint;
    observed_e8s: [] | [bigint];
    observed_at_ns: bigint;
}

export const AuditReport = IDL.Record({
    holds: IDL.Bool,
    complete: IDL.Bool,
    checks: IDL.Vec(IDL.Record({ rule: IDL.Text, holds: IDL.Bool, detail: IDL.Text })),
    emitted_e8s: IDL.Nat,
    carry_e8s: IDL.Nat,
    unbound_e8s: IDL.Nat,
    staked_e8s: IDL.Nat,
    trade_volume_e8s: IDL.Nat,
    trade_rewards_e8s: IDL.Nat,
    treasury_due_e8s: IDL.Nat,
    treasury_swept_e8s: IDL.Nat,
    burn_due_e8s: IDL.Nat,
    burned_e8s: IDL.Nat,
    open_transfers: IDL.Nat64,
    lost_transfers: IDL.Nat64
});
export interface AuditReport {
    holds: boolean;
    complete: boolean;
    checks: { rule: string; holds: boolean; detail: string }[];
    emitted_e8s: bigint;
    carry_e8s: bigint;
    unbound_e8s: bigint;
    staked_e8s: bigint;
    trade_volume_e8s: bigint;
    trade_rewards_e8s: bigint;
    treasury_due_e8s: bigint;
    treasury_swept_e8s: bigint;
    burn_due_e8s: bigint;
    burned_e8s: bigint;
    open_transfers: bigint;
    lost_transfers: bigint;
}

export const TransferView = IDL.Record({
    id: IDL.Nat64,
    purpose: IDL.Text,
    from: Account,
    to: Account,
    amount_e8s: IDL.Nat,
    fee_e8s: IDL.Nat,
    memo: IDL.Vec(IDL.Nat8),
    created_at_ns: IDL.Nat64,
    state: IDL.Text,
    attempts: IDL.Nat32
});
export interface TransferView {
    id: bigint;
    purpose: string;
    from: CandidAccount;
    to: CandidAccount;
    amount_e8s: bigint;
    fee_e8s: bigint;
    memo: Uint8Array;
    created_at_ns: bigint;
    state: string;
    attempts: number;
}
