import fc from 'fast-check';
import { byValue, cachedTable } from '../../../src/core/cached_table';
import { u64Key } from '../../../src/core/codec';
import { MemoryTables } from '../../../src/core/table';

const LIMIT = 3;
const key = fc.bigInt({ min: 0n, max: 8n });
const step = fc.oneof(
    fc.record({ kind: fc.constant('get' as const), key }),
    fc.record({ kind: fc.constant('set' as const), key, value: fc.bigInt({ min: 0n, max: 99n }) }),
    fc.record({ kind: fc.constant('delete' as const), key })
);

test('a cached table tells what the table holds, whatever was forgotten meanwhile', () => {
    fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
            const table = new MemoryTables().table(0, u64Key, u64Key);
            const cached = cachedTable(table, byValue, LIMIT);
            for (const next of steps) {
                if (next.kind === 'set') cached.set(next.key, next.value);
                else if (next.kind === 'delete') cached.delete(next.key);
                expect(cached.get(next.key)).toBe(table.get(next.key));
                expect(cached.has(next.key)).toBe(table.has(next.key));
            }
        })
    );
});

test('the rows of the last reads and writes are not read again', () => {
    const table = new MemoryTables().table(0, u64Key, u64Key);
    let reads = 0;
    const counted = {
        ...table,
        get: (id: bigint) => {
            reads += 1;
            return table.get(id);
        }
    };
    const cached = cachedTable(counted, byValue, LIMIT);
    for (let id = 0n; id < 20n; id++) cached.set(id, id);
    for (let id = 17n; id < 20n; id++) expect(cached.get(id)).toBe(id);
    expect(reads).toBe(0);
    expect(cached.get(0n)).toBe(0n);
    expect(reads).toBe(1);
});
