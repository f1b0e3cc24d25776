/**
 * What an epoch and an account may be rewarded for trades (domain.md F23): while a trade costs nothing but ledger fees, trading
 * with oneself would use up the programme. The token economy sets the limits; without them nothing is counted.
 */
import type { Principal } from '@dfinity/principal';
import { maxAmount, minAmount } from '../../../../src/core/amount';
import { toHex } from '../../../../src/core/bytes';
import type { Cell, Table } from '../../../../src/core/table';
import type { TradeRules } from '../../../../src/core/tokenomics/profile';

/** The programme's rewards before an epoch's first round. */
export interface TradeEpochRow {
    readonly epoch: bigint;
    readonly rewardsBeforeE8s: bigint;
}

/** Trade rewards of one principal in the last epoch in which it got any under a limit. */
export interface TraderRow {
    readonly epoch: bigint;
    readonly rewardsE8s: bigint;
}

/** Tables of the limits; empty while the token economy has none. */
export interface TradeLimitTables {
    readonly tradeEpoch: Cell<TradeEpochRow>;
    readonly traders: Table<Principal, TraderRow>;
}

/** What the epoch may still reward, in e8s, when `rewardsE8s` have been given so far; undefined without a limit. */
export function leftOfEpoch(
    { tradeEpoch }: TradeLimitTables,
    { epochLimitE8s }: TradeRules,
    epoch: bigint,
    rewardsE8s: bigint
): bigint | undefined {
    if (epochLimitE8s === undefined) return undefined;
    const started = tradeEpoch.get();
    const beforeE8s = started.epoch === epoch ? started.rewardsBeforeE8s : rewardsE8s;
    if (started.epoch !== epoch) tradeEpoch.set({ epoch, rewardsBeforeE8s: rewardsE8s });
    return maxAmount(epochLimitE8s - (rewardsE8s - beforeE8s), 0n);
}

/** Counts what traders get in one epoch; nothing is written before {@link commit}. */
export class TraderLimits {
    private readonly changed = new Map<string, { readonly who: Principal; rewardsE8s: bigint }>();

    constructor(
        private readonly tables: TradeLimitTables,
        private readonly rules: TradeRules,
        private readonly epoch: bigint
    ) {}

    /** The part of a reward that its principal may still have; it counts as given. */
    take(who: Principal, rewardE8s: bigint): bigint {
        const { traderEpochLimitE8s: limit } = this.rules;
        if (limit === undefined || rewardE8s === 0n) return rewardE8s;
        const trader = this.traderOf(who);
        const givenE8s = minAmount(rewardE8s, maxAmount(limit - trader.rewardsE8s, 0n));
        trader.rewardsE8s += givenE8s;
        return givenE8s;
    }

    /** Writes the counts. */
    commit(): void {
        for (const { who, rewardsE8s } of this.changed.values()) {
            this.tables.traders.set(who, { epoch: this.epoch, rewardsE8s });
        }
    }

    private traderOf(who: Principal): { rewardsE8s: bigint } {
        const key = toHex(who.toUint8Array());
        const known = this.changed.get(key);
        if (known !== undefined) return known;
        const row = this.tables.traders.get(who);
        const trader = { who, rewardsE8s: row?.epoch === this.epoch ? row.rewardsE8s : 0n };
        this.changed.set(key, trader);
        return trader;
    }
}
