import type { Principal } from '@dfinity/principal';
import { err, type Result } from '../../../src/core/result';
import type { DaoErrorDetails } from './dao_errors';

/** What each refusal tells besides its code; the names are those of the Candid arms, so that no mapping can go wrong. */
export interface ErrorDetails extends DaoErrorDetails {
    Anonymous: null;
    Unauthorized: null;
    NotController: null;
    NotFound: null;
    InvalidArgument: string;
    TemporarilyUnavailable: string;
    Busy: null;
    WrongRound: { expected: bigint };
    RoundNotEnded: null;
    AlreadySettled: null;
    DuplicateNode: Principal;
    UnknownNode: Principal;
    MoneyMissing: { expected_e8s: bigint; found_e8s: bigint };
    MoneyMismatch: null;
    TooManyItems: bigint;
    NotBegun: null;
    WrongPage: { expected: bigint };
    HashMismatch: null;
    NotBound: null;
    BelowMinimum: { min_e8s: bigint };
    TermTooShort: { min_days: bigint };
    InvalidTerm: null;
    AlreadyStaked: null;
    WrongAmount: { expected_e8s: bigint };
    InsufficientAllowance: { allowance_e8s: bigint };
    InsufficientFunds: { balance_e8s: bigint };
    InsufficientBalance: { available_e8s: bigint };
    NotMatured: { end_ns: bigint };
    AlreadyReleased: null;
    Forfeited: null;
    NoStake: null;
    UnderDispute: bigint;
    UnderCollateralised: { missing_e8s: bigint };
    RenewalUsed: null;
    RenewalTooShort: { min_days: bigint };
    TermEnded: { end_ns: bigint };
    ClaimPending: bigint;
    NothingToClaim: null;
    NotSynced: null;
    InProgress: null;
    AlreadyPaid: { block_index: bigint };
    Cancelled: null;
    NotCancellable: null;
}

export type ErrorCode = keyof ErrorDetails;

/** An expected failure of this canister, restricted to the codes that a method can answer. */
export type RewardsError<C extends ErrorCode = ErrorCode> = {
    [Code in C]: { readonly code: Code; readonly detail: ErrorDetails[Code] };
}[C];

/** A failed result with its details. */
export function refuse<C extends ErrorCode>(code: C, detail: ErrorDetails[C]): Result<never, RewardsError<C>> {
    return err({ code, detail } as RewardsError<C>);
}

/** Codes by method: the Candid variants and the domain's types both come from these lists. */
export const SETTLE_ERRORS = [
    'Unauthorized',
    'WrongRound',
    'RoundNotEnded',
    'AlreadySettled',
    'DuplicateNode',
    'UnknownNode',
    'MoneyMissing',
    'MoneyMismatch',
    'TooManyItems',
    'InvalidArgument',
    'TemporarilyUnavailable'
] as const;
export type SettleError = RewardsError<(typeof SETTLE_ERRORS)[number]>;

/** Of rounds that come in pages. */
export const STAGE_ERRORS = [...SETTLE_ERRORS, 'NotBegun', 'WrongPage', 'HashMismatch'] as const;
export type StageError = RewardsError<(typeof STAGE_ERRORS)[number]>;

export const PUT_NODES_ERRORS = ['Unauthorized', 'TooManyItems', 'InvalidArgument'] as const;
export type PutNodesError = RewardsError<(typeof PUT_NODES_ERRORS)[number]>;

export const STAKE_ERRORS = [
    'Anonymous',
    'UnknownNode',
    'NotBound',
    'BelowMinimum',
    'TermTooShort',
    'InvalidTerm',
    'AlreadyStaked',
    'Forfeited',
    'WrongAmount',
    'InsufficientAllowance',
    'InsufficientFunds',
    'Busy',
    'InvalidArgument',
    'TemporarilyUnavailable'
] as const;
export type StakeError = RewardsError<(typeof STAKE_ERRORS)[number]>;

export const RELEASE_ERRORS = [
    'Anonymous',
    'NotFound',
    'NotMatured',
    'AlreadyReleased',
    'Forfeited',
    'UnderDispute',
    'InProgress',
    'TemporarilyUnavailable'
] as const;
export type ReleaseError = RewardsError<(typeof RELEASE_ERRORS)[number]>;

export const RENEW_ERRORS = [
    'Anonymous',
    'NotFound',
    'Unauthorized',
    'RenewalUsed',
    'RenewalTooShort',
    'TermEnded',
    'InvalidTerm',
    'UnderCollateralised'
] as const;
export type RenewError = RewardsError<(typeof RENEW_ERRORS)[number]>;

