import type { Principal } from '@dfinity/principal';
import { comparePrincipals, sameAccount, type Account } from '../../../src/core/account';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { invariant } from '../../../src/core/assert';
import { err, ok, type Result } from '../../../src/core/result';
import { intentMemo, type LedgerTransfer } from '../../../src/core/transfer_intents';
import { windowAt, type Calendar } from './calendar';
import type { ErrorOf } from './errors';
import type { EscrowBook } from './escrow_book';
import type { Listing, Listings } from './listings';
import type { Movement, Movements } from './movements';
import type { Order, OrderEnd, Orders } from './orders';
import type { WindowBook } from './window_book';

export interface MarketDeps {
    readonly listings: Listings;
    readonly orders: Orders;
    readonly escrow: EscrowBook;
    readonly windows: WindowBook;
    readonly movements: Movements;
    readonly calendar: Calendar;
    readonly hubAccount: () => Account;
}

/** What somebody buys. */
export interface Purchase {
    readonly listing: bigint;
    readonly units: bigint;
    readonly buyer: Principal;
    /** An account of the buyer. */
    readonly payer: Account;
}

/** An order's fee alone pays for the transfer of a window, and a refund is worth its own. */
export const MIN_ORDER_E8S = 5n * LEDGER_FEE_E8S;

const ESCROW_MEMO = 'hub.esc';
const REFUND_MEMO = 'hub.ref';

export type BuyRefused = ErrorOf<
    'NotFound' | 'ListingClosed' | 'NotEnoughUnits' | 'SelfTrade' | 'InvalidArgument' | 'Busy'
>;

/**
 * Trades of E units. The price lies in escrow from the order to its end; then the provider's part is a trade of the
 * current window, exactly as a captured job is, and the rest goes back to the buyer.
 */
export class Market {
    constructor(private readonly deps: MarketDeps) {}

    /** The listing, if this purchase can be made of it now. */
    check(purchase: Purchase, allowsSelfTrade: boolean, nowNs: bigint): Result<Listing, BuyRefused> {
        const { units, buyer } = purchase;
        if (units <= 0n) return err({ kind: 'InvalidArgument', detail: 'units is positive' });
        const listing = this.deps.listings.check(purchase.listing, units, nowNs);
        if (!listing.ok) return listing;
        const { seller, node, unitPriceE8s } = listing.value;
        const isOwn = [seller, node].some((party) => comparePrincipals(party, buyer) === 0);
        if (isOwn && !allowsSelfTrade) return err({ kind: 'SelfTrade' });
        if (units * unitPriceE8s < MIN_ORDER_E8S) {
            return err({ kind: 'InvalidArgument', detail: `an order is worth at least ${MIN_ORDER_E8S} e8s` });
        }
        return listing;
    }

    /** The unresolved payment of the same purchase: whoever asks again after a lost reply continues it. */
    resumable(purchase: Purchase, nowNs: bigint): Result<bigint | undefined, ErrorOf<'Busy'>> {
        return this.deps.movements.resumable(purchase.buyer, (movement) => this.isFor(movement, purchase), nowNs);
    }

    /** Places an order and writes down its payment. Answers the movement's id. */
    place(purchase: Purchase, listing: Listing, nowNs: bigint): bigint {
        const { listings, orders, movements, hubAccount } = this.deps;
        listings.takeUnits(listing, purchase.units);
        const order = orders.place(listing, purchase, nowNs);
        const transferOf = (id: bigint): LedgerTransfer => ({
            kind: 'pull',
            from: purchase.payer,
            to: hubAccount(),
            amountE8s: order.priceE8s,
            feeE8s: LEDGER_FEE_E8S,
            memo: intentMemo(ESCROW_MEMO, id),
            createdAtNs: nowNs
        });
        return movements.begin({ kind: 'escrow', owner: purchase.buyer, order: order.id }, transferOf, nowNs);
    }

