import { LISTINGS_PER_DAY } from '../../../canisters/hub/domain/listings';
import type { OrderState } from '../../../canisters/hub/domain/orders';
import { sumEscrow } from '../../../canisters/hub/domain/orders';
import { isEscrowBalanced } from '../../../canisters/hub/domain/escrow_book';
import { E8S_PER_EMC } from '../../../src/core/amount';
import { NS_PER_S } from '../../../src/core/clock';
import { aHub, GENESIS_NS, PRICE_E8S, type TestHub } from './a_hub';
import { principalNamed } from './fake_peers';

const seller = principalNamed('seller');
const buyer = principalNamed('buyer');
const bob = principalNamed('bob');
const FEE = 100_000n;
const emc = (amount: bigint): bigint => amount * E8S_PER_EMC;
const HOUR = 3_600n;

/** AS-63: 50 E at 20 EMC each; the hub knows node A, whose wallet is the seller's. */
async function aMarket(units = 50n, unitPriceE8s = emc(20n)): Promise<TestHub> {
    const t = await aHub();
    const node = t.peers.node('A', { wallet: seller });
    const expiresNs = GENESIS_NS + 30n * 24n * HOUR * NS_PER_S;
    const listing = { node, units, unitPriceE8s, deliveryS: 24n * HOUR, expiresNs };
    const listed = await t.hub.tradeCompute.list(listing, seller);
    if (!listed.ok) throw new Error(listed.error.kind);
    t.peers.fund(buyer, emc(5_000n));
    return t;
}

const buy = (t: TestHub, units = 50n, who = buyer) =>
    t.hub.tradeCompute.buy({ listing: 0n, units, buyer: who, payer: { owner: who } });
const codeOf = (result: { ok: true } | { ok: false; error: { kind: string } }): string =>
    result.ok ? 'Ok' : result.error.kind;
const stateOf = (t: TestHub, id = 0n): OrderState['kind'] | undefined => t.hub.orders.get(id)?.state.kind;
const unitsLeft = (t: TestHub): bigint | undefined => t.hub.listings.get(0n)?.unitsLeft;
const balanceOf = (t: TestHub, owner = buyer): bigint => t.peers.balance({ owner });

/** The timer's part that concerns orders. */
async function sweep(t: TestHub): Promise<void> {
    t.hub.market.endOverdue(t.nowNs(), 50);
    await t.hub.money.finishUnresolved();
}

function expectSound(t: TestHub): void {
    const totals = t.hub.escrow.totals();
    expect(isEscrowBalanced(totals)).toBe(true);
    expect(sumEscrow(t.hub.orders, 0n, 100n).escrowedE8s).toBe(totals.escrowedE8s);
    expect(t.unexplainedE8s()).toBe(0n);
}

async function aDelivered(): Promise<TestHub> {
    const t = await aMarket();
    await buy(t);
    t.hub.orders.deliver(0n, principalNamed('A'), t.nowNs());
    return t;
}

test('AS-63: an order of 50 E at 20 EMC each holds 1 000 EMC in escrow until it is confirmed', async () => {
    const t = await aMarket();
    expect(await buy(t)).toMatchObject({
        ok: true,
        value: { priceE8s: 100_000_000_000n, state: { kind: 'escrowed' } }
    });
    expect(t.hub.escrow.totals()).toMatchObject({ escrowedE8s: 100_000_000_000n, dueE8s: 0n });
    expect(balanceOf(t)).toBe(emc(4_000n) - FEE);
    expectSound(t);
    expect(codeOf(t.hub.orders.deliver(0n, seller, t.nowNs()))).toBe('Ok');
    expect(t.hub.escrow.totals().escrowedE8s).toBe(100_000_000_000n);
    expect(t.hub.market.confirm(0n, buyer, t.nowNs())).toMatchObject({
        value: { state: { kind: 'ended', end: 'confirmed', window: 0n, providerE8s: 100_000_000_000n } }
    });
    expect(t.hub.escrow.totals()).toMatchObject({ escrowedE8s: 0n, dueE8s: 100_000_000_000n });
    expectSound(t);
});

