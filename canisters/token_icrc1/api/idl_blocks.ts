/** Candid types of ICRC-3 and of the official ledger's older block interface, and their TypeScript twins. */
import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import type { Encoded } from '../../../src/core/candid/output';
import type { Icrc3Value } from '../../../src/core/icrc3/value';
import type { Blob, Opt } from './idl';

const blob = IDL.Vec(IDL.Nat8);

/** ICRC-3 `Value`. */
export const Value = IDL.Rec();
Value.fill(
    IDL.Variant({
        Blob: blob,
        Text: IDL.Text,
        Nat: IDL.Nat,
        Int: IDL.Int,
        Array: IDL.Vec(Value),
        Map: IDL.Vec(IDL.Tuple(IDL.Text, Value))
    })
);

/** A range of block indices. */
export const GetBlocksArgs = IDL.Record({ start: IDL.Nat, length: IDL.Nat });
export interface CandidGetBlocksArgs {
    start: bigint;
    length: bigint;
}

/** Answer of `icrc3_get_blocks`. */
export const GetBlocksResult = IDL.Rec();
const ArchiveCallback = IDL.Func([IDL.Vec(GetBlocksArgs)], [GetBlocksResult], ['query']);
GetBlocksResult.fill(
    IDL.Record({
        log_length: IDL.Nat,
        blocks: IDL.Vec(IDL.Record({ id: IDL.Nat, block: Value })),
        archived_blocks: IDL.Vec(IDL.Record({ args: IDL.Vec(GetBlocksArgs), callback: ArchiveCallback }))
    })
);
/** Candid's `func` as @dfinity/candid represents it. */
export type CandidFunc = [Principal, string];
/** A block is encoded where its bytes are known (encode_block.ts); elsewhere it is a plain value. */
export interface CandidNumberedBlock {
    id: bigint;
    block: Icrc3Value | Encoded;
}
export interface CandidGetBlocksResult {
    log_length: bigint;
    blocks: CandidNumberedBlock[];
    archived_blocks: { args: CandidGetBlocksArgs[]; callback: CandidFunc }[];
}

/** Answer of `icrc3_get_tip_certificate`. */
export const TipCertificate = IDL.Opt(IDL.Record({ certificate: blob, hash_tree: blob }));
export type CandidTipCertificate = Opt<{ certificate: Blob; hash_tree: Blob }>;

/** Argument and answer of `icrc3_get_archives`. */
export const GetArchivesArgs = IDL.Record({ from: IDL.Opt(IDL.Principal) });
export const GetArchivesResult = IDL.Vec(IDL.Record({ canister_id: IDL.Principal, start: IDL.Nat, end: IDL.Nat }));
export interface CandidGetArchivesArgs {
    from: Opt<Principal>;
}
export type CandidGetArchivesResult = { canister_id: Principal; start: bigint; end: bigint }[];

/** Answer of `icrc3_supported_block_types`. */
export const BlockTypes = IDL.Vec(IDL.Record({ block_type: IDL.Text, url: IDL.Text }));
export interface CandidBlockType {
    block_type: string;
    url: string;
}

/** `Value` of the older interface: numbers that fit are `Nat64`. */
export const LegacyValue = IDL.Rec();
LegacyValue.fill(
    IDL.Variant({
        Blob: blob,
        Text: IDL.Text,
        Nat: IDL.Nat,
        Nat64: IDL.Nat64,
        Int: IDL.Int,
        Array: IDL.Vec(LegacyValue),
        Map: IDL.Vec(IDL.Tuple(IDL.Text, LegacyValue))
    })
);
export type CandidLegacyValue =
    | { Blob: Blob }
    | { Text: string }
    | { Nat: bigint }
    | { Nat64: bigint }
    | { Int: bigint }
    | { Array: CandidLegacyValue[] }
    | { Map: [string, CandidLegacyValue][] };

const LegacyCallback = IDL.Func([GetBlocksArgs], [IDL.Record({ blocks: IDL.Vec(LegacyValue) })], ['query']);

/** Answer of the older `get_blocks`. */
export const LegacyBlocks = IDL.Record({
    first_index: IDL.Nat,
    chain_length: IDL.Nat64,
    certificate: IDL.Opt(blob),
    blocks: IDL.Vec(LegacyValue),
    archived_blocks: IDL.Vec(IDL.Record({ start: IDL.Nat, length: IDL.Nat, callback: LegacyCallback }))
});
export interface CandidLegacyBlocks {
    first_index: bigint;
    chain_length: bigint;
    certificate: Opt<Blob>;
    blocks: CandidLegacyValue[];
    archived_blocks: { start: bigint; length: bigint; callback: CandidFunc }[];
}

/** Answer of the older `get_data_certificate`. */
export const DataCertificate = IDL.Record({ certificate: IDL.Opt(blob), hash_tree: blob });
export interface CandidDataCertificate {
    certificate: Opt<Blob>;
    hash_tree: Blob;
}

/** Answer of the older `archives`. */
export const Archives = IDL.Vec(
    IDL.Record({ canister_id: IDL.Principal, block_range_start: IDL.Nat, block_range_end: IDL.Nat })
);
export type CandidArchives = { canister_id: Principal; block_range_start: bigint; block_range_end: bigint }[];