    /** The order that a movement pays for. */
    orderOf(movement: bigint): Order | undefined {
        const purpose = this.deps.movements.get(movement)?.purpose;
        return purpose?.kind === 'escrow' ? this.deps.orders.get(purpose.order) : undefined;
    }

    /** The buyer is content: the provider has earned the price. */
    confirm(
        id: bigint,
        who: Principal,
        nowNs: bigint
    ): Result<Order, ErrorOf<'NotFound' | 'NotBuyer' | 'WrongState' | 'TemporarilyUnavailable'>> {
        const delivered = this.deps.orders.deliveredTo(id, who);
        if (!delivered.ok) return delivered;
        return this.end(delivered.value, 'confirmed', delivered.value.priceE8s, nowNs);
    }

    /** Governance decides what of the price the provider has earned; the buyer gets the rest, less the ledger's fee. */
    resolve(
        id: bigint,
        providerE8s: bigint,
        nowNs: bigint
    ): Result<Order, ErrorOf<'NotFound' | 'WrongState' | 'InvalidArgument' | 'TemporarilyUnavailable'>> {
        const disputed = this.deps.orders.disputed(id);
        if (!disputed.ok) return disputed;
        const refundE8s = disputed.value.priceE8s - providerE8s;
        if (refundE8s < 0n || (refundE8s > 0n && refundE8s <= LEDGER_FEE_E8S)) {
            return err({ kind: 'InvalidArgument', detail: 'a refund is nothing, or more than the ledger fee' });
        }
        return this.end(disputed.value, 'resolved', providerE8s, nowNs);
    }

    /**
     * Ends orders whose deadline has passed, at most `take`: silence confirms, a missing delivery refunds. Answers whether
     * more are left.
     */
    endOverdue(nowNs: bigint, take: number): boolean {
        for (let count = 0; count < take; count++) {
            const order = this.deps.orders.overdue(nowNs);
            if (order === undefined) return false;
            const delivered = order.state.kind === 'delivered';
            const ended = this.end(order, delivered ? 'silence' : 'expired', delivered ? order.priceE8s : 0n, nowNs);
            if (!ended.ok) return false;
        }
        return this.deps.orders.overdue(nowNs) !== undefined;
    }

    private end(
        order: Order,
        end: OrderEnd,
        providerE8s: bigint,
        nowNs: bigint
    ): Result<Order, ErrorOf<'TemporarilyUnavailable'>> {
        const { orders, escrow, windows, calendar } = this.deps;
        const clock = calendar.require();
        if (!clock.ok) return clock;
        const window = providerE8s > 0n ? windowAt(clock.value, nowNs) : undefined;
        const refundE8s = order.priceE8s - providerE8s;
        const ended = orders.end(order, end, { providerE8s, refundE8s, window }, nowNs);
        escrow.release(providerE8s, refundE8s);
        if (window !== undefined) windows.countOrder(window, { node: order.node, buyer: order.buyer }, providerE8s);
        if (refundE8s > 0n) this.beginRefund(order, refundE8s, nowNs);
        return ok(ended);
    }

    private beginRefund(order: Order, refundE8s: bigint, nowNs: bigint): void {
        const transferOf = (id: bigint): LedgerTransfer => ({
            kind: 'push',
            from: this.deps.hubAccount(),
            to: order.payer,
            amountE8s: refundE8s - LEDGER_FEE_E8S,
            feeE8s: LEDGER_FEE_E8S,
            memo: intentMemo(REFUND_MEMO, id),
            createdAtNs: nowNs
        });
        this.deps.movements.begin({ kind: 'refund', order: order.id }, transferOf, nowNs);
    }

    private isFor({ purpose }: Movement, purchase: Purchase): boolean {
        if (purpose.kind !== 'escrow') return false;
        const order = this.deps.orders.get(purpose.order);
        invariant(order !== undefined, 'H5', `order ${purpose.order} is paid for and not kept`);
        const samePayer = sameAccount(order.payer, purchase.payer);
        return samePayer && order.listing === purchase.listing && order.units === purchase.units;
    }
}