test('a confirmed order is a trade of its window, together with the calls of the same pair', async () => {
    const t = await aDelivered();
    await t.buy(buyer, 100n);
    t.call(buyer, principalNamed('A'), 30n);
    t.hub.market.confirm(0n, buyer, t.nowNs());
    expect(t.hub.windows.sums(0n)).toMatchObject({ credits: 30n, marketE8s: 100_000_000_000n });
    t.at(7_200n);
    expect(await t.settle(0n)).toBe('Ok');
    const priceE8s = 100_000_000_000n + 30n * PRICE_E8S;
    const report = t.peers.settled.get(0n)?.report;
    expect(report).toMatchObject({ moneyE8s: priceE8s });
    expect(report?.trades).toEqual([{ node: principalNamed('A'), trades: [{ buyer, priceE8s }] }]);
    expect(t.hub.escrow.totals()).toMatchObject({ dueE8s: 0n, settledE8s: 100_000_000_000n });
    expect(t.hub.credits.totals()).toMatchObject({ captured: 0n, settled: 30n });
    expectSound(t);
});

test('AS-63: a dispute that is decided for the buyer returns the price and makes no trade', async () => {
    const t = await aDelivered();
    expect(codeOf(t.hub.orders.dispute(0n, buyer, 'nothing came', t.nowNs()))).toBe('Ok');
    expect(codeOf(t.hub.market.confirm(0n, buyer, t.nowNs()))).toBe('WrongState');
    expect(codeOf(t.hub.market.resolve(0n, 0n, t.nowNs()))).toBe('Ok');
    expect(t.hub.escrow.totals()).toMatchObject({ escrowedE8s: 0n, refundingE8s: 100_000_000_000n });
    expectSound(t);
    t.advance(31n);
    await sweep(t);
    expect(t.hub.escrow.totals()).toMatchObject({ refundingE8s: 0n, refundedE8s: 100_000_000_000n });
    expect(t.hub.orders.get(0n)?.state).toMatchObject({ refunded: true, providerE8s: 0n });
    expect(balanceOf(t)).toBe(emc(5_000n) - 2n * FEE);
    t.at(7_200n);
    await t.settle(0n);
    expect(t.peers.settled.get(0n)?.report.trades).toEqual([]);
    expectSound(t);
});

test('a dispute may be split: the provider’s part is a trade, the rest goes back', async () => {
    const t = await aDelivered();
    t.hub.orders.dispute(0n, buyer, 'half of it', t.nowNs());
    for (const [providerE8s, code] of [
        [emc(1_000n) + 1n, 'InvalidArgument'],
        [emc(1_000n) - FEE, 'InvalidArgument'],
        [emc(600n), 'Ok'],
        [emc(600n), 'WrongState']
    ] as const) {
        expect(codeOf(t.hub.market.resolve(0n, providerE8s, t.nowNs()))).toBe(code);
    }
    t.advance(31n);
    await sweep(t);
    expect(t.hub.escrow.totals()).toMatchObject({ dueE8s: emc(600n), refundedE8s: emc(400n) });
    expect(balanceOf(t)).toBe(emc(4_400n) - 2n * FEE);
    expectSound(t);
});

test('silence confirms 72 hours after the delivery, not a nanosecond earlier', async () => {
    const t = await aDelivered();
    t.at(72n * HOUR - 1n);
    await sweep(t);
    expect(stateOf(t)).toBe('delivered');
    expect(codeOf(t.hub.orders.dispute(0n, buyer, 'late', t.nowNs()))).toBe('Ok');
    const other = await aDelivered();
    other.at(72n * HOUR);
    expect(codeOf(other.hub.orders.dispute(0n, buyer, 'too late', other.nowNs()))).toBe('TooLate');
    await sweep(other);
    expect(other.hub.orders.get(0n)?.state).toMatchObject({ kind: 'ended', end: 'silence', window: 36n });
    expect(other.hub.escrow.totals().dueE8s).toBe(emc(1_000n));
    expectSound(other);
});

test('an order that is not delivered in time expires and is refunded', async () => {
    const t = await aMarket();
    await buy(t);
    t.at(24n * HOUR);
    expect(codeOf(t.hub.orders.deliver(0n, seller, t.nowNs()))).toBe('TooLate');
    await sweep(t);
    expect(t.hub.orders.get(0n)?.state).toMatchObject({ kind: 'ended', end: 'expired', refunded: false });
    t.advance(31n);
    await sweep(t);
    expect(t.hub.orders.get(0n)?.state).toMatchObject({ refunded: true });
    expect(balanceOf(t)).toBe(emc(5_000n) - 2n * FEE);
    expectSound(t);
});

