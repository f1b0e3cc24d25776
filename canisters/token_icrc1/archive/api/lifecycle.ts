import { init, postUpgrade } from '../../../../src/azle/endpoint';
import { checkSchema, stampSchema } from '../../../../src/azle/schema';
import { ArchiveInit, type CandidArchiveInit } from '../../api/idl_archive';
import { log, SCHEMA_VERSION, settings, tables } from '../wiring';

/** Installation by the ledger, and upgrades, which change nothing. */
export class Lifecycle {
    @init([ArchiveInit])
    install({ ledger, start, capacity }: CandidArchiveInit): void {
        stampSchema(tables, SCHEMA_VERSION);
        settings.set({ ledger, capacity });
        log.begin(start);
    }

    @postUpgrade([ArchiveInit])
    upgrade(): void {
        checkSchema(tables, SCHEMA_VERSION);
    }
}
