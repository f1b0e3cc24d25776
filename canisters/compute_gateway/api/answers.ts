import { IDL } from 'azle';
import type { CandidResult, Result } from '../../../src/core/result';
import type { ErrorKind, ErrorOf, GatewayError } from '../domain/errors';
import { unreachable } from '../../../src/core/assert';

/** Candid type of each error arm. */
const ARMS: { readonly [Kind in ErrorKind]: IDL.Type } = {
    Anonymous: IDL.Null,
    Unauthorized: IDL.Null,
    NotFound: IDL.Null,
    AlreadyExists: IDL.Null,
    InvalidArgument: IDL.Text,
    TemporarilyUnavailable: IDL.Text,
    AppNotFound: IDL.Null,
    PayloadTooLarge: IDL.Record({ max: IDL.Nat64 }),
    InsufficientCredits: IDL.Record({ available: IDL.Nat64 }),
    KeyNotFound: IDL.Null,
    KeyRevoked: IDL.Null,
    IdempotencyConflict: IDL.Nat64,
    Busy: IDL.Record({ retry_after_ms: IDL.Nat64, queue_len: IDL.Nat64, est_wait_ms: IDL.Nat64 }),
    AppNotAllowed: IDL.Null,
    RateLimited: IDL.Record({ retry_after_ms: IDL.Nat64 }),
    KeyLimitReached: IDL.Record({ left: IDL.Nat64 }),
    NotRedrivable: IDL.Null,
    PriceTooHigh: IDL.Record({ unit_price_credits: IDL.Nat64 }),
    NotCancellable: IDL.Null,
    NoNodeAvailable: IDL.Null,
    SessionEnded: IDL.Null,
    AppMismatch: IDL.Null,
    Exhausted: IDL.Null,
    StaleReceipt: IDL.Null,
    NodeInactive: IDL.Null,
    NotBound: IDL.Null,
    RequirementsNotMet: IDL.Record({ app_id: IDL.Text, lacks: IDL.Text }),
    NotAttached: IDL.Null,
    TooManyNodes: IDL.Record({ max: IDL.Nat64 }),
    TooManyGateways: IDL.Record({ max: IDL.Nat64 }),
    TooManyApps: IDL.Record({ max: IDL.Nat64 }),
    StaleLease: IDL.Null,
    ResultConflict: IDL.Null,
    UsageTooHigh: IDL.Record({ max_units: IDL.Nat64 }),
    BadReceipt: IDL.Text
};

/** An error as @dfinity/candid represents a variant: one field, named as the arm. */
export type CandidError = Partial<Record<ErrorKind, unknown>>;

/** The result type of one method, and the only way to make its values: errors it does not name do not compile. */
export interface Answer<Ok, Kinds extends ErrorKind> {
    readonly idl: IDL.Type;
    of(result: Result<Ok, ErrorOf<Kinds>>): CandidResult<Ok, CandidError>;
}

/** Declares a method's `variant { Ok; Err }`. */
export function answer<Ok>(okType: IDL.Type): <const Kinds extends ErrorKind>(...kinds: Kinds[]) => Answer<Ok, Kinds> {
    return (...kinds) => ({
        idl: IDL.Variant({ Ok: okType, Err: IDL.Variant(Object.fromEntries(kinds.map((kind) => [kind, ARMS[kind]]))) }),
        of: (result) => (result.ok ? { Ok: result.value } : { Err: toCandidError(result.error) })
    });
}

/** Total over the errors of this canister. */
function toCandidError(error: GatewayError): CandidError {
    switch (error.kind) {
        case 'InvalidArgument':
        case 'TemporarilyUnavailable':
        case 'BadReceipt':
            return { [error.kind]: error.reason };
        case 'RequirementsNotMet':
            return { RequirementsNotMet: { app_id: error.appId, lacks: error.lacks } };
        case 'PayloadTooLarge':
            return { PayloadTooLarge: { max: error.maxBytes } };
        case 'InsufficientCredits':
            return { InsufficientCredits: { available: error.available } };
        case 'IdempotencyConflict':
            return { IdempotencyConflict: error.jobId };
        case 'Busy':
            return {
                Busy: {
                    retry_after_ms: error.retryAfterMs,
                    queue_len: error.queueLength,
                    est_wait_ms: error.estimatedWaitMs
                }
            };
        case 'RateLimited':
            return { RateLimited: { retry_after_ms: error.retryAfterMs } };
        case 'KeyLimitReached':
            return { KeyLimitReached: { left: error.leftCredits } };
        case 'PriceTooHigh':
            return { PriceTooHigh: { unit_price_credits: error.unitPriceCredits } };
        case 'TooManyNodes':
        case 'TooManyGateways':
        case 'TooManyApps':
            return { [error.kind]: { max: error.max } };
        case 'UsageTooHigh':
            return { UsageTooHigh: { max_units: error.maxUnits } };
        case 'Anonymous':
        case 'Unauthorized':
        case 'NotFound':
        case 'AlreadyExists':
        case 'AppNotFound':
        case 'KeyNotFound':
        case 'KeyRevoked':
        case 'AppNotAllowed':
        case 'NotRedrivable':
        case 'NotCancellable':
        case 'NoNodeAvailable':
        case 'SessionEnded':
        case 'AppMismatch':
        case 'Exhausted':
        case 'StaleReceipt':
        case 'NodeInactive':
        case 'NotBound':
        case 'NotAttached':
        case 'StaleLease':
        case 'ResultConflict':
            return { [error.kind]: null };
        default:
            return unreachable(error);
    }
}
