import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { err, ok, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import type { HubConfig } from '../domain/config';
import type { ErrorOf } from '../domain/errors';
import type { Listing, Listings, NewListing } from '../domain/listings';
import type { BuyRefused, Market, Purchase } from '../domain/market';
import type { MovementRefused } from '../domain/movement_errors';
import type { Order } from '../domain/orders';
import type { MoveMoney } from './move_money';
import type { Obstacle } from './settlement_peers';

/** What the market asks about a node before it is traded. */
export interface TradedNode {
    readonly walletOwner?: Principal;
    readonly isActive: boolean;
}

export interface NodeSource {
    tradedNode(node: Principal): Promise<Result<TradedNode | undefined, Obstacle>>;
}

export interface TradeDeps {
    readonly listings: Listings;
    readonly market: Market;
    readonly money: MoveMoney;
    readonly nodes: NodeSource;
    readonly config: Cell<HubConfig>;
    readonly nowNs: () => bigint;
}

type Answer<T, Refused> = Promise<Result<T, Refused>>;
type OwnerRefused = ErrorOf<'NotNodeOwner' | 'NodeInactive' | 'TemporarilyUnavailable'>;

/** Listings and purchases across their awaits. */
export class TradeCompute {
    constructor(private readonly deps: TradeDeps) {}

    /** The owner of the node's wallet offers its compute. */
    async list(
        listing: NewListing,
        who: Principal
    ): Answer<Listing, OwnerRefused | ErrorOf<'InvalidArgument' | 'RateLimited'>> {
        const owner = await this.checkOwner(listing.node, who);
        return owner.ok ? this.deps.listings.create(listing, who, this.deps.nowNs()) : owner;
    }

    /** Takes units of a listing and their price into escrow. */
    async buy(purchase: Purchase): Answer<Order, BuyRefused | MovementRefused | ErrorOf<'NodeInactive'>> {
        const { market, nowNs } = this.deps;
        const known = market.resumable(purchase, nowNs());
        if (!known.ok) return known;
        const movement = known.value === undefined ? await this.place(purchase) : ok(known.value);
        return movement.ok ? this.pay(movement.value) : movement;
    }

    private async place(purchase: Purchase): Answer<bigint, BuyRefused | MovementRefused | ErrorOf<'NodeInactive'>> {
        const { market, nowNs } = this.deps;
        const before = this.check(purchase);
        if (!before.ok) return before;
        const owner = await this.checkOwner(before.value.node, before.value.seller);
        if (!owner.ok) return owner.error.kind === 'NotNodeOwner' ? err({ kind: 'ListingClosed' }) : err(owner.error);
        const listing = this.check(purchase);
        if (!listing.ok) return listing;
        const meanwhile = market.resumable(purchase, nowNs());
        if (!meanwhile.ok) return meanwhile;
        return ok(meanwhile.value ?? market.place(purchase, listing.value, nowNs()));
    }

    private async pay(movement: bigint): Answer<Order, MovementRefused> {
        const paid = await this.deps.money.attempt(movement);
        if (!paid.ok) return paid;
        const order = this.deps.market.orderOf(movement);
        return order === undefined ? err({ kind: 'Busy' }) : ok(order);
    }

    private check(purchase: Purchase): Result<Listing, BuyRefused> {
        return this.deps.market.check(purchase, this.deps.config.get().allowsSelfTrade, this.deps.nowNs());
    }

    /** Whether somebody owns the wallet of a node that is Active now. */
    private async checkOwner(node: Principal, who: Principal): Answer<void, OwnerRefused> {
        const answer = await this.deps.nodes.tradedNode(node);
        if (!answer.ok) return err({ kind: 'TemporarilyUnavailable', detail: answer.error });
        const facts = answer.value;
        const owns = facts?.walletOwner !== undefined && comparePrincipals(facts.walletOwner, who) === 0;
        if (!owns) return err({ kind: 'NotNodeOwner' });
        return facts.isActive ? ok(undefined) : err({ kind: 'NodeInactive' });
    }
}