test('a refund goes on after lost replies and refusals until the ledger has executed it, once', async () => {
    const t = await aMarket();
    await buy(t);
    t.at(24n * HOUR);
    t.peers.failNext('transfer', 'down', 'reply_lost');
    for (let run = 0; run < 5; run++) {
        await sweep(t);
        t.advance(31n);
    }
    expect(balanceOf(t)).toBe(emc(5_000n) - 2n * FEE);
    expect(t.hub.movements.unresolvedCount()).toBe(0);
    expectSound(t);
});

test.each([
    ['executed', 'reply_lost'],
    ['not executed', 'down']
] as const)('a refund that the ledger has forgotten (%s) is told by its log and paid once', async (_, fault) => {
    const t = await aMarket();
    await buy(t);
    t.at(24n * HOUR);
    t.peers.failNext('transfer', fault);
    await sweep(t);
    t.advance(31n);
    await sweep(t);
    t.peers.forgetsTransactions = true;
    t.advance(26n * 3_600n);
    for (let run = 0; run < 3; run++) {
        await sweep(t);
        t.advance(31n);
    }
    expect(balanceOf(t)).toBe(emc(5_000n) - 2n * FEE);
    expectSound(t);
});

test('what the ledger refuses leaves the units on offer and no order, however often: nobody fills the hub for nothing', async () => {
    const t = await aMarket();
    await buy(t, 1n);
    const allowances = new Map(t.peers.allowances);
    t.peers.allowances.clear();
    for (let attempt = 0; attempt < 5; attempt++) {
        expect(await buy(t)).toMatchObject({ error: { kind: 'NotEnoughUnits' } });
        expect(await buy(t, 49n)).toEqual({ ok: false, error: { kind: 'InsufficientAllowance', allowanceE8s: 0n } });
    }
    expect([unitsLeft(t), stateOf(t, 1n), t.hub.tables.orders.orders.next()]).toEqual([49n, undefined, 1n]);
    for (const party of [buyer, seller, principalNamed('A')]) {
        expect(t.hub.orders.listByParty(party, 0n, 10n).map(({ id }) => id)).toEqual([0n]);
    }
    expectSound(t);
    for (const [key, allowance] of allowances) t.peers.allowances.set(key, allowance);
    t.peers.fund(buyer, emc(1n));
    t.peers.failNext('transfer', 'reply_lost');
    expect(codeOf(await buy(t, 10n))).toBe('TemporarilyUnavailable');
    expect([unitsLeft(t), stateOf(t, 1n)]).toEqual([39n, 'open']);
    expect(t.hub.orders.listByParty(seller, 0n, 10n)).toHaveLength(1);
    expect(await buy(t, 10n)).toMatchObject({ ok: true, value: { id: 1n } });
    expect(t.hub.orders.listByParty(seller, 0n, 10n).map(({ id }) => id)).toEqual([1n, 0n]);
});

test('orders that fail at the same time free their numbers, and those that are paid keep theirs', async () => {
    const t = await aMarket();
    const poor = ['p', 'q', 'r'].map(principalNamed);
    const answers = await Promise.all([...poor.map((who) => buy(t, 1n, who)), buy(t, 2n)]);
    expect(answers.map(codeOf)).toEqual([...poor.map(() => 'InsufficientAllowance'), 'Ok']);
    expect(stateOf(t, 3n)).toBe('escrowed');
    expectSound(t);
    t.peers.fund(bob, emc(100n));
    expect(codeOf(await buy(t, 1n, bob))).toBe('Ok');
    expect(t.hub.orders.listByParty(bob, 0n, 1n)).toMatchObject([
        { buyer: bob, units: 1n, state: { kind: 'escrowed' } }
    ]);
    expect(t.hub.orders.get(3n)).toMatchObject({ buyer, units: 2n });
    expect([t.hub.orders.count(), unitsLeft(t)]).toEqual([4n, 47n]);
    expectSound(t);
});

test('a node makes a hundred listings a day, and another one its own hundred', async () => {
    const t = await aMarket();
    const other = t.peers.node('B', { wallet: seller });
    const expiresNs = GENESIS_NS + 30n * 24n * HOUR * NS_PER_S;
    const list = (node = principalNamed('A')) =>
        t.hub.tradeCompute.list({ node, units: 1n, unitPriceE8s: 1n, deliveryS: 1n, expiresNs }, seller);
    for (let made = 1n; made < LISTINGS_PER_DAY; made++) expect(codeOf(await list())).toBe('Ok');
    t.advance(HOUR);
    expect(await list()).toEqual({ ok: false, error: { kind: 'RateLimited', retryAfterS: 23n * HOUR } });
    expect(codeOf(await list(other))).toBe('Ok');
    t.at(24n * HOUR - 1n);
    expect(await list()).toEqual({ ok: false, error: { kind: 'RateLimited', retryAfterS: 1n } });
    t.at(24n * HOUR);
    expect(codeOf(await list())).toBe('Ok');
    expect(t.hub.listings.count()).toBe(LISTINGS_PER_DAY + 2n);
});

