/** What a deployer does once for a ledger that is to have archives. */
import { readFile } from 'node:fs/promises';
import { buildArchive } from '../../scripts/lib/canister_build';
import { sha256 } from '../../src/core/hash';
import { accepted } from './compute_market';
import type { LedgerService } from './single_ledger';

const CHUNK = 1024 * 1024;

/** Small archives that are fed soon. */
export const ARCHIVE_OPTIONS = {
    trigger_threshold: [20n],
    num_blocks_to_archive: [7n],
    max_blocks_per_archive: [30n],
    node_max_memory_size_bytes: [],
    cycles_for_archive_creation: [1_000_000_000_000n],
    controller_id: []
};

/** Gives the ledger the code of its archives. */
export async function giveArchiveModule(controller: LedgerService): Promise<void> {
    const module = await readFile((await buildArchive()).wasmGzPath);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < module.length; at += CHUNK) {
        const stored = await controller.upload_archive_chunk(new Uint8Array(module.subarray(at, at + CHUNK)));
        chunks.push(Uint8Array.from(accepted(stored)));
    }
    accepted(await controller.set_archive_module({ hash: sha256(module), chunks }));
}
