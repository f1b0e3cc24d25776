import { accountToText } from '../../../src/core/account';
import { toHex } from '../../../src/core/bytes';
import { E8S_PER_EMC } from '../../../src/core/amount';
import { RESEND_WINDOW_NS } from '../../../src/core/transfer_intents';
import { NS_PER_S } from '../../../src/core/clock';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { windowState } from '../../../canisters/hub/domain/settlement';
import { aHub, allPairs, GENESIS_NS, PRICE_E8S, TestHub } from './a_hub';
import { principalNamed, type PeerCall } from './fake_peers';

const alice = principalNamed('alice');
const bob = principalNamed('bob');
const emc = (amount: bigint): bigint => amount * E8S_PER_EMC;

const stakeOf = (amountE8s: bigint, termDays: bigint) => ({
    remainingE8s: amountE8s,
    termDays,
    startNs: GENESIS_NS,
    endNs: GENESIS_NS + termDays * 86_400n * NS_PER_S
});

const stateOf = (t: TestHub, window: bigint): string => windowState(t.hub.settlements.get(window));

const pairsOf = (t: TestHub, window: bigint) => allPairs(t.hub.windows, window);

/** A hub with one node, and one user who spent 100 credits there in window 0. */
async function aTradedWindow(): Promise<TestHub> {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 1_000n);
    t.call(alice, node, 100n);
    t.at(7_200n);
    return t;
}

test('AS-73: a window settles once, after its end', async () => {
    const t = await aTradedWindow();
    t.at(7_199n);
    expect(await t.settle(0n)).toBe('NotEnded');
    t.at(7_200n);
    expect(await t.settle(0n)).toBe('Ok');
    expect(await t.settle(0n)).toBe('AlreadySettled');
    expect(stateOf(t, 0n)).toBe('Settled');
});

test('AS-73: of two calls at once one settles and the other is InProgress', async () => {
    const t = await aTradedWindow();
    expect(await Promise.all([t.settle(0n), t.settle(0n)])).toEqual(['Ok', 'InProgress']);
    expect(t.peers.calls.filter((call) => call === 'transfer').length).toBe(2);
    expect(t.peers.settled.size).toBe(1);
});

test('the money of a window reaches rewards in one transfer, less the ledger fee', async () => {
    const t = await aTradedWindow();
    await t.settle(0n);
    const report = t.peers.settled.get(0n)?.report;
    expect(report?.moneyE8s).toBe(100n * PRICE_E8S);
    expect(report?.trades).toEqual([
        { node: principalNamed('A'), trades: [{ buyer: alice, priceE8s: 100n * PRICE_E8S }] }
    ]);
    expect(t.hub.credits.totals()).toEqual({
        bought: 1_000n,
        available: 900n,
        held: 0n,
        captured: 0n,
        settled: 100n,
        withdrawing: 0n,
        withdrawn: 0n
    });
    expect(t.unexplainedE8s()).toBe(0n);
});

test('an empty window settles with all weights and no trades', async () => {
    const t = await aHub();
    t.peers.node('V', { class: 'validator', stake: stakeOf(emc(1_000_000n), 360n) });
    t.peers.node('idle', { eligible: false });
    t.at(7_200n);
    expect(await t.settle(0n)).toBe('Ok');
    const report = t.peers.settled.get(0n)?.report;
    expect(report).toMatchObject({ trades: [], moneyE8s: 0n, weights: [{ weight: 10_000_000_000n }] });
    expect(t.peers.calls).not.toContain('transfer');
});

test('AS-14: the four reference nodes weigh 10 000 000 000, 1 000 000 000, 895 953 754 and 49 639 287', async () => {
    const t = await aHub();
    t.peers.node('V', { class: 'validator', stake: stakeOf(emc(1_000_000n), 360n) });
    t.peers.node('R', { class: 'router', stake: stakeOf(emc(100_000n), 180n) });
    t.peers.node('A', { eValueE8: 144_508_670n, stake: stakeOf(emc(1_445n), 90n) });
    t.peers.node('B', { eValueE8: 49_639_287n });
    t.at(7_200n);
    await t.settle(0n);
    const weights = t.peers.settled.get(0n)?.report.weights.map(({ weight }) => weight);
    expect(weights).toEqual([10_000_000_000n, 1_000_000_000n, 895_953_754n, 49_639_287n]);
});

test('AS-20: with credit × stake weights an unstaked node is left out', async () => {
    const t = await aHub(S3_1000M);
    t.peers.node('A', { stake: stakeOf(emc(1_000n), 90n) });
    t.peers.node('unstaked');
    t.at(7_200n);
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report.weights).toEqual([{ node: principalNamed('A'), weight: 10n * emc(1_000n) }]);
});

