import fc from 'fast-check';
import type { Principal } from '@dfinity/principal';
import { kindOf, must, principalOf, World } from './world';

function ready(labels: readonly string[]) {
    const world = new World();
    const members = world.withValidators(4);
    for (const label of labels) {
        world.prove(world.withComputeNode(label));
    }
    return { world, pools: world.rules.pools, members };
}

const texts = (nodes: readonly Principal[]): string[] => nodes.map((node) => node.toText()).sort();

test('a pool is founded and joined by active compute nodes that are in no other', () => {
    const { world, pools, members } = ready(['a', 'b']);
    world.withComputeNode('new');
    expect(kindOf(pools.create(principalOf('new'), 'p', world.now))).toBe('NotActive');
    expect(kindOf(pools.create(members[0]!, 'p', world.now))).toBe('NotAComputeNode');
    expect(kindOf(pools.create(principalOf('nobody'), 'p', world.now))).toBe('NotFound');
    expect(kindOf(pools.create(principalOf('a'), '', world.now))).toBe('InvalidArgument');
    expect(must(pools.create(principalOf('a'), 'renderers', world.now))).toMatchObject({ id: 0n, members: 1n });
    expect(pools.create(principalOf('a'), 'another', world.now)).toEqual({
        ok: false,
        error: { kind: 'AlreadyInPool', pool: 0n }
    });
    expect(kindOf(pools.join(principalOf('b'), 7n))).toBe('NotFound');
    expect(must(pools.join(principalOf('b'), 0n)).members).toBe(2n);
    expect(texts(pools.memberPage(0n, 0n, 10n).items)).toEqual(texts([principalOf('a'), principalOf('b')]));
    expect(must(pools.leave(principalOf('a'))).members).toBe(1n);
    expect(kindOf(pools.leave(principalOf('a')))).toBe('NotInPool');
    expect(pools.poolOf(principalOf('b'))).toBe(0n);
});

test('a node that leaves the network leaves its pool', () => {
    const { world, pools } = ready(['a', 'b']);
    must(pools.create(principalOf('a'), 'p', world.now));
    must(pools.join(principalOf('b'), 0n));
    must(world.stakes.unregister(principalOf('a'), undefined, world.now));
    expect(pools.poolOf(principalOf('a'))).toBeUndefined();
    expect(texts(pools.memberPage(0n, 0n, 10n).items)).toEqual(texts([principalOf('b')]));
});

test('property: places have no holes, and node and pool agree on who is where', () => {
    const labels = ['a', 'b', 'c', 'd'];
    const step = fc.record({ node: fc.nat(3), pool: fc.nat(1), joins: fc.boolean() });
    fc.assert(
        fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
            const { world, pools } = ready([...labels, 'x', 'y']);
            must(pools.create(principalOf('x'), 'one', world.now));
            must(pools.create(principalOf('y'), 'two', world.now));
            const expected = new Map<string, bigint>();
            for (const { node, pool, joins } of steps) {
                const id = principalOf(labels[node]!);
                const known = expected.get(id.toText());
                const done = joins ? pools.join(id, BigInt(pool)) : pools.leave(id);
                expect(done.ok).toBe(joins === (known === undefined));
                if (done.ok && joins) expected.set(id.toText(), BigInt(pool));
                if (done.ok && !joins) expected.delete(id.toText());
            }
            for (const pool of [0n, 1n]) {
                const founder = pool === 0n ? 'x' : 'y';
                const inside = [...expected].filter(([, at]) => at === pool).map(([node]) => node);
                const { items } = pools.memberPage(pool, 0n, 10n);
                expect(texts(items)).toEqual([...inside, principalOf(founder).toText()].sort());
                expect(pools.find(pool)?.members).toBe(BigInt(items.length));
            }
        }),
        { numRuns: 20 }
    );
});
