import type { Table } from './table';

/**
 * A list without holes over two tables, values by position and positions by value: a removed value's place is taken by the
 * last one, so that adding, removing and paging cost the same whatever the history.
 */
export class DenseList<V> {
    constructor(
        private readonly values: Table<bigint, V>,
        private readonly positions: Table<V, bigint>
    ) {}

    size(): bigint {
        return BigInt(this.values.size());
    }

    at(position: bigint): V | undefined {
        return this.values.get(position);
    }

    has(value: V): boolean {
        return this.positions.has(value);
    }

    /** Adds a value that the list does not have. */
    add(value: V): void {
        const position = this.size();
        this.values.set(position, value);
        this.positions.set(value, position);
    }

    /** Removes a value; one that the list does not have changes nothing. */
    remove(value: V): void {
        const position = this.positions.get(value);
        if (position === undefined) return;
        const last = this.size() - 1n;
        const moved = this.values.get(last);
        if (moved !== undefined && position !== last) {
            this.values.set(position, moved);
            this.positions.set(moved, position);
        }
        this.values.delete(last);
        this.positions.delete(value);
    }
}
