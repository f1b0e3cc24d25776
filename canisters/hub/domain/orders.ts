import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { comparePrincipals } from '../../../src/core/account';
import { invariant } from '../../../src/core/assert';
import { NS_PER_S } from '../../../src/core/clock';
import { pageRange } from '../../../src/core/page';
import { err, ok, type Result } from '../../../src/core/result';
import type { SlotLog } from '../../../src/core/slot_log';
import type { Lists, OrderedTable } from '../../../src/core/table';
import type { ErrorOf } from './errors';
import type { Listing } from './listings';
import type { DueKey } from './movements';

/** Why an order ended. */
export const ORDER_ENDS = ['confirmed', 'silence', 'resolved', 'expired'] as const;
export type OrderEnd = (typeof ORDER_ENDS)[number];

/**
 *     open ──▶ escrowed ──▶ delivered ──▶ ended (confirmed, or silence for 72 h)
 *       │          │            └──▶ disputed ──▶ ended (resolved)
 *       │          └──▶ ended (expired)
 *       └──▶ no order any more: nothing was paid
 */
export type OrderState =
    /** The buyer's money is on its way. */
    | { readonly kind: 'open' }
    /** The money is with the hub; without a delivery before `deadlineNs` it goes back. */
    | { readonly kind: 'escrowed'; readonly deadlineNs: bigint }
    /** The buyer may confirm or dispute; at `deadlineNs` silence confirms. */
    | { readonly kind: 'delivered'; readonly atNs: bigint; readonly deadlineNs: bigint }
    | { readonly kind: 'disputed'; readonly atNs: bigint; readonly reason: string }
    /** `providerE8s` is a trade of `window`, `refundE8s` goes back to the buyer: both together are the price. */
    | {
          readonly kind: 'ended';
          readonly end: OrderEnd;
          readonly atNs: bigint;
          readonly window?: bigint;
          readonly providerE8s: bigint;
          readonly refundE8s: bigint;
          /** The refund has been executed. */
          readonly refunded: boolean;
      }
    /** The ledger did not give the money: of orders of earlier versions, which kept those. */
    | { readonly kind: 'cancelled' };

/** E units that somebody buys of a listing. */
export interface Order {
    readonly id: bigint;
    readonly listing: bigint;
    readonly node: Principal;
    readonly seller: Principal;
    readonly buyer: Principal;
    /** The account that pays, and that a refund goes to. */
    readonly payer: Account;
    readonly units: bigint;
    readonly priceE8s: bigint;
    readonly deliveryS: bigint;
    readonly createdAtNs: bigint;
    readonly state: OrderState;
}

export interface OrderTables {
    /** An order that nobody paid leaves no row: anybody could fill the memory with them. */
    readonly orders: SlotLog<Order>;
    /** Orders of a buyer, of a seller and of a node, from their payment on. */
    readonly ordersByParty: Lists<Principal, bigint>;
    /** Escrowed and delivered orders by their deadline. */
    readonly deadlines: OrderedTable<DueKey, boolean>;
}

/** How long a buyer may be silent before a delivery counts as confirmed. */
export const SILENCE_NS = 72n * 3_600n * NS_PER_S;
const MAX_REASON_LENGTH = 500;

type State<Kind extends OrderState['kind']> = Order & { readonly state: Extract<OrderState, { kind: Kind }> };
type WrongState = ErrorOf<'WrongState'>;

/** Market orders: their states and deadlines. Money is posted by market.ts. */
export class Orders {
    constructor(private readonly tables: OrderTables) {}

    /** Places an order; its units have been taken from the listing. */
    place(listing: Listing, order: Pick<Order, 'buyer' | 'payer' | 'units'>, nowNs: bigint): Order {
        const { node, seller, deliveryS } = listing;
        const placed: Order = {
            id: this.tables.orders.next(),
            listing: listing.id,
            node,
            seller,
            ...order,
            priceE8s: order.units * listing.unitPriceE8s,
            deliveryS,
            createdAtNs: nowNs,
            state: { kind: 'open' }
        };
        this.tables.orders.append(placed);
        return placed;
    }

    get(id: bigint): Order | undefined {
        return this.tables.orders.get(id);
    }

    count(): bigint {
        return this.tables.orders.length();
    }

    /** Orders that a principal bought, sold or serves, the last that was paid first. */
    listByParty(party: Principal, start: bigint, take: bigint): readonly Order[] {
        const length = this.tables.ordersByParty.length(party);
        const [from, to] = pageRange(start, take, length);
        const page: Order[] = [];
        for (let offset = from; offset < to; offset++) {
            const id = this.tables.ordersByParty.get(party, length - 1n - offset);
            const order = id === undefined ? undefined : this.tables.orders.get(id);
            invariant(order !== undefined, 'H5', `order ${id} is listed and not kept`);
            page.push(order);
        }
        return page;
    }

    /** The money has arrived: the node may deliver. */
    funded(id: bigint, nowNs: bigint): Order {
        const order = this.require(id, 'open');
        for (const party of [order.buyer, order.seller, order.node]) this.tables.ordersByParty.append(party, id);
        return this.move(order, { kind: 'escrowed', deadlineNs: nowNs + order.deliveryS * NS_PER_S });
    }

    /** The money did not come: the order is gone, and its number is free. Answers what it was. */
    drop(id: bigint): Order {
        const order = this.require(id, 'open');
        this.tables.orders.drop(id);
        return order;
    }

