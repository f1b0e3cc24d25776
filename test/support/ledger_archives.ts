/** What a deployer does once for a ledger that is to have archives. */
import { readFile } from 'node:fs/promises';
import { buildArchive } from '../../scripts/lib/canister_build';
import { giveArchiveModule as giveModule } from '../../src/client/ledger_archive';
import type { LedgerService } from './single_ledger';

/** Small archives that are fed soon. */
export const ARCHIVE_OPTIONS = {
    trigger_threshold: [20n],
    num_blocks_to_archive: [7n],
    max_blocks_per_archive: [30n],
    node_max_memory_size_bytes: [],
    cycles_for_archive_creation: [1_000_000_000_000n],
    controller_id: [],
    more_controller_ids: [],
    max_message_size_bytes: [],
    max_transactions_per_response: []
};

/** Gives the ledger the code of its archives, as this project builds it. */
export async function giveArchiveModule(controller: LedgerService): Promise<void> {
    await giveModule(controller, new Uint8Array(await readFile((await buildArchive()).wasmGzPath)));
}
