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
    NotController: IDL.Null,
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
    InvalidArgument: IDL.Text,
    TemporarilyUnavailable: IDL.Text,
    BandwidthTooLow: IDL.Record({ min: IDL.Nat32 }),
    RateLimited: IDL.Record({ retry_after_s: IDL.Nat64 }),
    TooSoon: IDL.Record({ retry_after_s: IDL.Nat64 }),
    AlreadyOpen: IDL.Nat64,
    WrongSize: IDL.Record({ expected_bytes: IDL.Nat64 }),
    OutOfRange: IDL.Record({ min_ms: IDL.Nat64, max_ms: IDL.Nat64 }),
    WrongBatchSize: IDL.Record({ expected: IDL.Nat64 }),
    RequirementsNotMet: IDL.Vec(IDL.Record({ node: IDL.Principal, reason: ShortcomingType }))
};

type CandidShortcoming =
    | Tag<'NotFound' | 'WrongClass' | 'WrongStatus' | 'AlreadyValidator' | 'NoStake' | 'StakeEnded'>
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
    OutOfRange: { min_ms: bigint; max_ms: bigint };
    WrongBatchSize: { expected: bigint };
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
        case 'OutOfRange':
            return { OutOfRange: { min_ms: error.minMs, max_ms: error.maxMs } };
        case 'WrongBatchSize':
            return { WrongBatchSize: { expected: error.expected } };
        case 'RequirementsNotMet':
            return { RequirementsNotMet: error.candidates.map(toCandidCandidate) };
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
