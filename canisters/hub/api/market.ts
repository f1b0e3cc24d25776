import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { isPartyOf, sumEscrow, type Order } from '../domain/orders';
import { tickSoon } from '../jobs/schedule';
import { env, hub } from '../wiring';
import { governance, signedIn } from './access';
import type { CandidResultOf } from './idl';
import { resultOf, type Opt } from './idl_errors';
import {
    BuyComputeArgs,
    CreateListingArgs,
    DisputeArgs,
    EscrowSums,
    ListingView,
    OrderView,
    ResolveArgs,
    type CandidBuyComputeArgs,
    type CandidCreateListingArgs,
    type CandidDisputeArgs,
    type CandidEscrowSums,
    type CandidListingView,
    type CandidOrderView,
    type CandidResolveArgs
} from './idl_market';
import { fromOwnAccount, never, toOpt, toResult } from './mappers';
import { fromBuyCompute, fromCreateListing, toListingView, toOrderView } from './mappers_market';

const CreateResult = resultOf(
    ListingView,
    'Anonymous',
    'NotNodeOwner',
    'NodeInactive',
    'InvalidArgument',
    'RateLimited',
    'TemporarilyUnavailable'
);
const CancelResult = resultOf(ListingView, 'Anonymous', 'NotFound', 'NotNodeOwner');
const BuyResult = resultOf(
    OrderView,
    'Anonymous',
    'NotFound',
    'ListingClosed',
    'NotEnoughUnits',
    'SelfTrade',
    'NodeInactive',
    'InvalidArgument',
    'Busy',
    'InsufficientAllowance',
    'InsufficientFunds',
    'TemporarilyUnavailable'
);
const DeliverResult = resultOf(OrderView, 'Anonymous', 'NotFound', 'NotNodeOwner', 'WrongState', 'TooLate');
const ConfirmResult = resultOf(OrderView, 'Anonymous', 'NotFound', 'NotBuyer', 'WrongState', 'TemporarilyUnavailable');
const DisputeResult = resultOf(
    OrderView,
    'Anonymous',
    'NotFound',
    'NotBuyer',
    'WrongState',
    'TooLate',
    'InvalidArgument'
);
const ResolveResult = resultOf(
    OrderView,
    'Unauthorized',
    'NotFound',
    'WrongState',
    'InvalidArgument',
    'TemporarilyUnavailable'
);

/** E units of nodes: listings, and orders whose price lies in escrow until their end. */
export class MarketPlace {
    /** Role: the owner of the node's wallet. Offers units of an Active node, 100 times a day at most. */
    @update([CreateListingArgs], CreateResult)
    async create_listing(args: CandidCreateListingArgs): Promise<CandidResultOf<CandidListingView>> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        const listed = await hub.tradeCompute.list(fromCreateListing(args), caller.value);
        return toResult(listed, (listing) => toListingView(listing, env.nowNs()));
    }

    /** Role: the listing's seller. Orders that were placed stay. */
    @update([IDL.Nat64], CancelResult)
    cancel_listing(id: bigint): CandidResultOf<CandidListingView> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        const cancelled = hub.listings.cancel(id, caller.value, env.nowNs());
        return toResult(cancelled, (listing) => toListingView(listing, env.nowNs()));
    }

    @query([IDL.Nat64], IDL.Opt(ListingView))
    get_listing(id: bigint): Opt<CandidListingView> {
        const listing = hub.listings.get(id);
        return toOpt(listing && toListingView(listing, env.nowNs()));
    }

    /** Newest first, at most 100; those that are closed are among them. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(ListingView))
    list_listings(start: bigint, take: bigint): CandidListingView[] {
        return hub.listings.list(start, take).map((listing) => toListingView(listing, env.nowNs()));
    }

    /** Role: anyone signed in but the seller. Pulls the price from an account of the caller into escrow by ICRC-2. */
    @update([BuyComputeArgs], BuyResult)
    async buy_compute(args: CandidBuyComputeArgs): Promise<CandidResultOf<CandidOrderView>> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        const payer = fromOwnAccount(caller.value, args.from_subaccount);
        if (!payer.ok) return toResult(payer, never);
        return toResult(await hub.tradeCompute.buy(fromBuyCompute(args, caller.value, payer.value)), toOrderView);
    }

    /** Role: the order's node, or its seller, before the delivery's deadline. */
    @update([IDL.Nat64], DeliverResult, SERVED_WHILE_PAUSED)
    deliver_order(id: bigint): CandidResultOf<CandidOrderView> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        return toResult(hub.orders.deliver(id, caller.value, env.nowNs()), toOrderView);
    }

    /** Role: the order's buyer. The provider has earned the price: it is a trade of the current window. */
    @update([IDL.Nat64], ConfirmResult, SERVED_WHILE_PAUSED)
    confirm_delivery(id: bigint): CandidResultOf<CandidOrderView> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        return toResult(hub.market.confirm(id, caller.value, env.nowNs()), toOrderView);
    }

    /** Role: the order's buyer, within 72 h of the delivery. The price stays in escrow until governance decides. */
    @update([DisputeArgs], DisputeResult, SERVED_WHILE_PAUSED)
    dispute_order({ order, why }: CandidDisputeArgs): CandidResultOf<CandidOrderView> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        return toResult(hub.orders.dispute(order, caller.value, why, env.nowNs()), toOrderView);
    }

    /** Role: governance or a controller. Says what the provider has earned; the rest goes back, less the ledger's fee. */
    @update([ResolveArgs], ResolveResult, SERVED_WHILE_PAUSED)
    resolve_dispute({ order, provider_e8s }: CandidResolveArgs): CandidResultOf<CandidOrderView> {
        const allowed = governance();
        if (!allowed.ok) return toResult(allowed, never);
        const resolved = hub.market.resolve(order, provider_e8s, env.nowNs());
        if (resolved.ok) tickSoon();
        return toResult(resolved, toOrderView);
    }

    /** An order that concerns the caller: its buyer, its seller, its node, governance or a controller. */
    @query([IDL.Nat64], IDL.Opt(OrderView))
    get_order(id: bigint): Opt<CandidOrderView> {
        const order = hub.orders.get(id);
        return order !== undefined && mayReadOrder(order) ? toOpt(toOrderView(order)) : [];
    }

    /** Orders that the caller bought, sold or serves, newest first. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(OrderView))
    list_orders(start: bigint, take: bigint): CandidOrderView[] {
        return hub.orders.listByParty(env.caller(), start, take).map(toOrderView);
    }

    /** Prices in escrow of at most 100 orders from `start` on: adding up all pages gives `escrowed_e8s` of `books`. */
    @query([IDL.Nat64, IDL.Nat64], EscrowSums)
    sum_escrow(start: bigint, take: bigint): CandidEscrowSums {
        const { escrowedE8s, next } = sumEscrow(hub.orders, start, take);
        return { escrowed_e8s: escrowedE8s, next: toOpt(next) };
    }
}

function mayReadOrder(order: Order): boolean {
    return isPartyOf(order, env.caller()) || governance().ok;
}
