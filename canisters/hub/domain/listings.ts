import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { NS_PER_S } from '../../../src/core/clock';
import { collectPage } from '../../../src/core/page';
import { err, ok, type Result } from '../../../src/core/result';
import type { Log, Table } from '../../../src/core/table';
import type { ErrorOf } from './errors';

/** Compute that a node offers: so many E units, each at a price. */
export interface Listing {
    readonly id: bigint;
    readonly node: Principal;
    /** Owner of the node's wallet when it was listed. */
    readonly seller: Principal;
    readonly unitPriceE8s: bigint;
    readonly unitsOffered: bigint;
    readonly unitsLeft: bigint;
    /** Seconds that the node takes to deliver an order at most. */
    readonly deliveryS: bigint;
    readonly createdAtNs: bigint;
    /** Nothing can be bought from this instant on. */
    readonly expiresNs: bigint;
    readonly cancelledAtNs?: bigint;
}

export type NewListing = Pick<Listing, 'node' | 'unitPriceE8s' | 'deliveryS' | 'expiresNs'> & {
    readonly units: bigint;
};

const MAX_UNITS = 1_000_000_000_000n;
const MAX_UNIT_PRICE_E8S = 10n ** 16n;
const MAX_DELIVERY_S = 30n * 86_400n;
const MAX_LIFE_NS = 366n * 86_400n * NS_PER_S;

/** A listing is kept for good and costs its maker nothing, so that a node may make so many in a day. */
export const LISTINGS_PER_DAY = 100n;
const DAY_NS = 86_400n * NS_PER_S;

/** The listings that a node made since an instant, for at most a day. */
export interface ListingRate {
    readonly sinceNs: bigint;
    readonly made: bigint;
}

/** What nodes offer; a listing keeps its number for good. */
export class Listings {
    constructor(
        private readonly log: Log<Listing>,
        private readonly rates: Table<Principal, ListingRate>
    ) {}

    create(
        { units, ...listing }: NewListing,
        seller: Principal,
        nowNs: bigint
    ): Result<Listing, ErrorOf<'InvalidArgument' | 'RateLimited'>> {
        const fault = faultOf({ units, ...listing }, nowNs);
        if (fault !== undefined) return err({ kind: 'InvalidArgument', detail: fault });
        const known = this.rates.get(listing.node);
        const { sinceNs, made } = known && nowNs < known.sinceNs + DAY_NS ? known : { sinceNs: nowNs, made: 0n };
        if (made >= LISTINGS_PER_DAY) {
            return err({ kind: 'RateLimited', retryAfterS: (sinceNs + DAY_NS - nowNs + NS_PER_S - 1n) / NS_PER_S });
        }
        this.rates.set(listing.node, { sinceNs, made: made + 1n });
        const id = this.log.length();
        const created = { id, ...listing, seller, unitsOffered: units, unitsLeft: units, createdAtNs: nowNs };
        this.log.append(created);
        return ok(created);
    }

    get(id: bigint): Listing | undefined {
        return this.log.get(id);
    }

    count(): bigint {
        return this.log.length();
    }

    /** The seller withdraws it; orders that were placed stay. Doing it twice changes nothing. */
    cancel(id: bigint, who: Principal, nowNs: bigint): Result<Listing, ErrorOf<'NotFound' | 'NotNodeOwner'>> {
        const listing = this.log.get(id);
        if (listing === undefined) return err({ kind: 'NotFound' });
        if (comparePrincipals(listing.seller, who) !== 0) return err({ kind: 'NotNodeOwner' });
        if (listing.cancelledAtNs !== undefined) return ok(listing);
        const cancelled = { ...listing, cancelledAtNs: nowNs };
        this.log.replace(id, cancelled);
        return ok(cancelled);
    }

    /** Whether units can be bought now. */
    check(
        id: bigint,
        units: bigint,
        nowNs: bigint
    ): Result<Listing, ErrorOf<'NotFound' | 'ListingClosed' | 'NotEnoughUnits'>> {
        const listing = this.log.get(id);
        if (listing === undefined) return err({ kind: 'NotFound' });
        if (!isOpen(listing, nowNs)) return err({ kind: 'ListingClosed' });
        if (units > listing.unitsLeft) return err({ kind: 'NotEnoughUnits', left: listing.unitsLeft });
        return ok(listing);
    }

    /** Takes units that {@link check} found. */
    takeUnits(listing: Listing, units: bigint): void {
        this.log.replace(listing.id, { ...listing, unitsLeft: listing.unitsLeft - units });
    }

    /** Puts the units of an order that came to nothing back on offer. */
    giveBackUnits(id: bigint, units: bigint): void {
        const listing = this.log.get(id);
        if (listing !== undefined) this.log.replace(id, { ...listing, unitsLeft: listing.unitsLeft + units });
    }

    /** Newest first. */
    list(start: bigint, take: bigint): readonly Listing[] {
        const length = this.log.length();
        return collectPage(start, take, length, (index) => this.log.get(length - 1n - index));
    }
}

export function isOpen(listing: Listing, nowNs: bigint): boolean {
    return listing.cancelledAtNs === undefined && nowNs < listing.expiresNs;
}

function faultOf({ units, unitPriceE8s, deliveryS, expiresNs }: NewListing, nowNs: bigint): string | undefined {
    if (units <= 0n || units > MAX_UNITS) return `units is 1 to ${MAX_UNITS}`;
    if (unitPriceE8s <= 0n || unitPriceE8s > MAX_UNIT_PRICE_E8S) return `unit_price_e8s is 1 to ${MAX_UNIT_PRICE_E8S}`;
    if (deliveryS <= 0n || deliveryS > MAX_DELIVERY_S) return `delivery_s is 1 to ${MAX_DELIVERY_S}`;
    if (expiresNs <= nowNs || expiresNs > nowNs + MAX_LIFE_NS) return 'expires_ns is within a year from now';
    return undefined;
}
