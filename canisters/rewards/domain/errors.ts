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

/** Names of all refusals: the arms of the Candid variants. */
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
/** A refusal to settle; the round is as it was, and the hub may ask again. */
export type SettleError = RewardsError<(typeof SETTLE_ERRORS)[number]>;

/** Of rounds that come in pages. */
export const STAGE_ERRORS = [...SETTLE_ERRORS, 'NotBegun', 'WrongPage', 'HashMismatch'] as const;
/** A refusal of a step of a round that comes in pages. */
export type StageError = RewardsError<(typeof STAGE_ERRORS)[number]>;

/** Refusals of `c2c_put_nodes`: the whole list or nothing. */
export const PUT_NODES_ERRORS = ['Unauthorized', 'TooManyItems', 'InvalidArgument'] as const;
/** A refusal of facts about nodes. */
export type PutNodesError = RewardsError<(typeof PUT_NODES_ERRORS)[number]>;

/** Refusals of `stake_node` (A.1.7): of the order, by the ledger, or because another order waits (`Busy`). */
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
/** A refusal of a node stake; no money has moved. */
export type StakeError = RewardsError<(typeof STAKE_ERRORS)[number]>;

/** Refusals of `release_stake` (AS-52): too early, ended already, under dispute, or on its way. */
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
/** A refusal to pay a stake back. */
export type ReleaseError = RewardsError<(typeof RELEASE_ERRORS)[number]>;

/** Refusals of `renew_stake` (AS-51). */
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
/** A refusal to extend a stake; its end stays. */
export type RenewError = RewardsError<(typeof RENEW_ERRORS)[number]>;

/** Refusals of `top_up_stake`: of the order, by the ledger, or because another transfer is open (`Busy`). */
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
/** A refusal of a further deposit; no money has moved. */
export type TopUpError = RewardsError<(typeof TOP_UP_ERRORS)[number]>;

/**
 * Refusals of `c2c_slash`; after `TemporarilyUnavailable` the money may still arrive, and the case is to be asked
 * again.
 */
export const SLASH_ERRORS = ['Unauthorized', 'NoStake', 'TemporarilyUnavailable'] as const;
/** A refusal to deduct. */
export type SlashError = RewardsError<(typeof SLASH_ERRORS)[number]>;

/** Refusals of `c2c_set_dispute`: `UnderDispute` names the other case that holds the node. */
export const DISPUTE_ERRORS = ['Unauthorized', 'UnderDispute'] as const;
/** A refusal to hold a node’s stakes. */
export type DisputeError = RewardsError<(typeof DISPUTE_ERRORS)[number]>;

/** Refusals of `stake_tokens`: of the order, by the ledger, or because another order of the account waits (`Busy`). */
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
/** A refusal of a holder’s stake; no money has moved. */
export type HolderStakeError = RewardsError<(typeof HOLDER_STAKE_ERRORS)[number]>;

/** Refusals of `withdraw_stake` (AS-68); `PoolShort` tells what stays owed. */
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
/** A refusal of a withdrawal; what is owed stays owed. */
export type WithdrawError = RewardsError<(typeof WITHDRAW_ERRORS)[number]>;

/** What is wrong with a proposal's action. */
const ACTION_FAULTS = ['InvalidArgument', 'NotAllowed', 'AllocationMismatch', 'InPast', 'Immutable'] as const;
/** What is wrong with a proposal’s action, at its submission or at its execution. */
export type ActionFault = RewardsError<(typeof ACTION_FAULTS)[number]>;

/** Refusals of `submit_proposal`; `BelowThreshold` tells the power that is needed. */
export const PROPOSE_ERRORS = ['Anonymous', 'NotGoverning', 'BelowThreshold', 'TooManyOpen', ...ACTION_FAULTS] as const;
/** A refusal of a proposal; nothing is stored. */
export type ProposeError = RewardsError<(typeof PROPOSE_ERRORS)[number]>;

/** Refusals of `enact`: for whoever governs instead of this canister's voters. */
export const ENACT_ERRORS = ['Unauthorized', 'TooManyOpen', ...ACTION_FAULTS] as const;
/** A refusal of a decision that was taken elsewhere; nothing is stored. */
export type EnactError = RewardsError<(typeof ENACT_ERRORS)[number]>;

/** Refusals of `vote`: one vote per owner, with the power just before the submission (R9). */
export const VOTE_ERRORS = ['Anonymous', 'NotFound', 'VotingClosed', 'AlreadyVoted', 'NoPower'] as const;
/** A refusal of a vote. */
export type VoteError = RewardsError<(typeof VOTE_ERRORS)[number]>;

/** Refusals of `veto_proposal`: members of the committee only, after the vote and before the timelock ends. */
export const VETO_ERRORS = ['Anonymous', 'Unauthorized', 'NotFound', 'VotingClosed', 'AlreadyVoted'] as const;
/** A refusal of a veto. */
export type VetoError = RewardsError<(typeof VETO_ERRORS)[number]>;

/** Why a passed proposal cannot be carried out any more: it has failed. */
const EXECUTION_FAULTS = [
    'NotGoverning',
    'PoolExhausted',
    'AllocationMismatch',
    'InPast',
    'Immutable',
    'InvalidArgument'
] as const;
/** Why the action of a passed proposal could not be done: the proposal fails for good. */
export type ExecutionFault = RewardsError<(typeof EXECUTION_FAULTS)[number]>;

/** Refusals of `execute_proposal`: not passed, too early (`Timelocked`), or done. */
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
/** A refusal to execute. */
export type ExecuteError = RewardsError<(typeof EXECUTE_ERRORS)[number]>;

/** Refusals of `claim_airdrop` (AS-85). */
export const AIRDROP_CLAIM_ERRORS = [
    'Anonymous',
    'NotFound',
    'AlreadyClaimed',
    'Expired',
    'InvalidProof',
    'Exhausted',
    'InvalidArgument'
] as const;
/** A refusal of an airdrop’s claim; the place stays free unless it was claimed. */
export type AirdropClaimError = RewardsError<(typeof AIRDROP_CLAIM_ERRORS)[number]>;

/** Refusals of `request_claim` (AS-74): one open claim per account, of the profile’s minimum at least. */
export const REQUEST_CLAIM_ERRORS = [
    'Anonymous',
    'ClaimPending',
    'NothingToClaim',
    'BelowMinimum',
    'InsufficientBalance',
    'InvalidArgument'
] as const;
/** A refusal of a claim; the balance stays available. */
export type RequestClaimError = RewardsError<(typeof REQUEST_CLAIM_ERRORS)[number]>;

/** Refusals of `claim`; `AlreadyPaid` tells the block (R6). */
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
/** A refusal to pay a claim now; the claim stays. */
export type ClaimError = RewardsError<(typeof CLAIM_ERRORS)[number]>;

/** Refusals of `cancel_claim`: by its owner only, and before its first payment was tried. */
export const CANCEL_CLAIM_ERRORS = ['Anonymous', 'NotFound', 'Unauthorized', 'InProgress', 'NotCancellable'] as const;
/** A refusal to cancel a claim. */
export type CancelClaimError = RewardsError<(typeof CANCEL_CLAIM_ERRORS)[number]>;
