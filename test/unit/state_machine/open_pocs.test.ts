import fc from 'fast-check';
import { OpenPocs } from '../../../canisters/state_machine/domain/open_pocs';
import { World } from './world';

test('OpenPocs: is a set without holes, whatever is added and removed', () => {
    fc.assert(
        fc.property(fc.array(fc.record({ id: fc.bigInt(0n, 9n), adds: fc.boolean() }), { maxLength: 60 }), (steps) => {
            const open = new OpenPocs(new World().tables);
            const expected = new Set<bigint>();
            for (const { id, adds } of steps) {
                if (adds && !expected.has(id)) open.add(id);
                if (!adds) open.remove(id);
                if (adds) expected.add(id);
                else expected.delete(id);
                const listed = Array.from({ length: Number(open.size()) }, (_, at) => open.at(BigInt(at)));
                expect(listed).toHaveLength(expected.size);
                expect(new Set(listed)).toEqual(expected);
            }
        })
    );
});
