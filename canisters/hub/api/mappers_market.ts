/** Candid ⇄ domain: listings and orders. */
import type { Principal } from '@dfinity/principal';
import { toCandidAccount, type Account } from '../../../src/core/account';
import { isOpen, type Listing, type NewListing } from '../domain/listings';
import type { Purchase } from '../domain/market';
import type { Order, OrderState } from '../domain/orders';
import type {
    CandidBuyComputeArgs,
    CandidCreateListingArgs,
    CandidListingView,
    CandidOrderState,
    CandidOrderView
} from './idl_market';
import { fromOpt, toOpt } from './mappers';

const DEFAULT_DELIVERY_S = 72n * 3_600n;

export function fromCreateListing(args: CandidCreateListingArgs): NewListing {
    return {
        node: args.node,
        units: args.units,
        unitPriceE8s: args.unit_price_e8s,
        deliveryS: fromOpt(args.delivery_s) ?? DEFAULT_DELIVERY_S,
        expiresNs: args.expires_ns
    };
}

export function fromBuyCompute({ listing, units }: CandidBuyComputeArgs, buyer: Principal, payer: Account): Purchase {
    return { listing, units, buyer, payer };
}

export function toListingView(listing: Listing, nowNs: bigint): CandidListingView {
    return {
        id: listing.id,
        node: listing.node,
        seller: listing.seller,
        unit_price_e8s: listing.unitPriceE8s,
        units_offered: listing.unitsOffered,
        units_left: listing.unitsLeft,
        delivery_s: listing.deliveryS,
        created_at_ns: listing.createdAtNs,
        expires_ns: listing.expiresNs,
        open: isOpen(listing, nowNs) && listing.unitsLeft > 0n
    };
}

export function toOrderView(order: Order): CandidOrderView {
    const { state } = order;
    const ended = state.kind === 'ended' ? state : undefined;
    const deadlineNs = state.kind === 'escrowed' || state.kind === 'delivered' ? state.deadlineNs : undefined;
    return {
        id: order.id,
        listing: order.listing,
        node: order.node,
        seller: order.seller,
        buyer: order.buyer,
        payer: toCandidAccount(order.payer),
        units: order.units,
        price_e8s: order.priceE8s,
        state: toOrderState(state),
        created_at_ns: order.createdAtNs,
        deadline_ns: toOpt(deadlineNs),
        ended_at_ns: toOpt(ended?.atNs),
        window: toOpt(ended?.window),
        provider_e8s: ended?.providerE8s ?? 0n,
        refund_e8s: ended?.refundE8s ?? 0n
    };
}

function toOrderState(state: OrderState): CandidOrderState {
    switch (state.kind) {
        case 'open':
            return { Open: null };
        case 'escrowed':
            return { Escrowed: null };
        case 'delivered':
            return { Delivered: null };
        case 'disputed':
            return { Disputed: state.reason };
        case 'cancelled':
            return { Cancelled: null };
        case 'ended':
            return toEndedState(state);
    }
}

/** A provider who got a part has settled the order; otherwise all went back, or is on its way. */
function toEndedState({ end, providerE8s, refunded }: Extract<OrderState, { kind: 'ended' }>): CandidOrderState {
    if (providerE8s > 0n) return { Settled: null };
    if (refunded) return { Refunded: null };
    return end === 'expired' ? { Expired: null } : { Refunding: null };
}
