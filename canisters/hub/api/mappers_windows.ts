/** Domain → Candid: windows and settlement status. */
import { roundStartNs } from '../../../src/core/clock';
import { windowEndNs, type HubClock } from '../domain/calendar';
import { windowState, type Receipt, type Settlement, type WindowState } from '../domain/settlement';
import type { NodeUsage, WindowSums } from '../domain/window_book';
import type { Setback } from '../domain/setback';
import type {
    CandidNodeUsage,
    CandidReceipt,
    CandidSettlementStatus,
    CandidWindowState,
    CandidWindowView
} from './idl_windows';
import { toOpt } from './mappers';

function toWindowState(state: WindowState): CandidWindowState {
    switch (state) {
        case 'Open':
            return { Open: null };
        case 'Frozen':
            return { Frozen: null };
        case 'Transferring':
            return { Transferring: null };
        case 'Settling':
            return { Settling: null };
        case 'Settled':
            return { Settled: null };
    }
}

function toReceipt(receipt: Receipt): CandidReceipt {
    return {
        pool_e8s: receipt.poolE8s,
        emission_e8s: receipt.emissionE8s,
        carry_in_e8s: receipt.carryInE8s,
        carry_out_e8s: receipt.carryOutE8s,
        total_weight: receipt.totalWeight,
        shares: receipt.shares,
        trade_volume_e8s: receipt.tradeVolumeE8s,
        settled_at_ns: receipt.settledAtNs
    };
}

export interface PageCounts {
    readonly weights: bigint;
    readonly trades: bigint;
}

/** Until the settlement is sealed the money is what the window took in so far; afterwards what is settled with rewards. */
export function toWindowView(
    window: bigint,
    clock: HubClock,
    sums: WindowSums,
    settlement: Settlement | undefined,
    pages: PageCounts,
    creditPriceE8s: bigint
): CandidWindowView {
    return {
        window,
        state: toWindowState(windowState(settlement)),
        starts_ns: roundStartNs(clock, window),
        ends_ns: windowEndNs(clock, window),
        records: sums.records,
        successes: sums.successes,
        credits: sums.credits,
        cancelled_credits: sums.cancelledCredits,
        market_e8s: sums.marketE8s,
        money_e8s: moneyOf(sums, settlement, creditPriceE8s),
        trades: settlement?.trades ?? 0n,
        weights: settlement?.weights ?? 0n,
        returned_credits: settlement?.returnedCredits ?? 0n,
        carried_credits: settlement?.carriedCredits ?? 0n,
        carried_market_e8s: settlement?.carriedMarketE8s ?? 0n,
        weight_pages: pages.weights,
        trade_pages: pages.trades,
        source_hash: toOpt(settlement?.sourceHash),
        block_index: toOpt(settlement?.blockIndex),
        receipt: toOpt(settlement?.receipt && toReceipt(settlement.receipt))
    };
}

function moneyOf(sums: WindowSums, settlement: Settlement | undefined, creditPriceE8s: bigint): bigint {
    const sealed = settlement?.sourceHash !== undefined;
    if (sealed) return settlement.moneyE8s;
    return (sums.credits + sums.cancelledCredits) * creditPriceE8s + sums.marketE8s;
}

export function toNodeUsage({ cancelledCredits, ...usage }: NodeUsage): CandidNodeUsage {
    return { ...usage, cancelled_credits: cancelledCredits };
}

export function toSettlementStatus(
    nextWindow: bigint,
    settlement: Settlement | undefined,
    running: boolean,
    setback: Setback
): CandidSettlementStatus {
    return {
        next_window: nextWindow,
        state: toWindowState(windowState(settlement)),
        running,
        failures: setback.failures,
        last_failure: setback.failures === 0n ? [] : [{ at_ns: setback.atNs, detail: setback.detail }]
    };
}
