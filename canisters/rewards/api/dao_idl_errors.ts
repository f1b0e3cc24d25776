/** Candid types of the refusals of holders' stakes, governance and airdrops. */
import { IDL } from 'azle';
import type { DaoErrorDetails } from '../domain/dao_errors';

export const DAO_ERROR_TYPES: Readonly<Record<keyof DaoErrorDetails, IDL.Type>> = {
    AllocationMismatch: IDL.Record({ sum_e8s: IDL.Nat }),
    InPast: IDL.Record({ earliest_epoch: IDL.Nat64 }),
    Immutable: IDL.Text,
    AlreadyWithdrawn: IDL.Null,
    PoolShort: IDL.Record({ owed_e8s: IDL.Nat }),
    PoolExhausted: IDL.Record({ free_e8s: IDL.Nat }),
    BelowThreshold: IDL.Record({ power_e8s: IDL.Nat, needed_e8s: IDL.Nat }),
    NoPower: IDL.Null,
    AlreadyVoted: IDL.Null,
    VotingClosed: IDL.Null,
    VotingOpen: IDL.Record({ until_ns: IDL.Nat64 }),
    NotPassed: IDL.Null,
    Timelocked: IDL.Record({ until_ns: IDL.Nat64 }),
    AlreadyExecuted: IDL.Null,
    AlreadyClaimed: IDL.Null,
    InvalidProof: IDL.Null,
    Exhausted: IDL.Null,
    Expired: IDL.Null,
    NotAllowed: IDL.Null,
    NotGoverning: IDL.Null,
    TooManyOpen: IDL.Nat64,
    BooksMoved: IDL.Null
};