test('a stake counts if it was in force at the window’s end', async () => {
    const t = await aHub();
    const stake = stakeOf(emc(100_000n), 180n);
    t.peers.node('ended', { class: 'router', stake: { ...stake, endNs: GENESIS_NS + 7_200n * NS_PER_S } });
    t.peers.node('later', { class: 'router', stake: { ...stake, startNs: GENESIS_NS + 7_201n * NS_PER_S } });
    t.peers.node('just', { class: 'router', stake: { ...stake, startNs: GENESIS_NS + 7_200n * NS_PER_S } });
    t.at(7_300n);
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report.weights.map(({ node }) => node)).toEqual([principalNamed('just')]);
});

test('H6: what the node’s own wallet paid earns nothing and comes back; unregistered nodes earn nothing either', async () => {
    const t = await aHub();
    const own = t.peers.node('own', { wallet: alice });
    const other = t.peers.node('other');
    const ghost = principalNamed('ghost');
    await t.buy(alice, 1_000n);
    t.call(alice, own, 300n);
    t.call(alice, other, 50n);
    t.call(alice, ghost, 7n);
    t.at(7_200n);
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report.trades).toEqual([
        { node: other, trades: [{ buyer: alice, priceE8s: 50n * PRICE_E8S }] }
    ]);
    expect(t.hub.credits.account(alice)).toEqual({
        bought: 1_000n,
        available: 950n,
        held: 0n,
        spent: 50n,
        withdrawn: 0n
    });
    expect(t.hub.windows.usage({ window: 0n, node: own })).toMatchObject({ credits: 300n, returned: 300n });
    expect(t.hub.settlements.get(0n)).toMatchObject({ returnedCredits: 307n, tradeCredits: 50n });
    expect(t.unexplainedE8s()).toBe(0n);
});

test('a node that pays for its own work is a self-call; one without a wallet still earns', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    t.peers.facts.set(node.toText(), {});
    await t.buy(node, 100n);
    await t.buy(alice, 100n);
    t.call(node, node, 20n);
    t.call(alice, node, 30n);
    t.at(7_200n);
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report.trades).toEqual([
        { node, trades: [{ buyer: alice, priceE8s: 30n * PRICE_E8S }] }
    ]);
});

test('a node that rewards has not heard of yet delays the window; one that nobody registered earns nothing', async () => {
    const t = await aTradedWindow();
    const node = principalNamed('A');
    t.peers.unheardOf.add(node.toText());
    expect(await t.settle(0n)).toBe('TemporarilyUnavailable');
    expect(t.hub.credits.account(alice).spent).toBe(100n);
    t.peers.unheardOf.clear();
    expect(await t.settle(0n)).toBe('Ok');
    expect(t.peers.settled.get(0n)?.report.moneyE8s).toBe(100n * PRICE_E8S);
    expect(t.peers.calls.filter((call) => call === 'areRegistered').length).toBe(1);
});

test('trades whose fee does not cover the transfer wait for the next window', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 100n);
    t.call(alice, node, 4n);
    t.at(7_200n);
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report).toMatchObject({ trades: [], moneyE8s: 0n });
    expect(t.hub.settlements.get(0n)).toMatchObject({ carriedCredits: 4n, trades: 0n });
    t.call(alice, node, 1n);
    t.at(14_400n);
    await t.settle(1n);
    expect(t.peers.settled.get(1n)?.report.trades).toEqual([
        { node, trades: [{ buyer: alice, priceE8s: 5n * PRICE_E8S }] }
    ]);
    expect(t.hub.windows.sums(1n).credits).toBe(1n);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('a carried trade is carried again until something pays for it, and is never given back', async () => {
    const t = await aHub();
    const node = t.peers.node('A');
    await t.buy(alice, 100n);
    t.call(alice, node, 3n);
    t.at(14_400n);
    await t.settle(0n);
    t.peers.facts.set(node.toText(), { walletOwner: alice });
    await t.settle(1n);
    expect(t.hub.settlements.get(1n)).toMatchObject({ returnedCredits: 0n, carriedCredits: 3n });
    expect(pairsOf(t, 2n)).toEqual([{ node, pairs: [{ buyer: alice, fresh: 0n, carried: 3n, marketE8s: 0n }] }]);
});

test('missed windows are settled one by one, in order, by the timer', async () => {
    const t = await aTradedWindow();
    t.at(7_200n * 4n + 60n);
    expect(await t.settle(2n)).toBe('WrongWindow');
    await t.hub.settleWindows.settleDue();
    expect([...t.peers.settled.keys()]).toEqual([0n, 1n, 2n, 3n]);
    expect(t.hub.settlements.nextWindow()).toBe(4n);
});

