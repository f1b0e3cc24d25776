/** Lists of ids in pages and cached tables do what plain lists and tables do. */
import fc from 'fast-check';
import { byBytes, cachedTable } from '../../../src/core/cached_table';
import { bytesKey, textKey, u64Key } from '../../../src/core/codec';
import { pagedIds, pageKey } from '../../../src/core/paged_ids';
import { MemoryTables } from '../../../src/core/table';

const together = (tables: MemoryTables) => pagedIds(tables.table(1, pageKey(textKey), bytesKey));
const apart = (tables: MemoryTables) =>
    pagedIds(tables.table(1, pageKey(textKey), bytesKey), tables.table(2, textKey, bytesKey));

test.each([
    ['among the others', together],
    ['in a table of their own', apart]
])('a list in pages, open ones %s, is the list that was appended, at every length, also for new code', (_, opened) => {
    const tables = new MemoryTables();
    const lists = opened(tables);
    const plain: bigint[] = [];
    for (let i = 0; i < 200; i++) {
        expect(lists.append('a', BigInt(i * 7))).toBe(BigInt(i));
        plain.push(BigInt(i * 7));
        if (i % 13 === 0) lists.append('b', 1n);
        expect(lists.length('a')).toBe(BigInt(plain.length));
    }
    const again = opened(tables.reopened());
    expect(plain.map((_id, index) => again.get('a', BigInt(index)))).toEqual(plain);
    expect(again.get('a', 200n)).toBeUndefined();
    expect(again.get('c', 0n)).toBeUndefined();
    expect([again.length('b'), again.length('c')]).toEqual([16n, 0n]);
});

test('a cached table answers as the table beneath it, whatever is remembered, and every write goes through', () => {
    const step = fc.record({ kind: fc.constantFrom('set', 'delete', 'get', 'has'), key: fc.nat(6), value: fc.nat() });
    fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
            const tables = new MemoryTables();
            const cached = cachedTable(tables.table(0, u64Key, u64Key), byBytes(u64Key), 3);
            const plain = new Map<bigint, bigint>();
            for (const { kind, key, value } of steps) {
                const name = BigInt(key);
                if (kind === 'set') {
                    cached.set(name, BigInt(value));
                    plain.set(name, BigInt(value));
                } else if (kind === 'delete') {
                    cached.delete(name);
                    plain.delete(name);
                } else if (kind === 'get') expect(cached.get(name)).toBe(plain.get(name));
                else expect(cached.has(name)).toBe(plain.has(name));
            }
            const stored = tables.reopened().table(0, u64Key, u64Key);
            expect(stored.size()).toBe(plain.size);
            for (const [name, value] of plain) expect(stored.get(name)).toBe(value);
        })
    );
});
