import { azleEnv } from '../../../src/azle/azle_env';
import { StableTables } from '../../../src/azle/stable_tables';
import { appended, codecOf, principal, record, u64, u64Key, optional } from '../../../src/core/codec';
import type { Principal } from '@dfinity/principal';
import { archivedBlockCodec, ArchivedLog, boundsCodec } from '../domain/archived_log';

/** Changes when stored bytes change their meaning. */
export const SCHEMA_VERSION = 1;

const BLOCKS_MEMORY = 0;

/** What an archive is told once. */
export interface ArchiveSettings {
    readonly ledger: Principal;
    readonly capacity: bigint;
    /** Blocks that the older queries answer at most. */
    readonly blocksPerResponse?: bigint;
}

const settingsCodec = codecOf(
    optional(
        record<ArchiveSettings>({
            ledger: principal,
            capacity: u64,
            blocksPerResponse: appended(optional(u64), undefined)
        })
    )
);

export const env = azleEnv;
export const tables = new StableTables();
export const settings = tables.cell('settings', settingsCodec, undefined);

const blocks = tables.table(BLOCKS_MEMORY, u64Key, archivedBlockCodec);
const bounds = tables.cell('bounds', boundsCodec, { start: 0n, next: 0n });

/** The archive over stable memory. */
export const log = new ArchivedLog(blocks, bounds, () => settings.get()?.capacity ?? 0n);
