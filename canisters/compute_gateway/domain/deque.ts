import type { Table } from '../../../src/core/table';

/** Where a queue's entries lie: positions [head, tail), some of them already empty. */
export interface DequeEnds {
    readonly head: bigint;
    readonly tail: bigint;
    /** Entries that are really there. */
    readonly live: bigint;
}

export interface DequePosition<K> {
    readonly key: K;
    readonly position: bigint;
}

/** Positions start in the middle, so that there is room on both sides. */
const START = 1n << 63n;
const EMPTY: DequeEnds = { head: START, tail: START, live: 0n };

/** Many double-ended queues of job ids, one per key. Every operation touches a constant number of entries. */
export class Deques<K> {
    constructor(
        private readonly ends: Table<K, DequeEnds>,
        private readonly entries: Table<DequePosition<K>, bigint>
    ) {}

    length(key: K): bigint {
        return this.endsOf(key).live;
    }

    /** Appends and returns the position, with which the entry can be removed. */
    pushBack(key: K, id: bigint): bigint {
        const ends = this.endsOf(key);
        return this.put(key, ends.tail, id, { ...ends, tail: ends.tail + 1n });
    }

    /** Prepends and returns the position. */
    pushFront(key: K, id: bigint): bigint {
        const ends = this.endsOf(key);
        return this.put(key, ends.head - 1n, id, { ...ends, head: ends.head - 1n });
    }

    /** Removes one entry from wherever it is. The hole that it leaves is skipped, and dropped when it reaches the head. */
    remove(key: K, position: bigint): void {
        const at = { key, position };
        if (!this.entries.has(at)) return;
        this.entries.delete(at);
        const ends = this.endsOf(key);
        const live = ends.live - 1n;
        const head = position === ends.head ? position + 1n : ends.head;
        this.save(key, live === 0n ? EMPTY : { ...ends, head, live });
    }

    /** The first id that suits, looking at no more than `limit` positions; holes at the head are dropped for good. */
    find(key: K, limit: number, suits: (id: bigint) => boolean): bigint | undefined {
        const ends = this.endsOf(key);
        let { head } = ends;
        let found: bigint | undefined;
        for (let at = ends.head, seen = 0; at < ends.tail && seen < limit && found === undefined; at++, seen++) {
            const id = this.entries.get({ key, position: at });
            if (id === undefined && at === head) head = at + 1n;
            if (id !== undefined && suits(id)) found = id;
        }
        if (head !== ends.head) this.save(key, { ...ends, head });
        return found;
    }

    private put(key: K, position: bigint, id: bigint, ends: DequeEnds): bigint {
        this.entries.set({ key, position }, id);
        this.save(key, { ...ends, live: ends.live + 1n });
        return position;
    }

    private endsOf(key: K): DequeEnds {
        return this.ends.get(key) ?? EMPTY;
    }

    private save(key: K, ends: DequeEnds): void {
        if (ends.live === 0n) this.ends.delete(key);
        else this.ends.set(key, ends);
    }
}