export const TOP_UP_ERRORS = [
    'Anonymous',
    'NotFound',
    'Unauthorized',
    'TermEnded',
    'BelowMinimum',
    'InsufficientAllowance',
    'InsufficientFunds',
    'Busy',
    'InvalidArgument',
    'TemporarilyUnavailable'
] as const;
export type TopUpError = RewardsError<(typeof TOP_UP_ERRORS)[number]>;

export const SLASH_ERRORS = ['Unauthorized', 'NoStake', 'TemporarilyUnavailable'] as const;
export type SlashError = RewardsError<(typeof SLASH_ERRORS)[number]>;

export const DISPUTE_ERRORS = ['Unauthorized', 'UnderDispute'] as const;
export type DisputeError = RewardsError<(typeof DISPUTE_ERRORS)[number]>;

export const HOLDER_STAKE_ERRORS = [
    'Anonymous',
    'InvalidTerm',
    'BelowMinimum',
    'InsufficientAllowance',
    'InsufficientFunds',
    'Busy',
    'InvalidArgument',
    'TemporarilyUnavailable'
] as const;
export type HolderStakeError = RewardsError<(typeof HOLDER_STAKE_ERRORS)[number]>;

export const WITHDRAW_ERRORS = [
    'Anonymous',
    'NotFound',
    'Unauthorized',
    'NotMatured',
    'AlreadyWithdrawn',
    'PoolShort',
    'InProgress',
    'TemporarilyUnavailable'
] as const;
export type WithdrawError = RewardsError<(typeof WITHDRAW_ERRORS)[number]>;

/** What is wrong with a proposal's action. */
const ACTION_FAULTS = ['InvalidArgument', 'NotAllowed', 'AllocationMismatch', 'InPast', 'Immutable'] as const;
export type ActionFault = RewardsError<(typeof ACTION_FAULTS)[number]>;

export const PROPOSE_ERRORS = ['Anonymous', 'BelowThreshold', 'TooManyOpen', ...ACTION_FAULTS] as const;
export type ProposeError = RewardsError<(typeof PROPOSE_ERRORS)[number]>;

export const VOTE_ERRORS = ['Anonymous', 'NotFound', 'VotingClosed', 'AlreadyVoted', 'NoPower'] as const;
export type VoteError = RewardsError<(typeof VOTE_ERRORS)[number]>;

export const VETO_ERRORS = ['Anonymous', 'Unauthorized', 'NotFound', 'VotingClosed', 'AlreadyVoted'] as const;
export type VetoError = RewardsError<(typeof VETO_ERRORS)[number]>;

/** Why a passed proposal cannot be carried out any more: it has failed. */
const EXECUTION_FAULTS = ['PoolExhausted', 'AllocationMismatch', 'InPast', 'Immutable', 'InvalidArgument'] as const;
export type ExecutionFault = RewardsError<(typeof EXECUTION_FAULTS)[number]>;

export const EXECUTE_ERRORS = [
    'Anonymous',
    'NotFound',
    'VotingOpen',
    'NotPassed',
    'Timelocked',
    'InProgress',
    'AlreadyExecuted',
    ...EXECUTION_FAULTS
] as const;
export type ExecuteError = RewardsError<(typeof EXECUTE_ERRORS)[number]>;

export const AIRDROP_CLAIM_ERRORS = [
    'Anonymous',
    'NotFound',
    'AlreadyClaimed',
    'Expired',
    'InvalidProof',
    'Exhausted',
    'InvalidArgument'
] as const;
export type AirdropClaimError = RewardsError<(typeof AIRDROP_CLAIM_ERRORS)[number]>;

export const REQUEST_CLAIM_ERRORS = [
    'Anonymous',
    'ClaimPending',
    'NothingToClaim',
    'BelowMinimum',
    'InsufficientBalance',
    'InvalidArgument'
] as const;
export type RequestClaimError = RewardsError<(typeof REQUEST_CLAIM_ERRORS)[number]>;

export const CLAIM_ERRORS = [
    'Anonymous',
    'NotFound',
    'NotSynced',
    'InProgress',
    'AlreadyPaid',
    'Cancelled',
    'Busy',
    'TemporarilyUnavailable'
] as const;
export type ClaimError = RewardsError<(typeof CLAIM_ERRORS)[number]>;

export const CANCEL_CLAIM_ERRORS = ['Anonymous', 'NotFound', 'Unauthorized', 'InProgress', 'NotCancellable'] as const;
export type CancelClaimError = RewardsError<(typeof CANCEL_CLAIM_ERRORS)[number]>;
