import { update } from '../../../../src/azle/endpoint';
import {
    AppendArgs,
    AppendResult,
    type CandidAppendArgs,
    type CandidAppendError,
    type CandidAppendResult
} from '../../api/idl_archive';
import type { AppendRefusal } from '../../domain/archived_log';
import { env, log, settings } from '../wiring';

/** What the ledger sends. */
export class Append {
    /** Role: the archive's ledger. The same request may come any number of times. */
    @update([AppendArgs], AppendResult)
    append_blocks(args: CandidAppendArgs): CandidAppendResult {
        if (settings.get()?.ledger.compareTo(env.caller()) !== 'eq') return { Err: { NotLedger: null } };
        const [parent] = args.parent_hash;
        const appended = log.append({
            start: args.start,
            parentHash: parent && Uint8Array.from(parent),
            blocks: args.blocks.map(({ block, hash }) => ({
                block: Uint8Array.from(block),
                hash: Uint8Array.from(hash)
            }))
        });
        return appended.ok ? { Ok: appended.value } : { Err: toError(appended.error) };
    }
}

function toError(refusal: AppendRefusal): CandidAppendError {
    switch (refusal.kind) {
        case 'gap':
            return { Gap: { next: refusal.next } };
        case 'other_parent':
            return { OtherParent: { at: refusal.at } };
        case 'full':
            return { Full: { next: refusal.next } };
    }
}