test('what a node whose wallet is its own key pays itself is taken off its weight once', async () => {
    const t = await aHub();
    const node = t.peers.node('A', { wallet: principalNamed('A') });
    for (const [who, credits] of [
        [node, 30n],
        [bob, 70n]
    ] as const) {
        await t.buy(who, 100n);
        t.call(who, node, credits);
    }
    expect(t.hub.settlements.earnedCredits({ window: 0n, node }, { walletOwner: node })).toBe(70n);
    expect(t.hub.settlements.earnedCredits({ window: 0n, node }, { walletOwner: bob })).toBe(0n);
});

test('asking again after a lost reply continues the same order and pays once', async () => {
    const t = await aMarket();
    t.peers.failNext('transfer', 'reply_lost');
    expect(codeOf(await buy(t))).toBe('TemporarilyUnavailable');
    expect(codeOf(await buy(t, 49n))).toBe('Busy');
    expect(await buy(t)).toMatchObject({ ok: true, value: { id: 0n, state: { kind: 'escrowed' } } });
    expect(t.hub.orders.count()).toBe(1n);
    expect(balanceOf(t)).toBe(emc(4_000n) - FEE);
    expectSound(t);
});

test('two identical purchases at once are one order', async () => {
    const t = await aMarket();
    const answers = await Promise.all([buy(t, 20n), buy(t, 20n)]);
    expect(answers.map(codeOf).sort()).toEqual(['Busy', 'Ok']);
    expect([t.hub.orders.count(), unitsLeft(t)]).toEqual([1n, 30n]);
    expectSound(t);
});

test('a purchase of credits and one of compute do not pass for each other', async () => {
    const t = await aMarket(50n, PRICE_E8S * 5n);
    t.peers.failNext('transfer', 'reply_lost');
    expect(codeOf(await buy(t, 1n))).toBe('TemporarilyUnavailable');
    const credits = { owner: buyer, credits: 5n, account: { owner: buyer } };
    expect(codeOf(await t.hub.tradeCredits.buy(credits))).toBe('Busy');
    expect(codeOf(await buy(t, 1n))).toBe('Ok');
    expect(t.hub.credits.account(buyer).bought).toBe(0n);
});

test('only what is offered can be bought', async () => {
    const t = await aMarket();
    expect(codeOf(await t.hub.tradeCompute.buy({ listing: 7n, units: 1n, buyer, payer: { owner: buyer } }))).toBe(
        'NotFound'
    );
    expect(codeOf(await buy(t, 0n))).toBe('InvalidArgument');
    expect(await buy(t, 51n)).toEqual({ ok: false, error: { kind: 'NotEnoughUnits', left: 50n } });
    t.peers.statuses.set(principalNamed('A').toText(), { isActive: false, lastStatusNs: 0n });
    expect(codeOf(await buy(t))).toBe('NodeInactive');
    t.peers.statuses.clear();
    t.peers.facts.set(principalNamed('A').toText(), { walletOwner: bob });
    expect(codeOf(await buy(t))).toBe('ListingClosed');
    t.peers.facts.set(principalNamed('A').toText(), { walletOwner: seller });
    t.hub.listings.cancel(0n, seller, t.nowNs());
    expect(codeOf(await buy(t))).toBe('ListingClosed');
    const other = await aMarket();
    other.at(30n * 24n * HOUR);
    expect(codeOf(await buy(other))).toBe('ListingClosed');
});

test('the units that were left when two buyers asked go to one of them', async () => {
    const t = await aMarket();
    t.peers.fund(bob, emc(5_000n));
    const answers = await Promise.all([buy(t, 30n), buy(t, 30n, bob)]);
    expect(answers.map(codeOf).sort()).toEqual(['NotEnoughUnits', 'Ok']);
    expect(unitsLeft(t)).toBe(20n);
});

