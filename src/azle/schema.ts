import { codecOf, u32 } from '../core/codec';
import type { TableFactory } from '../core/table';

/** The installed code cannot read what is stored: the upgrade traps, and the old code stays. */
export class SchemaMismatch extends Error {
    constructor(
        readonly stored: number,
        readonly supported: number
    ) {
        super(`stored schema ${stored}, supported ${supported}`);
        this.name = 'SchemaMismatch';
    }
}

/** Writes the schema version at install. */
export function stampSchema(tables: TableFactory, version: number): void {
    tables.cell('schema', codecOf(u32), 0).set(version);
}

/** Refuses an upgrade over stable memory that another schema wrote. */
export function checkSchema(tables: TableFactory, version: number): void {
    const stored = tables.cell('schema', codecOf(u32), 0).get();
    if (stored !== version) throw new SchemaMismatch(stored, version);
}
