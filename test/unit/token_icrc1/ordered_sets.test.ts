import fc from 'fast-check';
import { bytesKey } from '../../../src/core/codec';
import { compareBytes, toHex } from '../../../src/core/bytes';
import { MemoryTables } from '../../../src/core/table';
import { nodeCodec, OrderedSets } from '../../../canisters/token_icrc1/domain/ordered_sets';

const SETS = [Uint8Array.of(), Uint8Array.of(1), Uint8Array.of(1, 0, 0, 0, 0)];

const member = fc.uint8Array({ minLength: 0, maxLength: 3 });
const step = fc.record({
    set: fc.nat(SETS.length - 1),
    kind: fc.constantFrom('add' as const, 'add' as const, 'remove' as const),
    member
});

test('sets of any history list their members in byte order, from anywhere, a page at a time', () => {
    fc.assert(
        fc.property(fc.array(step, { minLength: 100, maxLength: 400, size: 'max' }), member, (steps, after) => {
            const sets = new OrderedSets(new MemoryTables().table(0, bytesKey, nodeCodec));
            const model = SETS.map(() => new Map<string, Uint8Array>());
            for (const { set, kind, member: one } of steps) {
                sets[kind](SETS[set] ?? one, one);
                if (kind === 'add') model[set]?.set(toHex(one), one);
                else model[set]?.delete(toHex(one));
            }
            model.forEach((expected, i) => {
                const sorted = [...expected.values()].sort(compareBytes);
                const name = SETS[i] ?? after;
                expect(sets.list(name, undefined, 1_000)).toEqual(sorted);
                const behind = sorted.filter((one) => compareBytes(one, after) > 0);
                expect(sets.list(name, after, 1_000)).toEqual(behind);
                expect(sets.list(name, after, 7)).toEqual(behind.slice(0, 7));
            });
        }),
        { numRuns: 100 }
    );
});

test('ten thousand members in any order stay sorted', () => {
    const sets = new OrderedSets(new MemoryTables().table(0, bytesKey, nodeCodec));
    const [set = Uint8Array.of()] = SETS;
    const order = Array.from({ length: 10_000 }, (_, i) => (i * 7_919) % 10_000);
    for (const i of order) sets.add(set, Uint8Array.of(i >> 8, i & 255));
    const listed = sets.list(set, undefined, 20_000);
    expect(listed.map(([high = 0, low = 0]) => (high << 8) | low)).toEqual(Array.from(order.keys()));
});
