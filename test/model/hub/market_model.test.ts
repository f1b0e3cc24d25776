/**
 * Random lives of the market, of purchases and withdrawals, with a ledger that fails and forgets. Whatever happens, the books
 * balance, nobody's money is lost or doubled, and the hub's ledger account holds exactly
 * Σ credits × price + escrow + what providers earned + what buyers are owed.
 */
import fc from 'fast-check';
import type { Principal } from '@dfinity/principal';
import { isBalanced, sumAccounts } from '../../../canisters/hub/domain/credit_book';
import { isEscrowBalanced } from '../../../canisters/hub/domain/escrow_book';
import { sumEscrow, type Order } from '../../../canisters/hub/domain/orders';
import { NS_PER_S } from '../../../src/core/clock';
import { aHub, allPairs, GENESIS_NS, PRICE_E8S, ROUND_S, type TestHub } from '../../unit/hub/a_hub';
import { principalNamed, type Fault } from '../../unit/hub/fake_peers';

const USERS = ['alice', 'bob', 'carol'].map(principalNamed);
const SELLER = principalNamed('seller');
const FEE = 100_000n;
const FUND = 1_000_000_000n;
const UNIT = 700_001n;

type Command =
    | { readonly kind: 'buy' | 'withdraw' | 'order' | 'call'; readonly user: number; readonly count: number }
    | { readonly kind: 'deliver' | 'confirm' | 'dispute'; readonly pick: number }
    | { readonly kind: 'resolve'; readonly pick: number; readonly part: number }
    | { readonly kind: 'advance'; readonly hours: number }
    | { readonly kind: 'fault'; readonly lost: boolean }
    | { readonly kind: 'forget' | 'upgrade' | 'sweep' };

const of = <K extends string>(kind: K) => fc.constant(kind);
const user = fc.nat({ max: 5 });
const count = fc.integer({ min: 1, max: 40 });
const pick = fc.nat();
const commands = fc.array(
    fc.oneof(
        { weight: 3, arbitrary: fc.record({ kind: of('buy'), user, count }) },
        { weight: 3, arbitrary: fc.record({ kind: of('withdraw'), user, count }) },
        { weight: 4, arbitrary: fc.record({ kind: of('order'), user, count }) },
        { weight: 3, arbitrary: fc.record({ kind: of('call'), user, count }) },
        { weight: 4, arbitrary: fc.record({ kind: of('deliver'), pick }) },
        { weight: 2, arbitrary: fc.record({ kind: of('confirm'), pick }) },
        { weight: 3, arbitrary: fc.record({ kind: of('dispute'), pick }) },
        { weight: 3, arbitrary: fc.record({ kind: of('resolve'), pick, part: fc.nat({ max: 4 }) }) },
        { weight: 3, arbitrary: fc.record({ kind: of('advance'), hours: fc.nat({ max: 30 }) }) },
        { weight: 3, arbitrary: fc.record({ kind: of('fault'), lost: fc.boolean() }) },
        { weight: 1, arbitrary: fc.record({ kind: of('forget') }) },
        { weight: 1, arbitrary: fc.record({ kind: of('upgrade') }) },
        { weight: 3, arbitrary: fc.record({ kind: of('sweep') }) }
    ),
    { minLength: 5, maxLength: 60 }
);

class Life {
    private constructor(readonly t: TestHub) {}

    static async begin(): Promise<Life> {
        const t = await aHub();
        const node = t.peers.node('A', { wallet: SELLER });
        for (const owner of USERS) t.peers.fund(owner, FUND);
        const expiresNs = GENESIS_NS + 366n * 86_400n * NS_PER_S;
        const offer = { node, units: 1_000_000n, unitPriceE8s: UNIT, deliveryS: 86_400n, expiresNs };
        expect((await t.hub.tradeCompute.list(offer, SELLER)).ok).toBe(true);
        return new Life(t);
    }

    async run(command: Command): Promise<void> {
        const { hub, peers } = this.t;
        switch (command.kind) {
            case 'buy':
            case 'withdraw': {
                const owner = at(USERS, command.user);
                const request = { owner, credits: BigInt(command.count), account: { owner } };
                await hub.tradeCredits[command.kind](request);
                return;
            }
            case 'order': {
                const buyer = at(USERS, command.user);
                await hub.tradeCompute.buy({
                    listing: 0n,
                    units: BigInt(command.count),
                    buyer,
                    payer: { owner: buyer }
                });
                return;
            }
            case 'call':
                return this.call(at(USERS, command.user), BigInt(command.count));
            case 'deliver':
                return this.onOrder(command.pick, (order) => hub.orders.deliver(order.id, SELLER, this.t.nowNs()));
            case 'confirm':
                return this.onOrder(command.pick, (order) => hub.market.confirm(order.id, order.buyer, this.t.nowNs()));
            case 'dispute':
                return this.onOrder(command.pick, ({ id, buyer }) =>
                    hub.orders.dispute(id, buyer, 'why', this.t.nowNs())
                );
            case 'resolve':
                return this.onOrder(command.pick, ({ id, priceE8s }) =>
                    hub.market.resolve(id, (priceE8s * BigInt(command.part)) / 4n, this.t.nowNs())
                );
            case 'advance':
                this.t.advance(BigInt(command.hours) * 3_600n);
                return;
            case 'fault':
                return peers.failNext('transfer', command.lost ? 'reply_lost' : ('down' satisfies Fault));
            case 'forget':
                peers.forgetsTransactions = true;
                return;
            case 'upgrade':
                hub.lease.release();
                return hub.settlements.paymentInterrupted();
            case 'sweep':
                return this.sweep();
        }
    }

