import type { ActorMethod } from '@dfinity/agent';
import type { _SERVICE } from '../declarations/token_icrc1';
import { sha256 } from '../core/hash';

/** What the network takes as one chunk of a module. */
const CHUNK_BYTES = 1024 * 1024;

type Plain<Method> = Method extends ActorMethod<infer Args, infer Result> ? (...args: Args) => Promise<Result> : never;

/** The ledger as its controller sees it, as far as the code of archives is concerned. */
export interface ArchiveCodeTaker {
    readonly upload_archive_chunk: Plain<_SERVICE['upload_archive_chunk']>;
    readonly set_archive_module: Plain<_SERVICE['set_archive_module']>;
}

/** The ledger does not take the code of archives; `refusal` is its typed answer. */
export class ArchiveCodeRefused extends Error {
    constructor(readonly refusal: { NotController: null } | { Failed: string }) {
        super(
            'Failed' in refusal ? refusal.Failed : 'only a controller of the ledger may name the code of its archives'
        );
        this.name = 'ArchiveCodeRefused';
    }
}

/**
 * Gives the ledger the module that its archives run, in pieces; from then on it creates archives by itself. May be repeated, also
 * with another module: archives that exist keep theirs. Answers the module's hash. @throws {@link ArchiveCodeRefused}
 */
export async function giveArchiveModule(ledger: ArchiveCodeTaker, module: Uint8Array): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < module.length; at += CHUNK_BYTES) {
        const stored = await ledger.upload_archive_chunk(module.slice(at, at + CHUNK_BYTES));
        if ('Err' in stored) throw new ArchiveCodeRefused(stored.Err);
        chunks.push(Uint8Array.from(stored.Ok));
    }
    const hash = sha256(module);
    const named = await ledger.set_archive_module({ hash, chunks });
    if ('Err' in named) throw new ArchiveCodeRefused(named.Err);
    return hash;
}
