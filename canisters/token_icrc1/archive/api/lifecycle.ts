import { init, postUpgrade } from '../../../../src/azle/endpoint';
import { checkSchema, stampSchema } from '../../../../src/azle/schema';
import { ArchiveInit, type CandidArchiveInit } from '../../api/idl_archive';
import { log, SCHEMA_VERSION, settings, tables } from '../wiring';

/** Installation by the ledger, and upgrades, which change nothing. */
export class Lifecycle {
    @init([ArchiveInit])
    install({ ledger, start, capacity, max_transactions_per_response }: CandidArchiveInit): void {
        stampSchema(tables, SCHEMA_VERSION);
        settings.set({ ledger, capacity, blocksPerResponse: max_transactions_per_response[0] });
        log.begin(start);
    }

    @postUpgrade([ArchiveInit])
    upgrade(): void {
        checkSchema(tables, SCHEMA_VERSION);
    }
}