    /** The node, or the owner of its wallet, says that the work is done. */
    deliver(
        id: bigint,
        who: Principal,
        nowNs: bigint
    ): Result<Order, ErrorOf<'NotFound' | 'NotNodeOwner' | 'TooLate'> | WrongState> {
        const order = this.get(id);
        if (order === undefined) return err({ kind: 'NotFound' });
        if (!isOneOf(who, order.node, order.seller)) return err({ kind: 'NotNodeOwner' });
        if (order.state.kind !== 'escrowed') return err(wrongState(order));
        if (nowNs >= order.state.deadlineNs) return err({ kind: 'TooLate' });
        return ok(this.move(order, { kind: 'delivered', atNs: nowNs, deadlineNs: nowNs + SILENCE_NS }));
    }

    /** The buyer is not content; governance decides. */
    dispute(
        id: bigint,
        who: Principal,
        reason: string,
        nowNs: bigint
    ): Result<Order, ErrorOf<'NotFound' | 'NotBuyer' | 'TooLate' | 'InvalidArgument'> | WrongState> {
        const delivered = this.deliveredTo(id, who);
        if (!delivered.ok) return delivered;
        if (nowNs >= delivered.value.state.deadlineNs) return err({ kind: 'TooLate' });
        if (reason.length === 0 || reason.length > MAX_REASON_LENGTH) {
            return err({ kind: 'InvalidArgument', detail: `why has 1 to ${MAX_REASON_LENGTH} characters` });
        }
        return ok(this.move(delivered.value, { kind: 'disputed', atNs: nowNs, reason }));
    }

    /** The order if it was delivered and this is its buyer. */
    deliveredTo(id: bigint, who: Principal): Result<State<'delivered'>, ErrorOf<'NotFound' | 'NotBuyer'> | WrongState> {
        const order = this.get(id);
        if (order === undefined) return err({ kind: 'NotFound' });
        if (comparePrincipals(order.buyer, who) !== 0) return err({ kind: 'NotBuyer' });
        return isIn(order, 'delivered') ? ok(order) : err(wrongState(order));
    }

    disputed(id: bigint): Result<State<'disputed'>, ErrorOf<'NotFound'> | WrongState> {
        const order = this.get(id);
        if (order === undefined) return err({ kind: 'NotFound' });
        return isIn(order, 'disputed') ? ok(order) : err(wrongState(order));
    }

    /** Ends an order whose money is in escrow. */
    end(
        order: Order,
        end: OrderEnd,
        parts: { readonly providerE8s: bigint; readonly refundE8s: bigint; readonly window?: bigint },
        nowNs: bigint
    ): Order {
        invariant(inEscrow(order), 'H5', `order ${order.id} has no money in escrow`);
        invariant(parts.providerE8s + parts.refundE8s === order.priceE8s, 'H5', `order ${order.id} is split wrongly`);
        return this.move(order, { kind: 'ended', end, atNs: nowNs, ...parts, refunded: false });
    }

    /** The refund has been executed. Answers how much it was, with the ledger's fee. */
    refunded(id: bigint): bigint {
        const order = this.require(id, 'ended');
        this.move(order, { ...order.state, refunded: true });
        return order.state.refundE8s;
    }

    /** The order whose deadline has passed first; undefined when none has. */
    overdue(nowNs: bigint): Order | undefined {
        const key = this.tables.deadlines.firstKey();
        return key === undefined || key.dueNs > nowNs ? undefined : this.get(key.id);
    }

    /** When the next deadline passes; undefined when none is set. */
    nextDeadlineNs(): bigint | undefined {
        return this.tables.deadlines.firstKey()?.dueNs;
    }

    private require<Kind extends OrderState['kind']>(id: bigint, kind: Kind): State<Kind> {
        const order = this.get(id);
        invariant(order !== undefined && isIn(order, kind), 'H5', `order ${id} is not ${kind}`);
        return order;
    }

    private move(order: Order, state: OrderState): Order {
        const next = { ...order, state };
        const [before, after] = [deadlineOf(order), deadlineOf(next)];
        if (before !== undefined) this.tables.deadlines.delete({ dueNs: before, id: order.id });
        if (after !== undefined) this.tables.deadlines.set({ dueNs: after, id: order.id }, true);
        this.tables.orders.replace(order.id, next);
        return next;
    }
}

/** Whether the price of the order is in escrow (H5). */
export function inEscrow({ state: { kind } }: Order): boolean {
    return kind === 'escrowed' || kind === 'delivered' || kind === 'disputed';
}

/** Prices in escrow over a page of orders: all pages together are the escrow, or the book is broken (H5). */
export function sumEscrow(orders: Orders, start: bigint, take: bigint): { escrowedE8s: bigint; next?: bigint } {
    const [from, to] = pageRange(start, take, orders.count());
    let escrowedE8s = 0n;
    for (let id = from; id < to; id++) {
        const order = orders.get(id);
        if (order !== undefined && inEscrow(order)) escrowedE8s += order.priceE8s;
    }
    return { escrowedE8s, next: to < orders.count() && to > from ? to : undefined };
}

/** Who may read an order besides governance and controllers. */
export function isPartyOf(order: Order, who: Principal): boolean {
    return isOneOf(who, order.buyer, order.seller, order.node);
}

function isIn<Kind extends OrderState['kind']>(order: Order, kind: Kind): order is State<Kind> {
    return order.state.kind === kind;
}

function isOneOf(who: Principal, ...parties: readonly Principal[]): boolean {
    return parties.some((party) => comparePrincipals(party, who) === 0);
}

function deadlineOf({ state }: Order): bigint | undefined {
    return state.kind === 'escrowed' || state.kind === 'delivered' ? state.deadlineNs : undefined;
}

function wrongState({ state }: Order): WrongState {
    return { kind: 'WrongState', state: state.kind };
}
