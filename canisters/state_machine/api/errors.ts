import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { Result } from '../../../src/core/result';
import type { CandidateShortcoming, ErrorKind, Shortcoming, StateError } from '../domain/errors';
import type { Tag } from './idl';

const ShortcomingType = IDL.Variant({
    NotFound: IDL.Null,
    WrongClass: IDL.Null,
    WrongStatus: IDL.Null,
    AlreadyValidator: IDL.Null,
    NotApplied: IDL.Null,
    NoStake: IDL.Null,
    StakeEnded: IDL.Null,
    BelowMinimum: IDL.Record({ min_e8s: IDL.Nat }),
    TermTooShort: IDL.Record({ min_days: IDL.Nat64 })
});

/** Candid type of every refusal's data. */
const ARMS: { readonly [Kind in ErrorKind]: IDL.Type } = {
    Anonymous: IDL.Null,
    Unauthorized: IDL.Null,
    NotFound: IDL.Null,
    AlreadyExists: IDL.Null,
    InvalidKey: IDL.Null,
    Removed: IDL.Null,
    AlreadyBound: IDL.Null,
    NotWalletOwner: IDL.Null,
    ProposalExpired: IDL.Null,
    StakeActive: IDL.Null,
    NotAValidator: IDL.Null,
    NotAComputeNode: IDL.Null,
    NodeOffline: IDL.Null,
    Duplicate: IDL.Null,
    AlreadyFinal: IDL.Null,
    WrongStep: IDL.Null,
    DeadlinePassed: IDL.Null,
    Suspended: IDL.Null,
    InvalidArgument: IDL.Text,
    TemporarilyUnavailable: IDL.Text,
    BandwidthTooLow: IDL.Record({ min: IDL.Nat32 }),
    RateLimited: IDL.Record({ retry_after_s: IDL.Nat64 }),
    TooSoon: IDL.Record({ retry_after_s: IDL.Nat64 }),
    AlreadyOpen: IDL.Nat64,
    WrongSize: IDL.Record({ expected_bytes: IDL.Nat64 }),
    WrongBatchSize: IDL.Record({ expected: IDL.Nat64 }),
    Equivocation: IDL.Null,
    UnknownProposal: IDL.Null,
    AlreadyVoted: IDL.Null,
    NotCommitted: IDL.Null,
    NotSameClass: IDL.Null,
    SelfImpeachment: IDL.Null,
    Accused: IDL.Null,
    NotAnElector: IDL.Null,
    CaseClosed: IDL.Null,
    NotActive: IDL.Null,
    NotInPool: IDL.Null,
    BatchOpen: IDL.Null,
    NoBatchOpen: IDL.Null,
    WrongHeight: IDL.Record({ expected: IDL.Nat64 }),
    WrongRound: IDL.Record({ expected: IDL.Nat32 }),
    NotProposer: IDL.Record({ proposer: IDL.Principal }),
    WrongParent: IDL.Record({ expected: IDL.Vec(IDL.Nat8) }),
    TooLarge: IDL.Record({ max: IDL.Nat32 }),
    InvalidItem: IDL.Record({ index: IDL.Nat32 }),
    Gap: IDL.Record({ expected_from: IDL.Nat64 }),
    Overlap: IDL.Record({ expected_from: IDL.Nat64 }),
    NotFinal: IDL.Record({ last_final: IDL.Nat64 }),
    RootMismatch: IDL.Record({ expected: IDL.Vec(IDL.Nat8) }),
    CaseOpen: IDL.Nat64,
    AlreadyInPool: IDL.Nat64,
    RequirementsNotMet: IDL.Vec(IDL.Record({ node: IDL.Principal, reason: ShortcomingType }))
};

type CandidShortcoming =
    | Tag<'NotFound' | 'WrongClass' | 'WrongStatus' | 'AlreadyValidator' | 'NotApplied' | 'NoStake' | 'StakeEnded'>
    | { BelowMinimum: { min_e8s: bigint } }
    | { TermTooShort: { min_days: bigint } };

type PlainKind = Exclude<ErrorKind, keyof DataArms>;
interface DataArms {
    InvalidArgument: string;
    TemporarilyUnavailable: string;
    BandwidthTooLow: { min: number };
    RateLimited: { retry_after_s: bigint };
    TooSoon: { retry_after_s: bigint };
    AlreadyOpen: bigint;
    WrongSize: { expected_bytes: bigint };
    WrongBatchSize: { expected: bigint };
    WrongHeight: { expected: bigint };
    WrongRound: { expected: number };
    NotProposer: { proposer: Principal };
    WrongParent: { expected: Uint8Array };
    TooLarge: { max: number };
    InvalidItem: { index: number };
    Gap: { expected_from: bigint };
    Overlap: { expected_from: bigint };
    NotFinal: { last_final: bigint };
    RootMismatch: { expected: Uint8Array };
    CaseOpen: bigint;
    AlreadyInPool: bigint;
    RequirementsNotMet: { node: Principal; reason: CandidShortcoming }[];
}

