import type { Principal } from '@dfinity/principal';

/** Why a candidate cannot join the validator set. */
export type Shortcoming =
    | {
          readonly kind:
              'NotFound' | 'WrongClass' | 'WrongStatus' | 'AlreadyValidator' | 'NotApplied' | 'NoStake' | 'StakeEnded';
      }
    | { readonly kind: 'BelowMinimum'; readonly minE8s: bigint }
    | { readonly kind: 'TermTooShort'; readonly minDays: bigint };

/** A candidate, and what it lacks. */
export interface CandidateShortcoming {
    readonly node: Principal;
    readonly shortcoming: Shortcoming;
}

/** Every refusal of this canister; the arms without data come first. */
export type StateError =
    | {
          readonly kind:
              | 'Anonymous'
              | 'Unauthorized'
              | 'NotFound'
              | 'AlreadyExists'
              /** The public key is not the caller's. */
              | 'InvalidKey'
              /** The node is barred for good. */
              | 'Removed'
              | 'AlreadyBound'
              | 'NotWalletOwner'
              | 'ProposalExpired'
              | 'StakeActive'
              | 'NotAValidator'
              | 'NotAComputeNode'
              | 'NodeOffline'
              | 'Duplicate'
              | 'AlreadyFinal'
              /** The challenge has not reached, or has passed, the step that was asked for. */
              | 'WrongStep'
              | 'DeadlinePassed'
              /** The validators have paused EMC-PoC-1. */
              | 'Suspended'
              /** Another hash than the caller's earlier one for the same height and round; kept as evidence. */
              | 'Equivocation'
              | 'UnknownProposal'
              | 'AlreadyVoted'
              | 'NotCommitted'
              | 'NotSameClass'
              | 'SelfImpeachment'
              | 'Accused'
              | 'NotAnElector'
              | 'CaseClosed'
              | 'NotActive'
              | 'NotInPool'
              | 'BatchOpen'
              | 'NoBatchOpen';
      }
    | { readonly kind: 'InvalidArgument'; readonly reason: string }
    | { readonly kind: 'TemporarilyUnavailable'; readonly reason: string }
    | { readonly kind: 'BandwidthTooLow'; readonly minMbps: number }
    | { readonly kind: 'RateLimited'; readonly retryAfterS: bigint }
    | { readonly kind: 'TooSoon'; readonly retryAfterS: bigint }
    | { readonly kind: 'AlreadyOpen'; readonly id: bigint }
    | { readonly kind: 'WrongSize'; readonly expectedBytes: bigint }
    | { readonly kind: 'WrongBatchSize'; readonly expected: bigint }
    | { readonly kind: 'WrongHeight'; readonly expected: bigint }
    | { readonly kind: 'WrongRound'; readonly expected: number }
    | { readonly kind: 'NotProposer'; readonly proposer: Principal }
    | { readonly kind: 'WrongParent'; readonly expected: Uint8Array }
    | { readonly kind: 'TooLarge'; readonly max: number }
    /** The item at this position repeats, skips or misplaces a reference, or its digest is not 32 bytes. */
    | { readonly kind: 'InvalidItem'; readonly index: number }
    | { readonly kind: 'Gap'; readonly expectedFrom: bigint }
    | { readonly kind: 'Overlap'; readonly expectedFrom: bigint }
    | { readonly kind: 'NotFinal'; readonly lastFinal: bigint }
    | { readonly kind: 'RootMismatch'; readonly expected: Uint8Array }
    | { readonly kind: 'CaseOpen'; readonly id: bigint }
    | { readonly kind: 'AlreadyInPool'; readonly pool: bigint }
    | { readonly kind: 'RequirementsNotMet'; readonly candidates: readonly CandidateShortcoming[] };

/** The name of a refusal. */
export type ErrorKind = StateError['kind'];

/** The refusals of one operation. */
export type Refusal<Kinds extends ErrorKind> = Kinds extends ErrorKind ? ErrorOf<Kinds> : never;

type ErrorOf<Kind extends ErrorKind> =
    Extract<StateError, { kind: Kind }> extends infer Found
        ? [Found] extends [never]
            ? { readonly kind: Kind }
            : Found
        : never;
