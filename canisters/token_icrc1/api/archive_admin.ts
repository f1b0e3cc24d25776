import { IDL } from 'azle';
import { SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { storeChunk } from '../../../src/azle/management';
import type { CandidResult } from '../../../src/core/result';
import { archiveLater } from '../jobs/feed_archive';
import { archiving, env } from '../wiring';
import type { Blob } from './idl';

const blob = IDL.Vec(IDL.Nat8);
const NotController = IDL.Variant({ NotController: IDL.Null, Failed: IDL.Text });
type CandidAdminError = { NotController: null } | { Failed: string };

const ChunkResult = IDL.Variant({ Ok: blob, Err: NotController });
const ArchiveModule = IDL.Record({ hash: blob, chunks: IDL.Vec(blob) });
interface CandidArchiveModule {
    hash: Blob;
    chunks: Blob[];
}
const ModuleResult = IDL.Variant({ Ok: IDL.Null, Err: NotController });

/** The code of archives, which the ledger installs by itself when it needs one. */
export class ArchiveAdmin {
    /** Role: controller. Puts a piece of the archives' module, at most 1 MiB, into the ledger's chunk store; answers its hash. */
    @update([blob], ChunkResult, SERVED_WHILE_PAUSED)
    async upload_archive_chunk(chunk: Blob): Promise<CandidResult<Uint8Array, CandidAdminError>> {
        if (!env.isController(env.caller())) return { Err: { NotController: null } };
        const stored = await storeChunk(env.self(), Uint8Array.from(chunk));
        return stored.ok ? { Ok: stored.value } : { Err: { Failed: stored.error.message } };
    }

    /** Role: controller. Names the module that the uploaded pieces make up; from then on archives can be created. */
    @update([ArchiveModule], ModuleResult, SERVED_WHILE_PAUSED)
    set_archive_module({ hash, chunks }: CandidArchiveModule): CandidResult<null, CandidAdminError> {
        if (!env.isController(env.caller())) return { Err: { NotController: null } };
        const module = { hash: Uint8Array.from(hash), chunks: chunks.map((chunk) => Uint8Array.from(chunk)) };
        archiving.configure({ module });
        archiveLater();
        return { Ok: null };
    }
}