type CandidError = Tag<PlainKind> | { [K in keyof DataArms]: { [N in K]: DataArms[K] } }[keyof DataArms];

/** A method's answer. The Candid type of each method names the refusals that it has. */
export type Answer<T> = { Ok: T } | { Err: CandidError };

/** `variant { Ok : T; Err : variant { … } }` with the refusals of one method. */
export function answerType(value: IDL.Type, ...kinds: readonly ErrorKind[]): IDL.VariantClass {
    return IDL.Variant({ Ok: value, Err: IDL.Variant(Object.fromEntries(kinds.map((kind) => [kind, ARMS[kind]]))) });
}

/** Maps a domain result to its Candid variant. */
export function toAnswer<T, C>(result: Result<T, StateError>, toOk: (value: T) => C): Answer<C> {
    return result.ok ? { Ok: toOk(result.value) } : { Err: toCandidError(result.error) };
}

/** For results that have nothing to tell. */
export const nothing = (): null => null;

function toCandidError(error: StateError): CandidError {
    switch (error.kind) {
        case 'InvalidArgument':
            return { InvalidArgument: error.reason };
        case 'TemporarilyUnavailable':
            return { TemporarilyUnavailable: error.reason };
        case 'BandwidthTooLow':
            return { BandwidthTooLow: { min: error.minMbps } };
        case 'RateLimited':
            return { RateLimited: { retry_after_s: error.retryAfterS } };
        case 'TooSoon':
            return { TooSoon: { retry_after_s: error.retryAfterS } };
        case 'AlreadyOpen':
            return { AlreadyOpen: error.id };
        case 'WrongSize':
            return { WrongSize: { expected_bytes: error.expectedBytes } };
        case 'WrongBatchSize':
            return { WrongBatchSize: { expected: error.expected } };
        case 'RequirementsNotMet':
            return { RequirementsNotMet: error.candidates.map(toCandidCandidate) };
        case 'CaseOpen':
            return { CaseOpen: error.id };
        case 'AlreadyInPool':
            return { AlreadyInPool: error.pool };
        default:
            return toAgreementError(error);
    }
}

type AgreementKind =
    | 'WrongHeight'
    | 'WrongRound'
    | 'NotProposer'
    | 'WrongParent'
    | 'TooLarge'
    | 'InvalidItem'
    | 'Gap'
    | 'Overlap'
    | 'NotFinal'
    | 'RootMismatch';

function toAgreementError(error: Extract<StateError, { kind: PlainKind | AgreementKind }>): CandidError {
    switch (error.kind) {
        case 'WrongHeight':
            return { WrongHeight: { expected: error.expected } };
        case 'WrongRound':
            return { WrongRound: { expected: error.expected } };
        case 'NotProposer':
            return { NotProposer: { proposer: error.proposer } };
        case 'WrongParent':
            return { WrongParent: { expected: error.expected } };
        case 'TooLarge':
            return { TooLarge: { max: error.max } };
        case 'InvalidItem':
            return { InvalidItem: { index: error.index } };
        case 'Gap':
            return { Gap: { expected_from: error.expectedFrom } };
        case 'Overlap':
            return { Overlap: { expected_from: error.expectedFrom } };
        case 'NotFinal':
            return { NotFinal: { last_final: error.lastFinal } };
        case 'RootMismatch':
            return { RootMismatch: { expected: error.expected } };
        default:
            return toTag(error.kind);
    }
}

function toCandidCandidate(candidate: CandidateShortcoming): { node: Principal; reason: CandidShortcoming } {
    return { node: candidate.node, reason: toCandidShortcoming(candidate.shortcoming) };
}

function toCandidShortcoming(shortcoming: Shortcoming): CandidShortcoming {
    if (shortcoming.kind === 'BelowMinimum') return { BelowMinimum: { min_e8s: shortcoming.minE8s } };
    if (shortcoming.kind === 'TermTooShort') return { TermTooShort: { min_days: shortcoming.minDays } };
    return toTag(shortcoming.kind);
}

/** The variant arm of a name. */
export function toTag<Name extends string>(name: Name): Tag<Name> {
    return { [name]: null } as Tag<Name>;
}
