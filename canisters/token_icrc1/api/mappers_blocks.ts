import type { Icrc3Value } from '../../../src/core/icrc3/value';
import type { ArchivedRange } from '../domain/archives';
import { blockValue } from '../domain/block_value';
import { blockOf } from '../domain/journal';
import type { ShownBlock, ShownBlocks } from '../domain/log_reader';
import { encodeBlock } from './encode_block';
import { toOpt } from './mappers';
import type { CandidGetBlocksResult, CandidLegacyBlocks, CandidLegacyValue, CandidNumberedBlock } from './idl_blocks';

/** ICRC-3 `GetBlocksResult`; the archived part names the archives that hold it. */
export function toGetBlocksResult(shown: ShownBlocks, archived: readonly ArchivedRange[]): CandidGetBlocksResult {
    return {
        log_length: shown.logLength,
        blocks: shown.blocks.map(toNumberedBlock),
        archived_blocks: archived.map(({ canister, start, end }) => ({
            args: [{ start, length: end - start }],
            callback: [canister, 'icrc3_get_blocks']
        }))
    };
}

/** An element of ICRC-3's `blocks`. */
export function toNumberedBlock({ id, bytes, parentHash }: ShownBlock): CandidNumberedBlock {
    return { id, block: encodeBlock(bytes, parentHash) };
}

/** A block of the older interface. */
export function toLegacyBlock({ bytes, parentHash }: ShownBlock): CandidLegacyValue {
    return toLegacyValue(blockValue(blockOf(bytes), parentHash));
}

/** The older interface's page of blocks. */
export function toLegacyBlocks(
    shown: ShownBlocks,
    archived: readonly ArchivedRange[],
    certificate: Uint8Array | undefined
): CandidLegacyBlocks {
    return {
        first_index: shown.firstIndex,
        chain_length: shown.logLength,
        certificate: toOpt(certificate),
        blocks: shown.blocks.map(toLegacyBlock),
        archived_blocks: archived.map(({ canister, start, end }) => ({
            start,
            length: end - start,
            callback: [canister, 'get_blocks']
        }))
    };
}

const NAT64_END = 1n << 64n;

/** Numbers of 64 bits are `Nat64` there, except the parts of amounts that do not fit. */
function toLegacyValue(value: Icrc3Value): CandidLegacyValue {
    if ('Nat' in value) return value.Nat < NAT64_END ? { Nat64: value.Nat } : value;
    if ('Array' in value) return { Array: value.Array.map(toLegacyValue) };
    if ('Map' in value) return { Map: value.Map.map(([key, entry]) => [key, toLegacyValue(entry)]) };
    return value;
}