test('nobody buys from himself, unless the deployment allows it', async () => {
    const t = await aMarket();
    t.peers.fund(seller, emc(5_000n));
    expect(codeOf(await buy(t, 1n, seller))).toBe('SelfTrade');
    expect(codeOf(await buy(t, 1n, principalNamed('A')))).toBe('SelfTrade');
    t.hub.tables.config.set({ ...t.hub.tables.config.get(), allowsSelfTrade: true });
    expect(codeOf(await buy(t, 1n, seller))).toBe('Ok');
});

test('an order is worth at least what its fee must pay for', async () => {
    const t = await aMarket(10n, 499_999n);
    expect(codeOf(await buy(t, 1n))).toBe('InvalidArgument');
    expect(codeOf(await buy(t, 2n))).toBe('Ok');
});

test('only the owner of the wallet of an active node lists it, with sound figures', async () => {
    const t = await aMarket();
    const node = principalNamed('A');
    const good = { node, units: 1n, unitPriceE8s: 1n, deliveryS: 1n, expiresNs: t.nowNs() + 1n };
    const list = async (change: Partial<typeof good>, who = seller) =>
        codeOf(await t.hub.tradeCompute.list({ ...good, ...change }, who));
    expect([await list({}), await list({}, bob), await list({ node: principalNamed('ghost') })]).toEqual([
        'Ok',
        'NotNodeOwner',
        'NotNodeOwner'
    ]);
    const bad = [{ units: 0n }, { unitPriceE8s: 0n }, { deliveryS: 0n }, { expiresNs: t.nowNs() }];
    for (const change of bad) expect(await list(change)).toBe('InvalidArgument');
    t.peers.statuses.set(node.toText(), { isActive: false, lastStatusNs: 0n });
    expect(await list({})).toBe('NodeInactive');
    t.peers.failNext('tradedNode', 'down');
    expect(await list({})).toBe('TemporarilyUnavailable');
});

test('each step of an order is for its party, and in its state', async () => {
    const t = await aMarket();
    await buy(t);
    const now = t.nowNs();
    expect(codeOf(t.hub.orders.deliver(0n, buyer, now))).toBe('NotNodeOwner');
    expect(codeOf(t.hub.orders.deliver(9n, seller, now))).toBe('NotFound');
    expect(codeOf(t.hub.market.confirm(0n, buyer, now))).toBe('WrongState');
    expect(codeOf(t.hub.orders.dispute(0n, buyer, 'why', now))).toBe('WrongState');
    expect(codeOf(t.hub.market.resolve(0n, 0n, now))).toBe('WrongState');
    t.hub.orders.deliver(0n, principalNamed('A'), now);
    expect(codeOf(t.hub.orders.deliver(0n, seller, now))).toBe('WrongState');
    expect(codeOf(t.hub.market.confirm(0n, seller, now))).toBe('NotBuyer');
    expect(codeOf(t.hub.orders.dispute(0n, seller, 'why', now))).toBe('NotBuyer');
    expect(codeOf(t.hub.orders.dispute(0n, buyer, '', now))).toBe('InvalidArgument');
    expect(codeOf(t.hub.orders.dispute(0n, buyer, 'x'.repeat(501), now))).toBe('InvalidArgument');
    expect(codeOf(t.hub.listings.cancel(0n, bob, now))).toBe('NotNodeOwner');
    t.hub.market.confirm(0n, buyer, now);
    expect(codeOf(t.hub.market.confirm(0n, buyer, now))).toBe('WrongState');
});

test('orders are listed to buyer, seller and node, newest first', async () => {
    const t = await aMarket();
    await buy(t, 1n);
    await buy(t, 2n);
    for (const party of [buyer, seller, principalNamed('A')]) {
        expect(t.hub.orders.listByParty(party, 0n, 10n).map(({ id }) => id)).toEqual([1n, 0n]);
    }
    expect(t.hub.orders.listByParty(bob, 0n, 10n)).toEqual([]);
});

test('without a clock an order cannot end, and ends later', async () => {
    const t = await aDelivered();
    const { clock } = t.hub.tables.calendar;
    const known = clock.get();
    clock.set(undefined);
    expect(codeOf(t.hub.market.confirm(0n, buyer, t.nowNs()))).toBe('TemporarilyUnavailable');
    t.at(72n * HOUR);
    expect(t.hub.market.endOverdue(t.nowNs(), 5)).toBe(false);
    clock.set(known);
    expect(codeOf(t.hub.market.confirm(0n, buyer, t.nowNs()))).toBe('Ok');
});
