/** Entries that one query answers at most. */
export const PAGE_LIMIT = 100n;

/** Indices [start, end) of a page: clipped to what exists and to {@link PAGE_LIMIT}. */
export function pageRange(start: bigint, take: bigint, length: bigint, limit = PAGE_LIMIT): readonly [bigint, bigint] {
    const from = start < length ? start : length;
    const count = take < limit ? take : limit;
    const to = from + count < length ? from + count : length;
    return [from, to];
}

/** Collects a page of an indexed sequence; holes are skipped. */
export function collectPage<T>(
    start: bigint,
    take: bigint,
    length: bigint,
    get: (index: bigint) => T | undefined
): readonly T[] {
    const [from, to] = pageRange(start, take, length);
    const items: T[] = [];
    for (let index = from; index < to; index++) {
        const item = get(index);
        if (item !== undefined) items.push(item);
    }
    return items;
}
