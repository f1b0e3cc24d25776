/** Candid types between a ledger and its archives, and their TypeScript twins. */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { CandidResult } from '../../../src/core/result';
import type { Blob, Opt } from './idl';

const blob = IDL.Vec(IDL.Nat8);

/** Init argument of an archive: its ledger, its first block, how many it takes, and how many it answers at once. */
export const ArchiveInit = IDL.Record({
    ledger: IDL.Principal,
    start: IDL.Nat64,
    capacity: IDL.Nat64,
    max_transactions_per_response: IDL.Opt(IDL.Nat64)
});
export interface CandidArchiveInit {
    ledger: Principal;
    start: bigint;
    capacity: bigint;
    max_transactions_per_response: Opt<bigint>;
}

/** Argument of an archive's `append_blocks`: the ledger's stored bytes of consecutive blocks, and their ICRC-3 hashes. */
export const AppendArgs = IDL.Record({
    start: IDL.Nat64,
    parent_hash: IDL.Opt(blob),
    blocks: IDL.Vec(IDL.Record({ block: blob, hash: blob }))
});
export interface CandidAppendArgs {
    start: bigint;
    parent_hash: Opt<Blob>;
    blocks: { block: Blob; hash: Blob }[];
}

/** Answer of `append_blocks`: the index behind the last block that the archive holds, or why it takes none of these. */
export const AppendResult = IDL.Variant({
    Ok: IDL.Nat64,
    Err: IDL.Variant({
        NotLedger: IDL.Null,
        Gap: IDL.Record({ next: IDL.Nat64 }),
        OtherParent: IDL.Record({ at: IDL.Nat64 }),
        Full: IDL.Record({ next: IDL.Nat64 })
    })
});
export type CandidAppendError =
    { NotLedger: null } | { Gap: { next: bigint } } | { OtherParent: { at: bigint } } | { Full: { next: bigint } };
export type CandidAppendResult = CandidResult<bigint, CandidAppendError>;
