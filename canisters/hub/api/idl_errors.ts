/** The arms of the hub's `Err` variants, one place for their names and payloads. */
import { IDL } from 'azle';
import type { ErrorKind } from '../domain/errors';

export type Opt<T> = [] | [T];
export type Blob = Uint8Array | number[];

const ARMS = {
    Anonymous: IDL.Null,
    Unauthorized: IDL.Null,
    NotFound: IDL.Null,
    AlreadyExists: IDL.Null,
    InvalidArgument: IDL.Text,
    TemporarilyUnavailable: IDL.Text,
    KeyNotFound: IDL.Null,
    KeyRevoked: IDL.Null,
    TooManyKeys: IDL.Record({ max: IDL.Nat64 }),
    AppNotAllowed: IDL.Null,
    NodeNotAllowed: IDL.Null,
    RateLimited: IDL.Record({ retry_after_s: IDL.Nat64 }),
    KeyLimitReached: IDL.Record({ left: IDL.Nat64 }),
    InsufficientCredits: IDL.Record({ available: IDL.Nat64 }),
    DuplicateRequest: IDL.Null,
    AlreadyRecorded: IDL.Null,
    CreditsExceedReservation: IDL.Null,
    BadReceipt: IDL.Null,
    InsufficientAllowance: IDL.Record({ allowance_e8s: IDL.Nat }),
    InsufficientFunds: IDL.Record({ balance_e8s: IDL.Nat }),
    Busy: IDL.Null,
    NotEnded: IDL.Record({ ends_at_ns: IDL.Nat64 }),
    AlreadySettled: IDL.Null,
    InProgress: IDL.Null,
    WrongWindow: IDL.Record({ expected: IDL.Nat64 }),
    NotNodeOwner: IDL.Null,
    NodeInactive: IDL.Null,
    ListingClosed: IDL.Null,
    NotEnoughUnits: IDL.Record({ left: IDL.Nat64 }),
    SelfTrade: IDL.Null,
    NotBuyer: IDL.Null,
    TooLate: IDL.Null,
    WrongState: IDL.Record({ state: IDL.Text }),
    NotAValidator: IDL.Null,
    NotDue: IDL.Record({ due_ns: IDL.Nat64 }),
    NotOnline: IDL.Null,
    AlreadySubmitted: IDL.Null,
    NotBacked: IDL.Text,
    NotRecorded: IDL.Null
} satisfies Record<ErrorKind, IDL.Type>;

/** An `Err` value; each method can give the arms that its result type names. */
export type CandidError = { readonly [Kind in ErrorKind]?: unknown };

/** `variant { Ok; Err : variant { … } }` with the named arms. */
export function resultOf(okType: IDL.Type, ...kinds: readonly ErrorKind[]): IDL.Type {
    return IDL.Variant({
        Ok: okType,
        Err: IDL.Variant(Object.fromEntries(kinds.map((kind) => [kind, ARMS[kind]])))
    });
}
