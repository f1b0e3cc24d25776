import { kindOf, keyOf, must, principalOf, World } from './world';

test('AS-35: only the holder of a key can register its id, and only once', () => {
    const world = new World();
    const theirs = { nodeClass: 'compute', publicKey: keyOf('x'), region: 'eu', bandwidthMbps: 1 } as const;
    expect(kindOf(world.registry.register(principalOf('thief'), theirs, world.now))).toBe('InvalidKey');
    expect(kindOf(world.registry.register(principalOf('x'), theirs, world.now))).toBe('ok');
    expect(kindOf(world.registry.register(principalOf('x'), theirs, world.now))).toBe('AlreadyExists');
});

test('AS-37: validators and routers need 100 Mb/s, compute nodes do not', () => {
    const world = new World();
    expect(world.register('slow', 'router', 99)).toEqual({
        ok: false,
        error: { kind: 'BandwidthTooLow', minMbps: 100 }
    });
    expect(kindOf(world.register('v', 'validator', 99))).toBe('BandwidthTooLow');
    expect(kindOf(world.register('r', 'router', 100))).toBe('ok');
    expect(kindOf(world.register('c', 'compute', 0))).toBe('ok');
});

test('register: refuses a missing or endless region', () => {
    const world = new World();
    const apply = (region: string) =>
        world.registry.register(
            principalOf('x'),
            { nodeClass: 'compute', publicKey: keyOf('x'), region, bandwidthMbps: 1 },
            world.now
        );
    expect(kindOf(apply(''))).toBe('InvalidArgument');
    expect(kindOf(apply('r'.repeat(65)))).toBe('InvalidArgument');
    expect(kindOf(apply('r'.repeat(64)))).toBe('ok');
});

test('register: a node starts as Registered, unseen, without wallet and E', () => {
    const world = new World();
    const node = must(world.register('x', 'compute'));
    expect(node.record).toMatchObject({ status: 'Registered', eValueE8: 0n });
    expect(world.registry.profile(node.id)).toMatchObject({ wallet: undefined, registeredAtNs: world.now });
    expect(node.presence.lastStatusNs).toBe(0n);
});

test('unregister: only without a stake; the same key may come back with a newer version of its facts', () => {
    const world = new World();
    const version = must(world.register('x', 'router')).record.factsVersion;
    const stake = { nodeClass: 'router', remainingE8s: 1n, termDays: 180n, endNs: world.now + 1n } as const;
    expect(kindOf(world.stakes.unregister(principalOf('x'), stake, world.now))).toBe('StakeActive');
    must(world.stakes.unregister(principalOf('x'), undefined, world.now));
    expect(kindOf(world.registry.findLiving(principalOf('x')))).toBe('NotFound');
    expect(world.registry.page(0n, 10n, () => true).items).toEqual([]);
    const again = must(world.register('x', 'compute'));
    expect(again.record).toMatchObject({ nodeClass: 'compute', status: 'Registered' });
    expect(again.record.factsVersion).toBeGreaterThan(version);
    expect(world.registry.page(0n, 10n, () => true).items).toHaveLength(1);
});

test('register: a removed node never comes back', () => {
    const world = new World();
    must(world.register('x', 'router'));
    world.registry.apply(principalOf('x'), 'stake_confirmed', world.now);
    world.registry.apply(principalOf('x'), 'impeached', world.now);
    expect(kindOf(world.register('x', 'router'))).toBe('Removed');
    expect(kindOf(world.report('x'))).toBe('Removed');
});

test('page: pages join to the whole list, filtered or not', () => {
    const world = new World();
    const labels = Array.from({ length: 7 }, (_, i) => `n${i}`);
    for (const label of labels) must(world.register(label, 'compute'));
    const seen: string[] = [];
    let start: bigint | undefined = 0n;
    while (start !== undefined) {
        const page = world.registry.page(start, 3n, () => true);
        seen.push(...page.items.map((node) => node.id.toText()));
        start = page.next;
    }
    expect(seen).toEqual(labels.map((label) => principalOf(label).toText()));
    expect(world.registry.page(7n, 3n, () => true)).toEqual({ items: [], next: undefined });
    expect(world.registry.page(0n, 3n, () => false)).toEqual({ items: [], next: 3n });
});

test('outbox: news queue in order, each node once, and what comes meanwhile stays', () => {
    const world = new World();
    for (const label of ['a', 'b']) must(world.register(label, 'compute'));
    for (const label of ['a', 'b', 'a']) world.registry.changeFacts(principalOf(label), { eValueE8: 5n });
    const { nodes, until } = world.outbox.batch(50n);
    expect(nodes.map(String)).toEqual([principalOf('a'), principalOf('b')].map(String));
    world.registry.changeFacts(principalOf('b'), { eValueE8: 6n });
    world.outbox.acknowledge(until);
    expect(world.outbox.batch(50n).nodes.map(String)).toEqual([principalOf('b').toText()]);
    world.outbox.acknowledge(until);
    expect(world.outbox.pending()).toBe(1n);
});

test('outbox: a batch has a bound', () => {
    const world = new World();
    for (let i = 0; i < 5; i++) {
        must(world.register(`n${i}`, 'compute'));
        world.registry.changeFacts(principalOf(`n${i}`), { eValueE8: 5n });
    }
    const { nodes, until } = world.outbox.batch(2n);
    world.outbox.acknowledge(until);
    expect([nodes.length, world.outbox.pending()]).toEqual([2, 3n]);
});
