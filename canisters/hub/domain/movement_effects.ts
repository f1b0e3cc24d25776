import { invariant } from '../../../src/core/assert';
import type { CreditBook } from './credit_book';
import type { EscrowBook } from './escrow_book';
import type { Listings } from './listings';
import type { MovementEffects } from './movements';
import type { Orders } from './orders';

export interface EffectDeps {
    readonly credits: CreditBook;
    readonly escrow: EscrowBook;
    readonly listings: Listings;
    readonly orders: Orders;
}

/** What the end of a movement changes in the books. */
export function movementEffects({ credits, escrow, listings, orders }: EffectDeps): MovementEffects {
    return {
        done({ purpose }, nowNs) {
            switch (purpose.kind) {
                case 'purchase':
                    return credits.buy(purpose.owner, purpose.credits);
                case 'withdrawal':
                    return credits.endWithdrawal(purpose.credits);
                case 'escrow':
                    return escrow.receive(orders.funded(purpose.order, nowNs).priceE8s);
                case 'refund':
                    return escrow.refund(orders.refunded(purpose.order));
            }
        },
        dropped({ purpose }) {
            switch (purpose.kind) {
                case 'purchase':
                    return;
                case 'withdrawal':
                    return credits.undoWithdrawal(purpose.owner, purpose.credits);
                case 'escrow': {
                    const { listing, units } = orders.drop(purpose.order);
                    return listings.giveBackUnits(listing, units);
                }
                case 'refund':
                    invariant(false, 'H5', `the refund of order ${purpose.order} was given up`);
            }
        }
    };
}
