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

/** What brings stable memory from a version to the next one. */
export type Migrations = ReadonlyMap<number, () => void>;

/** Migrates step by step from the version that stable memory has; refuses where a step is missing. */
export function upgradeSchema(tables: TableFactory, version: number, migrations: Migrations): void {
    const cell = tables.cell('schema', codecOf(u32), 0);
    const stored = cell.get();
    for (let at = stored; at < version; at++) {
        const migrate = migrations.get(at);
        if (migrate === undefined) throw new SchemaMismatch(stored, version);
        migrate();
    }
    if (stored > version) throw new SchemaMismatch(stored, version);
    if (stored < version) cell.set(version);
}
