import type { StateTables } from './records';

/**
 * The proofs that are not final, as a list without holes: a removed entry's place is taken by the last one, so that
 * adding, removing and paging cost the same whatever the history.
 */
export class OpenPocs {
    constructor(private readonly tables: StateTables) {}

    size(): bigint {
        return BigInt(this.tables.openPocs.size());
    }

    at(position: bigint): bigint | undefined {
        return this.tables.openPocs.get(position);
    }

    add(id: bigint): void {
        const position = this.size();
        this.tables.openPocs.set(position, id);
        this.tables.openPocPositions.set(id, position);
    }

    remove(id: bigint): void {
        const position = this.tables.openPocPositions.get(id);
        if (position === undefined) return;
        const last = this.size() - 1n;
        const moved = this.tables.openPocs.get(last);
        if (moved !== undefined && moved !== id) {
            this.tables.openPocs.set(position, moved);
            this.tables.openPocPositions.set(moved, position);
        }
        this.tables.openPocs.delete(last);
        this.tables.openPocPositions.delete(id);
    }
}