    /** Lets every fault, deadline and window pass, and the day after which the log tells of what the ledger forgot. */
    async rest(): Promise<void> {
        for (let round = 0; round < 130; round++) {
            this.t.advance(ROUND_S / 2n);
            await this.sweep();
        }
    }

    orders(): readonly Order[] {
        const { orders } = this.t.hub;
        return Array.from({ length: Number(orders.count()) }, (_, id) => orders.get(BigInt(id)) ?? []).flat();
    }

    private onOrder(index: number, act: (order: Order) => unknown): void {
        const orders = this.orders();
        if (orders.length > 0) act(at(orders, index));
    }

    private call(owner: Principal, credits: bigint): void {
        if (this.t.hub.credits.account(owner).available >= credits) this.t.call(owner, principalNamed('A'), credits);
    }

    /** What the timer does. */
    private async sweep(): Promise<void> {
        await this.t.hub.settleWindows.settleDue();
        this.t.hub.market.endOverdue(this.t.nowNs(), 50);
        await this.t.hub.money.finishUnresolved();
    }
}

function at<T>(items: readonly T[], index: number): T {
    const item = items[index % items.length];
    if (item === undefined) throw new Error('empty');
    return item;
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

function checkBooks(life: Life): void {
    const { t } = life;
    expect(isBalanced(t.hub.credits.totals())).toBe(true);
    expect(isEscrowBalanced(t.hub.escrow.totals())).toBe(true);
    expect(sumEscrow(t.hub.orders, 0n, 100n).escrowedE8s).toBe(t.hub.escrow.totals().escrowedE8s);
    // What was paid is listed to its parties; what was not leaves no trace.
    const paid = life.orders().filter(({ state }) => state.kind !== 'open');
    expect(t.hub.orders.listByParty(SELLER, 0n, 100n)).toHaveLength(paid.length);
    const { spent, withdrawn } = sumAccounts(t.hub.tables.credits, 0n, 100n);
    const totals = t.hub.credits.totals();
    expect([spent, withdrawn]).toEqual([totals.captured + totals.settled, totals.withdrawing + totals.withdrawn]);
}

/** All that was ever funded lies with users, the hub or rewards, or was a ledger fee. */
function checkConservation({ t }: Life): void {
    const reported = sum([...t.peers.settled.values()].map(({ report: { moneyE8s } }) => moneyE8s));
    const transfers = [...t.peers.settled.values()].filter(({ report }) => report.moneyE8s > 0n).length;
    const held = sum([...t.peers.balances.values()]);
    const atRewards = reported - BigInt(transfers) * FEE;
    expect(held + atRewards + t.peers.executed() * FEE).toBe(BigInt(USERS.length) * FUND);
}

/** What rewards was told of orders is what their providers earned. */
function checkProviders(life: Life): void {
    const { t } = life;
    const next = t.hub.settlements.nextWindow();
    const earned = sum(life.orders().map(({ state }) => (state.kind === 'ended' ? state.providerE8s : 0n)));
    const waiting = [next, next + 1n].flatMap((window) =>
        allPairs(t.hub.windows, window).flatMap(({ pairs }) => pairs)
    );
    const { settledE8s, dueE8s } = t.hub.escrow.totals();
    expect(settledE8s + dueE8s).toBe(earned);
    expect(sum(waiting.map(({ marketE8s }) => marketE8s))).toBe(dueE8s);
    const reports = [...t.peers.settled.values()].map(({ report: { moneyE8s } }) => moneyE8s);
    expect(sum(reports)).toBe(settledE8s + t.hub.credits.totals().settled * PRICE_E8S);
}

test('H5: no money is lost or doubled between users, credits, escrow, refunds and windows', async () => {
    await fc.assert(
        fc.asyncProperty(commands, async (list) => {
            const life = await Life.begin();
            for (const command of list) {
                await life.run(command);
                checkBooks(life);
                checkConservation(life);
            }
            await life.rest();
            checkBooks(life);
            checkConservation(life);
            checkProviders(life);
            const { t } = life;
            expect(t.hub.movements.unresolvedCount()).toBe(0);
            expect(t.hub.escrow.totals().refundingE8s).toBe(0n);
            expect(t.unexplainedE8s()).toBe(0n);
            const kinds = life.orders().map(({ state }) => state.kind);
            expect(kinds.every((kind) => ['ended', 'disputed'].includes(kind))).toBe(true);
        }),
        { numRuns: 200 }
    );
});
