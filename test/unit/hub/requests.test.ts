import { concerns } from '../../../canisters/hub/domain/requests';
import { aHub, PRICE_E8S } from './a_hub';
import { principalNamed } from './fake_peers';

const alice = principalNamed('alice');
const bob = principalNamed('bob');

test('AS-71: every request is kept with its status, and only successes weigh', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 1_000n);
    const statuses = ['Success', 'Success', 'Success', 'Failed', 'Timeout'] as const;
    const ids = statuses.map((status) => t.call(alice, node, 40n, status));
    expect(ids.map((id) => t.hub.requests.get(id)?.outcome)).toMatchObject(
        statuses.map((status) => ({ status, node, creditsUsed: status === 'Success' ? 40n : 0n }))
    );
    expect(t.hub.windows.sums(0n)).toEqual({
        records: 5n,
        successes: 3n,
        credits: 120n,
        cancelledCredits: 0n,
        marketE8s: 0n
    });
    expect(t.hub.windows.usage({ window: 0n, node })).toMatchObject({ records: 5n, successes: 3n, credits: 120n });
    expect(t.hub.credits.account(alice)).toEqual({
        bought: 1_000n,
        available: 880n,
        held: 0n,
        spent: 120n,
        withdrawn: 0n
    });
});

test('AS-72: a result counts in the window in which it is recorded', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 1_000n);
    const [early, onTheEdge, late] = [t.open(alice, 10n), t.open(alice, 20n), t.open(alice, 30n)];
    t.at(7_199n);
    t.record(early, node, 'Success', 10n);
    t.at(7_200n);
    t.record(onTheEdge, node, 'Success', 20n);
    t.at(9_000n);
    t.record(late, node, 'Success', 30n);
    expect([early, onTheEdge, late].map((id) => t.hub.requests.get(id)?.outcome?.window)).toEqual([0n, 1n, 1n]);
    expect(t.hub.windows.sums(0n)).toEqual({
        records: 1n,
        successes: 1n,
        credits: 10n,
        cancelledCredits: 0n,
        marketE8s: 0n
    });
    expect(t.hub.windows.sums(1n)).toEqual({
        records: 2n,
        successes: 2n,
        credits: 50n,
        cancelledCredits: 0n,
        marketE8s: 0n
    });
});

test('a reservation that is not used comes back', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 100n);
    const id = t.open(alice, 60n);
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 40n, held: 60n, spent: 0n });
    t.record(id, node, 'Success', 25n);
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 75n, held: 0n, spent: 25n });
});

test('the identical opening is answered the same and reserves once; another one under its id is refused', async () => {
    const t = await aHub();
    await t.buy(alice, 100n);
    const call = { requestId: 9n, payer: { kind: 'Principal', owner: alice } as const, appId: 'chat', maxCredits: 60n };
    const first = t.hub.requests.open(call, t.nowNs());
    expect(t.hub.requests.open(call, t.nowNs() + 5n)).toMatchObject(first);
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 40n, held: 60n });
    for (const change of [{ maxCredits: 61n }, { appId: 'image' }, { payer: { ...call.payer, owner: bob } }]) {
        expect(t.hub.requests.open({ ...call, ...change }, t.nowNs())).toEqual({
            ok: false,
            error: { kind: 'DuplicateRequest' }
        });
    }
});

test('the identical result is answered the same and counts once; another one is refused', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 100n);
    const id = t.open(alice, 60n);
    expect(t.record(id, node, 'Success', 30n).ok).toBe(true);
    t.at(8_000n);
    expect(t.record(id, node, 'Success', 30n).ok).toBe(true);
    expect(t.record(id, node, 'Success', 31n)).toEqual({ ok: false, error: { kind: 'AlreadyRecorded' } });
    expect(t.record(id, node, 'Failed', 30n)).toEqual({ ok: false, error: { kind: 'AlreadyRecorded' } });
    expect(t.record(id, bob, 'Success', 30n)).toEqual({ ok: false, error: { kind: 'AlreadyRecorded' } });
    expect(t.hub.windows.sums(0n).records).toBe(1n);
    expect(t.hub.windows.sums(1n).records).toBe(0n);
});