test('the timer waits for the grace', async () => {
    const t = await aTradedWindow();
    t.at(7_259n);
    expect(t.hub.settleWindows.secondsUntilDue()).toBe(1n);
    await t.hub.settleWindows.settleDue();
    expect(stateOf(t, 0n)).toBe('Open');
    t.at(7_260n);
    await t.hub.settleWindows.settleDue();
    expect(stateOf(t, 0n)).toBe('Settled');
});

test('a hub that comes late begins with the round that rewards expects', async () => {
    const t = await aHub(S2_2100M, 5n);
    t.at(7_200n * 6n);
    expect(await t.settle(4n)).toBe('AlreadySettled');
    expect(await t.settle(5n)).toBe('Ok');
});

const STEPS: readonly PeerCall[] = ['rules', 'payees', 'weightSnapshot', 'nodeStakes', 'transfer', 'settleRound'];

test.each(STEPS.flatMap((call) => [[call, 'down'] as const, [call, 'reply_lost'] as const]))(
    'the settlement goes on after %s met %s, and the result is the same',
    async (call, fault) => {
        const [smooth, rough] = [await aTradedWindow(), await aTradedWindow()];
        await smooth.settle(0n);
        rough.peers.failNext(call, fault);
        expect(await rough.settle(0n)).toBe('TemporarilyUnavailable');
        expect(await rough.settle(0n)).toBe('Ok');
        const hashes = [smooth, rough].map((t) =>
            toHex(t.peers.settled.get(0n)?.report.sourceHash ?? new Uint8Array())
        );
        expect(hashes[1]).toBe(hashes[0]);
        const purse = accountToText(rough.peers.settlementPurse());
        expect(rough.peers.balances.get(purse)).toBe(smooth.peers.balances.get(purse));
        expect(rough.hub.credits.totals()).toEqual(smooth.hub.credits.totals());
        expect(rough.unexplainedE8s()).toBe(0n);
    }
);

test('retries slow down from 5 seconds to five minutes, and a success forgets the failures', async () => {
    const t = await aTradedWindow();
    t.at(7_260n);
    const waits: bigint[] = [];
    t.peers.failNext('settleRound', ...Array.from({ length: 8 }, () => 'down' as const));
    for (let failure = 0; failure < 8; failure++) {
        await t.hub.settleWindows.settleDue();
        waits.push(t.hub.settleWindows.secondsUntilDue());
        t.advance(t.hub.settleWindows.secondsUntilDue());
    }
    expect(waits).toEqual([5n, 10n, 20n, 40n, 80n, 160n, 300n, 300n]);
    await t.hub.settleWindows.settleDue();
    expect(stateOf(t, 0n)).toBe('Settled');
    expect(t.hub.tables.setback.get().failures).toBe(0n);
});

test('an upgrade during the transfer leaves it in doubt, and the ledger’s Duplicate tells', async () => {
    const t = await aTradedWindow();
    const bought = t.peers.calls.length;
    t.peers.meanwhile = (call) => (call === 'transfer' ? new Promise(() => undefined) : undefined);
    void t.settle(0n);
    for (let turn = 0; turn < 100 && !t.peers.calls.includes('transfer', bought); turn++) await Promise.resolve();
    expect(stateOf(t, 0n)).toBe('Transferring');
    t.peers.meanwhile = () => undefined;
    expect(await t.settle(0n)).toBe('InProgress');
    t.hub.lease.release();
    expect(await t.settle(0n)).toBe('TemporarilyUnavailable');
    t.hub.settlements.paymentInterrupted();
    expect(await t.settle(0n)).toBe('Ok');
    expect(t.unexplainedE8s()).toBe(0n);
});

const GIFT_E8S = 100_000_000_000n;

test.each(['reply_lost', 'down'] as const)(
    'when the ledger has forgotten the transfer (%s), its log tells whether the money has left',
    async (fault) => {
        const t = await aTradedWindow();
        t.peers.failNext('transfer', fault);
        await t.settle(0n);
        const purse = t.peers.settlementPurse();
        // Enough for rewards to take the window for paid, and pages to read through.
        for (let n = 0; n < 3; n++) t.peers.gift(principalNamed('stranger'), purse, GIFT_E8S);
        t.peers.forgetsTransactions = true;
        t.advance(RESEND_WINDOW_NS / NS_PER_S + 1n);
        expect(await t.settle(0n)).toBe('TemporarilyUnavailable');
        t.advance(2n * 3_600n);
        expect(await t.settle(0n)).toBe('Ok');
        expect(t.hub.credits.totals().captured).toBe(0n);
        expect(t.unexplainedE8s()).toBe(0n);
        expect(t.peers.balances.get(accountToText(purse))).toBe(3n * GIFT_E8S);
    }
);

