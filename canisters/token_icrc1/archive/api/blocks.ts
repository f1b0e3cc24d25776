import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query } from '../../../../src/azle/endpoint';
import { minAmount } from '../../../../src/core/amount';
import { HttpRequest, HttpResponse, serveMonitoring } from '../../../../src/azle/http';
import {
    BlockTypes,
    GetArchivesArgs,
    GetArchivesResult,
    GetBlocksArgs,
    GetBlocksResult,
    LegacyValue,
    TipCertificate,
    type CandidBlockType,
    type CandidGetArchivesResult,
    type CandidGetBlocksArgs,
    type CandidGetBlocksResult,
    type CandidLegacyValue,
    type CandidTipCertificate
} from '../../api/idl_blocks';
import { Transaction, type CandidTransaction } from '../../api/idl_history';
import { toLegacyBlock, toNumberedBlock } from '../../api/mappers_blocks';
import { toTransaction } from '../../api/mappers_history';
import { toOpt } from '../../api/mappers';
import type { Opt } from '../../api/idl';
import { locate, type RequestedRange } from '../../domain/block_ranges';
import { blockOf } from '../../domain/journal';
import { HISTORY_LIMIT, ICRC3_LIMIT, LEGACY_LIMIT, type ShownBlock } from '../../domain/log_reader';
import { SUPPORTED_BLOCK_TYPES } from '../../domain/standards';
import { log, settings } from '../wiring';

/** What anyone may read: the same methods as the ledger's, for the blocks that are here. */
export class Blocks {
    @query([IDL.Vec(GetBlocksArgs)], GetBlocksResult)
    icrc3_get_blocks(args: CandidGetBlocksArgs[]): CandidGetBlocksResult {
        const { start, next } = log.bounds();
        const blocks = show(args, ICRC3_LIMIT).map(toNumberedBlock);
        return { log_length: next - start, blocks, archived_blocks: [] };
    }

    @query([GetArchivesArgs], GetArchivesResult)
    icrc3_get_archives(): CandidGetArchivesResult {
        return [];
    }

    /** Archives certify nothing: the ledger's tip covers their blocks. */
    @query([], TipCertificate)
    icrc3_get_tip_certificate(): CandidTipCertificate {
        return [];
    }

    @query([], BlockTypes)
    icrc3_supported_block_types(): readonly CandidBlockType[] {
        return SUPPORTED_BLOCK_TYPES;
    }

    @query([GetBlocksArgs], IDL.Record({ blocks: IDL.Vec(LegacyValue) }))
    get_blocks(args: CandidGetBlocksArgs): { blocks: CandidLegacyValue[] } {
        return { blocks: show([args], atMost(LEGACY_LIMIT)).map(toLegacyBlock) };
    }

    @query([GetBlocksArgs], IDL.Record({ transactions: IDL.Vec(Transaction) }))
    get_transactions(args: CandidGetBlocksArgs): { transactions: CandidTransaction[] } {
        return { transactions: show([args], atMost(HISTORY_LIMIT)).map(({ bytes }) => toTransaction(blockOf(bytes))) };
    }

    @query([IDL.Nat64], IDL.Opt(Transaction))
    get_transaction(id: bigint): Opt<CandidTransaction> {
        const bytes = log.bytes(id);
        return toOpt(bytes && toTransaction(blockOf(bytes)));
    }

    @query([], IDL.Nat64)
    remaining_capacity(): bigint {
        return log.remaining();
    }

    @query([], IDL.Opt(IDL.Principal))
    ledger_id(): Opt<Principal> {
        return toOpt(settings.get()?.ledger);
    }

    @query([HttpRequest], HttpResponse)
    http_request(request: HttpRequest): HttpResponse {
        const { start, next } = log.bounds();
        return serveMonitoring(request, () => [
            { name: 'archive_first_block', help: 'Index of the first block.', kind: 'gauge', value: start },
            { name: 'archive_blocks', help: 'Blocks held.', kind: 'counter', value: next - start },
            { name: 'archive_remaining', help: 'Room in blocks.', kind: 'gauge', value: log.remaining() }
        ]);
    }
}

/** `max_transactions_per_response` lowers the official limits of the older queries; those of ICRC-3 are fixed. */
function atMost(limit: bigint): bigint {
    return minAmount(settings.get()?.blocksPerResponse ?? limit, limit);
}

function show(args: readonly RequestedRange[], limit: bigint): readonly ShownBlock[] {
    const { start, next } = log.bounds();
    const blocks: ShownBlock[] = [];
    for (const range of locate(args, { first: start, end: next }, limit).local) {
        for (let id = range.start; id < range.end; id++) {
            const bytes = log.bytes(id);
            if (bytes !== undefined) blocks.push({ id, bytes, parentHash: log.parentHash(id) });
        }
    }
    return blocks;
}
