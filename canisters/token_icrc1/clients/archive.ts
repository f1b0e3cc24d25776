import type { Principal } from '@dfinity/principal';
import { callRemote, remoteMethod } from '../../../src/azle/c2c';
import { compileArgs } from '../../../src/core/candid/codec';
import {
    AppendArgs,
    AppendResult,
    ArchiveInit,
    type CandidAppendArgs,
    type CandidAppendError,
    type CandidAppendResult,
    type CandidArchiveInit
} from '../api/idl_archive';
import { toOpt } from '../api/mappers';
import type { AppendAnswer, ArchiveStep } from '../domain/archiving';

const appendBlocks = remoteMethod<[CandidAppendArgs], CandidAppendResult>('append_blocks', [AppendArgs], AppendResult);
const init = compileArgs<[CandidArchiveInit]>([ArchiveInit]);

/** The init argument of an archive. */
export function archiveInit(ledger: Principal, step: Extract<ArchiveStep, { kind: 'install' }>): Uint8Array {
    const { start, capacity, blocksPerResponse } = step;
    return init.encode([{ ledger, start, capacity, max_transactions_per_response: toOpt(blocksPerResponse) }]);
}

/** Sends blocks to an archive. An answer that does not come is a refusal: the same blocks are sent again later. */
export async function sendBlocks(step: Extract<ArchiveStep, { kind: 'append' }>): Promise<AppendAnswer> {
    const { canister, start, parentHash, blocks } = step;
    const args = { start, parent_hash: toOpt(parentHash), blocks: [...blocks] };
    const answer = await callRemote(canister, appendBlocks, [args]);
    if (!answer.ok) return { kind: 'refused', reason: answer.error.message };
    return 'Ok' in answer.value ? { kind: 'holds', end: answer.value.Ok } : fromError(answer.value.Err);
}

function fromError(error: CandidAppendError): AppendAnswer {
    if ('Full' in error) return { kind: 'full', end: error.Full.next };
    // The archive holds less than it has confirmed, or other blocks: nothing more is dropped until somebody looks.
    return { kind: 'refused', reason: Object.keys(error).join() };
}
