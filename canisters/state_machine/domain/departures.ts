import type { Principal } from '@dfinity/principal';
import type { Pools } from './pools';
import type { Registry } from './registry';
import type { Slashes } from './slashes';
import type { StakeBook } from './stake_book';
import type { ValidatorSet } from './validators';

/** What follows when a node stops serving, in one place for each reason. */
export class Departures {
    constructor(
        private readonly registry: Registry,
        private readonly validators: ValidatorSet,
        private readonly stakes: StakeBook,
        private readonly slashes: Slashes,
        private readonly pools: Pools
    ) {}

    /** The others voted it out: for good, and with the whole remaining stake (AS-49). */
    remove(node: Principal, nowNs: bigint): void {
        this.slashes.decide({ node, reason: 'Impeachment', windows: 0n, all: true }, nowNs);
        this.stakes.forget(node);
        this.registry.apply(node, 'impeached', nowNs);
        this.validators.leave(node, nowNs);
        this.pools.leaveIfIn(node);
    }

    /** The stake is used up by deductions. */
    exhaust(node: Principal, nowNs: bigint): void {
        this.stakes.forget(node);
        this.registry.apply(node, 'collateral_exhausted', nowNs);
        this.validators.leave(node, nowNs);
    }

    /** The stake's term is over. */
    expire(node: Principal, nowNs: bigint): void {
        this.stakes.forget(node);
        this.registry.apply(node, 'stake_ended', nowNs);
        this.validators.leave(node, nowNs);
    }

    /** The node leaves by itself. */
    unregister(node: Principal, nowNs: bigint): void {
        this.stakes.forget(node);
        this.registry.apply(node, 'unregistered', nowNs);
        this.validators.leave(node, nowNs);
        this.pools.leaveIfIn(node);
    }
}