test('what is recorded while a window settles counts in the next', async () => {
    const t = await aTradedWindow();
    const node = principalNamed('A');
    t.peers.meanwhile = (call) => {
        if (call === 'weightSnapshot') t.call(alice, node, 11n);
    };
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report.moneyE8s).toBe(100n * PRICE_E8S);
    expect(t.hub.windows.sums(1n).credits).toBe(11n);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('an answer that comes after the lease ran out and another run went on changes nothing', async () => {
    const t = await aTradedWindow();
    let answerLate: () => void = () => undefined;
    t.peers.meanwhile = (call) =>
        call === 'weightSnapshot' ? new Promise<void>((resolve) => (answerLate = resolve)) : undefined;
    const late = t.settle(0n);
    for (let turn = 0; turn < 50 && !t.peers.calls.includes('weightSnapshot'); turn++) await Promise.resolve();
    t.peers.meanwhile = () => undefined;
    t.advance(601n);
    expect(await t.settle(0n)).toBe('Ok');
    answerLate();
    await late;
    expect(t.peers.settled.get(0n)?.report.weights.length).toBe(1);
    expect(t.hub.settlements.get(0n)?.weights).toBe(1n);
    expect(t.unexplainedE8s()).toBe(0n);
});

test('a page that arrives late, after another run has weighed it and stopped, is not weighed twice', async () => {
    const t = await aHub();
    for (let index = 0; index < 150; index++) t.peers.node(`node ${index}`);
    t.at(7_200n);
    let answerLate: () => void = () => undefined;
    t.peers.meanwhile = () => new Promise<void>((resolve) => (answerLate = resolve));
    const late = t.settle(0n);
    for (let turn = 0; turn < 50 && !t.peers.calls.includes('weightSnapshot'); turn++) await Promise.resolve();
    t.peers.meanwhile = (call) => {
        if (call === 'nodeStakes') t.peers.failNext('weightSnapshot', 'down');
    };
    t.advance(601n);
    expect(await t.settle(0n)).toBe('TemporarilyUnavailable');
    expect(t.hub.settlements.get(0n)?.step).toEqual({ kind: 'weigh', start: 100n });
    t.peers.meanwhile = () => undefined;
    answerLate();
    await late;
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report.weights.length).toBe(150);
});

test('250 nodes and 250 buyers are settled page by page, each once', async () => {
    const t = await aHub();
    await t.buy(bob, 10_000n);
    const nodes = Array.from({ length: 250 }, (_, index) => t.peers.node(`node ${index}`));
    for (const node of nodes) t.call(bob, node, 2n);
    t.at(7_200n);
    expect(await t.settle(0n)).toBe('Ok');
    const report = t.peers.settled.get(0n)?.report;
    expect(new Set(report?.weights.map(({ node }) => node.toText())).size).toBe(250);
    expect(new Set(report?.trades.map(({ node }) => node.toText())).size).toBe(250);
    expect(report?.moneyE8s).toBe(500n * PRICE_E8S);
    expect(t.hub.settlements.get(0n)?.moneyE8s).toBe(500n * PRICE_E8S);
    expect(t.peers.balances.get(accountToText(t.peers.settlementPurse()))).toBe(0n);
});

test('fees are floored trade by trade, as rewards does, before they are held against the transfer', async () => {
    const t = await aHub();
    t.hub.tables.config.set({ ...t.hub.tables.config.get(), creditPriceE8s: 4n });
    const nodes = ['A', 'B'].map((name) => t.peers.node(name));
    t.peers.fund(alice, 10n ** 9n);
    await t.hub.tradeCredits.buy({ owner: alice, credits: 300_000n, account: { owner: alice } });
    for (const node of nodes) t.call(alice, node, 62_501n);
    t.at(7_200n);
    await t.settle(0n);
    expect(t.hub.settlements.get(0n)).toMatchObject({ moneyE8s: 500_008n, feesE8s: 100_000n });
    t.call(alice, nodes[0] ?? alice, 62_502n);
    t.call(alice, nodes[1] ?? alice, 62_498n);
    t.at(14_400n);
    await t.settle(1n);
    expect(t.hub.settlements.get(1n)).toMatchObject({ moneyE8s: 0n, carriedCredits: 125_000n });
});

test('without a clock nothing is settled, and it is asked for until it is known', async () => {
    const t = new TestHub();
    t.peers.failNext('clock', 'down');
    expect(await t.hub.learnClock()).toBe(false);
    expect(await t.settle(0n)).toBe('TemporarilyUnavailable');
    expect(await t.hub.learnClock()).toBe(true);
    t.at(7_200n);
    expect(await t.settle(0n)).toBe('Ok');
});
