import type { Codec } from './codec';
import type { Lists, Table } from './table';

/** A page of a list; `HEAD` is the last one, still open, behind the list's length. */
export interface PageKey<K> {
    readonly key: K;
    readonly page: number;
}

const HEAD = 0xffff_ffff;
const ID_BYTES = 8;
/** Ids of a page. */
const PAGE = 64;
const EMPTY = new Uint8Array(ID_BYTES);

/** The list's key, then the page's number. */
export function pageKey<K>(key: Codec<K>): Codec<PageKey<K>> {
    return {
        encode(of) {
            const list = key.encode(of.key);
            const bytes = new Uint8Array(list.length + 4);
            bytes.set(list);
            new DataView(bytes.buffer).setUint32(list.length, of.page);
            return bytes;
        },
        decode(bytes) {
            const list = bytes.slice(0, bytes.length - 4);
            return { key: key.decode(list), page: new DataView(bytes.buffer, bytes.byteOffset).getUint32(list.length) };
        }
    };
}

/**
 * Lists of 64-bit ids, 64 to a row: what is appended one by one, by many owners, and read by the page. An append writes one
 * row; where each entry and the length are rows of their own (`Lists`) it writes two, in a tree 64 times as large.
 * @param pages of all lists
 * @param heads the open pages, if they have a table of their own: one that does not grow with the lists
 */
export function pagedIds<K>(
    pages: Table<PageKey<K>, Uint8Array>,
    heads: Table<K, Uint8Array> = headsAmong(pages)
): Lists<K, bigint> {
    const append = (key: K, id: bigint): bigint => {
        const head = heads.get(key) ?? EMPTY;
        const length = idAt(head, 0);
        const isFull = head.length === (PAGE + 1) * ID_BYTES;
        if (isFull) pages.set({ key, page: Number(length / BigInt(PAGE)) - 1 }, head.slice(ID_BYTES));
        const kept = isFull ? EMPTY : head;
        const extended = new Uint8Array(kept.length + ID_BYTES);
        extended.set(kept);
        const view = new DataView(extended.buffer);
        view.setBigUint64(0, length + 1n);
        view.setBigUint64(kept.length, id);
        heads.set(key, extended);
        return length;
    };
    return {
        length: (key) => idAt(heads.get(key) ?? EMPTY, 0),
        get(key, index) {
            const head = heads.get(key) ?? EMPTY;
            const length = idAt(head, 0);
            if (index < 0n || index >= length) return undefined;
            const open = BigInt(head.length / ID_BYTES - 1);
            if (index >= length - open) return idAt(head, Number(index - (length - open)) + 1);
            const page = pages.get({ key, page: Math.floor(Number(index) / PAGE) });
            return page === undefined ? undefined : idAt(page, Number(index) % PAGE);
        },
        append,
        appendAll(key, ids) {
            for (const id of ids) append(key, id);
        }
    };
}

/** Open pages in the table of all pages. */
function headsAmong<K>(pages: Table<PageKey<K>, Uint8Array>): Table<K, Uint8Array> {
    return {
        get: (key) => pages.get({ key, page: HEAD }),
        set: (key, head) => pages.set({ key, page: HEAD }, head),
        delete: (key) => pages.delete({ key, page: HEAD }),
        has: (key) => pages.has({ key, page: HEAD }),
        size: () => pages.size()
    };
}

function idAt(row: Uint8Array, index: number): bigint {
    return new DataView(row.buffer, row.byteOffset, row.byteLength).getBigUint64(index * ID_BYTES);
}