test('nothing is reserved beyond what is available, and nothing captured beyond the reservation', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 50n);
    const payer = { kind: 'Principal', owner: alice } as const;
    const opened = t.hub.requests.open({ requestId: 1n, payer, appId: 'chat', maxCredits: 51n }, t.nowNs());
    expect(opened).toEqual({ ok: false, error: { kind: 'InsufficientCredits', available: 50n } });
    expect(t.hub.requests.get(1n)).toBeUndefined();
    const id = t.open(alice, 50n, 2n);
    expect(t.record(id, node, 'Success', 51n)).toEqual({ ok: false, error: { kind: 'CreditsExceedReservation' } });
    expect(t.hub.requests.get(id)?.outcome).toBeUndefined();
    expect(t.record(77n, node, 'Success', 1n)).toEqual({ ok: false, error: { kind: 'NotFound' } });
});

test('compute.md 11: a cancelled call pays what was done, as a trade that is no success and no weight', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 100n);
    const id = t.open(alice, 60n);
    expect(t.record(id, undefined, 'Cancelled', 25n)).toMatchObject({ ok: false, error: { kind: 'InvalidArgument' } });
    expect(t.record(id, node, 'Cancelled', 61n)).toMatchObject({ error: { kind: 'CreditsExceedReservation' } });
    for (let time = 0; time < 2; time++) expect(t.record(id, node, 'Cancelled', 25n).ok).toBe(true);
    expect(t.record(id, node, 'Cancelled', 24n)).toEqual({ ok: false, error: { kind: 'AlreadyRecorded' } });
    expect(t.hub.requests.get(id)?.outcome).toMatchObject({ status: 'Cancelled', creditsUsed: 25n, node });
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 75n, held: 0n, spent: 25n });
    expect(t.hub.windows.usage({ window: 0n, node })).toEqual({
        records: 1n,
        successes: 0n,
        credits: 0n,
        cancelledCredits: 25n,
        returned: 0n
    });
    t.at(7_200n);
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report.trades).toEqual([
        { node, trades: [{ buyer: alice, priceE8s: 25n * PRICE_E8S }] }
    ]);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('a cancelled call without a receipt of its own stays cancelled and pays nothing', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 100n);
    const id = t.open(alice, 60n);
    const result = { requestId: id, node, status: 'Cancelled', creditsUsed: 25n } as const;
    expect(t.hub.requests.record(result, 0n, t.nowNs())).toEqual({ ok: false, error: { kind: 'BadReceipt' } });
    expect(t.hub.requests.get(id)?.outcome).toMatchObject({ status: 'Cancelled', creditsUsed: 0n });
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 100n, held: 0n });
});

test.each(['Failed', 'Timeout'] as const)('a %s consumes nothing, whatever it claims', async (status) => {
    const t = await aHub();
    await t.buy(alice, 100n);
    const id = t.open(alice, 60n);
    expect(t.record(id, t.peers.node('A'), status, 60n).ok).toBe(true);
    expect(t.hub.requests.get(id)?.outcome).toMatchObject({ status, creditsUsed: 0n });
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 100n, held: 0n, spent: 0n });
});

test('a success without a node is refused: nobody could be paid', async () => {
    const t = await aHub();
    await t.buy(alice, 50n);
    const id = t.open(alice, 10n);
    expect(t.record(id, undefined, 'Success', 1n)).toMatchObject({ ok: false, error: { kind: 'InvalidArgument' } });
    expect(t.record(id, undefined, 'Cancelled', 0n).ok).toBe(true);
});

test('lists run newest first, by payer and by node', async () => {
    const t = await aHub();
    const [a, b] = [t.peers.node('A'), t.peers.node('B')];
    await t.buy(alice, 100n);
    await t.buy(bob, 100n);
    const first = t.call(alice, a, 1n);
    const second = t.call(bob, a, 2n);
    const third = t.call(alice, b, 3n);
    const idsOf = (list: readonly { requestId: bigint }[]): bigint[] => list.map(({ requestId }) => requestId);
    expect(idsOf(t.hub.requests.listByOwner(alice, 0n, 10n))).toEqual([third, first]);
    expect(idsOf(t.hub.requests.listByOwner(alice, 1n, 10n))).toEqual([first]);
    expect(idsOf(t.hub.requests.listByNode(a, 0n, 1n))).toEqual([second]);
    expect(idsOf(t.hub.requests.listByNode(principalNamed('nobody'), 0n, 10n))).toEqual([]);
});

test('a request concerns its payer and probers, nobody else, and not its node, which must not learn who pays', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 100n);
    const request = t.hub.requests.get(t.call(alice, node, 1n));
    if (request === undefined) throw new Error('not kept');
    const readers = [alice, node, bob].map((who) => concerns(request, who, false));
    expect(readers).toEqual([true, false, false]);
    expect(concerns(request, bob, true)).toBe(true);
});
