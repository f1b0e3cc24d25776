/** Reports to rewards that do not fit one call. */
import { aHub, PRICE_E8S, type TestHub } from './a_hub';
import { principalNamed, type PeerCall } from './fake_peers';

const bob = principalNamed('bob');

/** A hub with more nodes and trades than one call may tell; every trade is worth 2 credits. */
async function aLargeWindow(): Promise<TestHub> {
    const t = await aHub();
    await t.buy(bob, 10_000n);
    for (let index = 0; index < 120; index++) t.call(bob, t.peers.node(`node ${index}`), 2n);
    t.at(7_200n);
    return t;
}

const PAGED: readonly PeerCall[] = ['beginRound', 'sendPage', 'commitRound'];

test.each(PAGED.flatMap((call) => [[call, 'down'] as const, [call, 'reply_lost'] as const]))(
    'a report in pages goes on after %s met %s, and the result is the same',
    async (call, fault) => {
        const [smooth, rough] = [await aLargeWindow(), await aLargeWindow()];
        expect(await smooth.settle(0n)).toBe('Ok');
        rough.peers.failNext(call, fault);
        expect(await rough.settle(0n)).toBe('TemporarilyUnavailable');
        expect(await rough.settle(0n)).toBe('Ok');
        expect(rough.peers.settled.get(0n)?.report).toEqual(smooth.peers.settled.get(0n)?.report);
        expect(rough.peers.calls).not.toContain('settleRound');
        expect(rough.unexplainedE8s()).toBe(0n);
    }
);

test('rewards that has forgotten what it was told is told from the start', async () => {
    const t = await aLargeWindow();
    t.peers.meanwhile = (call) => {
        if (call !== 'commitRound') return;
        t.peers.meanwhile = () => undefined;
        t.peers.staged = undefined;
    };
    expect(await t.settle(0n)).toBe('TemporarilyUnavailable');
    expect(t.hub.settlements.get(0n)?.step).toMatchObject({ kind: 'report', next: undefined });
    expect(await t.settle(0n)).toBe('Ok');
    expect(t.peers.calls.filter((call) => call === 'beginRound').length).toBe(2);
    expect(t.peers.calls.filter((call) => call === 'sendPage').length).toBe(8);
});

test('an upgrade between two pages goes on with the next one', async () => {
    const t = await aLargeWindow();
    t.peers.failNext('sendPage', 'down');
    await t.settle(0n);
    t.hub.lease.release();
    t.hub.settlements.paymentInterrupted();
    expect(await t.settle(0n)).toBe('Ok');
    expect(t.peers.calls.filter((call) => call === 'beginRound').length).toBe(1);
});

test('a node with more buyers than a step takes is screened over several steps, each buyer once', async () => {
    const t = await aHub();
    const [a, b] = [t.peers.node('A'), t.peers.node('B')];
    const buyers = Array.from({ length: 450 }, (_, index) => principalNamed(`buyer ${index}`));
    for (const buyer of buyers) {
        await t.buy(buyer, 2n);
        t.call(buyer, a, 1n);
        t.call(buyer, b, 1n);
    }
    t.at(7_200n);
    expect(await t.settle(0n)).toBe('Ok');
    const groups = t.peers.settled.get(0n)?.report.trades ?? [];
    for (const node of [a, b]) {
        const sold = groups.filter((group) => group.node.compareTo(node) === 'eq').flatMap(({ trades }) => trades);
        expect(new Set(sold.map(({ buyer }) => buyer.toText())).size).toBe(450);
        expect(sold.length).toBe(450);
    }
    expect(t.hub.settlements.get(0n)).toMatchObject({ trades: 900n, moneyE8s: 900n * PRICE_E8S });
    expect(t.unexplainedE8s()).toBe(0n);
});
