import { IDL } from 'azle';
import { query } from '../../../src/azle/endpoint';
import { certificate } from '../../../src/azle/certified_data';
import { encodeTipTree } from '../../../src/core/icrc3/tip';
import { LEGACY_LIMIT, showBlocks } from '../domain/log_reader';
import { SUPPORTED_BLOCK_TYPES } from '../domain/standards';
import { books } from '../wiring';
import {
    Archives,
    BlockTypes,
    DataCertificate,
    GetArchivesArgs,
    GetArchivesResult,
    GetBlocksArgs,
    GetBlocksResult,
    LegacyBlocks,
    TipCertificate,
    type CandidArchives,
    type CandidBlockType,
    type CandidDataCertificate,
    type CandidGetArchivesArgs,
    type CandidGetArchivesResult,
    type CandidGetBlocksArgs,
    type CandidGetBlocksResult,
    type CandidLegacyBlocks,
    type CandidTipCertificate
} from './idl_blocks';
import { toOpt } from './mappers';
import { toGetBlocksResult, toLegacyBlocks } from './mappers_blocks';

/** ICRC-3, and the official ledger's older names for the same. Anyone may call every method. */
export class Icrc3 {
    /** Covers the last hashed block, which its tree names: blocks are hashed right after the message that appends them. */
    @query([], TipCertificate)
    icrc3_get_tip_certificate(): CandidTipCertificate {
        const tip = books.chain.tip();
        const certified = certificate();
        if (tip === undefined || certified === undefined) return [];
        return [{ certificate: certified, hash_tree: encodeTipTree(tip) }];
    }

    /** Blocks that are not hashed yet are hashed for this answer alone: what a query writes is gone with it. */
    @query([IDL.Vec(GetBlocksArgs)], GetBlocksResult)
    icrc3_get_blocks(args: CandidGetBlocksArgs[]): CandidGetBlocksResult {
        books.chain.extend();
        const shown = showBlocks(books, args);
        return toGetBlocksResult(shown, books.archives.spread(shown.archived));
    }

    @query([GetArchivesArgs], GetArchivesResult)
    icrc3_get_archives(args: CandidGetArchivesArgs): CandidGetArchivesResult {
        const listed = books.archives.after(args.from[0]);
        return listed.map(({ canister, start, end }) => ({ canister_id: canister, start, end: end - 1n }));
    }

    @query([], BlockTypes)
    icrc3_supported_block_types(): readonly CandidBlockType[] {
        return SUPPORTED_BLOCK_TYPES;
    }

    @query([GetBlocksArgs], LegacyBlocks)
    get_blocks(args: CandidGetBlocksArgs): CandidLegacyBlocks {
        books.chain.extend();
        const shown = showBlocks(books, [args], LEGACY_LIMIT);
        return toLegacyBlocks(shown, books.archives.spread(shown.archived), certificate());
    }

    @query([], DataCertificate)
    get_data_certificate(): CandidDataCertificate {
        const tip = books.chain.tip();
        return { certificate: toOpt(certificate()), hash_tree: tip ? encodeTipTree(tip) : EMPTY_TREE };
    }

    @query([], Archives)
    archives(): CandidArchives {
        return books.archives.filled().map(({ canister, start, end }) => ({
            canister_id: canister,
            block_range_start: start,
            block_range_end: end - 1n
        }));
    }
}

/** The empty hash tree in CBOR: `[0]`. */
const EMPTY_TREE = Uint8Array.of(0x81, 0x00);
