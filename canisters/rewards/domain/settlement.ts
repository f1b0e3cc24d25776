/** Settlement of a round: emission by weight and the trades of its window, whole list or nothing (domain.md C.8). */
import type { Principal } from '@dfinity/principal';
import { equalBytes, toHex } from '../../../src/core/bytes';
import { LEDGER_FEE_E8S, applyRatio } from '../../../src/core/amount';
import { roundEndNs } from '../../../src/core/clock';
import { err, ok, type Result } from '../../../src/core/result';
import { clockOf, profileOf } from './calendar';
import { distribute } from './distribution';
import { refuse, type SettleError } from './errors';
import { purseOf } from './purses';
import type { RewardsState, SettlementRow } from './state';

/** Weights and trades of one call together: what one message can process. Larger rounds come in chunks later. */
export const MAX_SETTLE_ITEMS = 1_000;
/** A SHA-256 or SHA-224 of the hub's window. */
const MAX_HASH_BYTES = 64;

export interface WeightItem {
    readonly node: Principal;
    readonly weight: bigint;
}

export interface TradeItem {
    readonly node: Principal;
    readonly buyer: Principal;
    readonly priceE8s: bigint;
}

export interface RoundReport {
    readonly round: bigint;
    readonly sourceHash: Uint8Array;
    readonly weights: readonly WeightItem[];
    readonly trades: readonly TradeItem[];
    /** Σ prices; the hub has sent one ledger fee less to the purse `settlement`. */
    readonly moneyE8s: bigint;
}

/** What a report means before its money is looked for. */
export type ReportCheck =
    | { readonly kind: 'settled'; readonly settlement: SettlementRow }
    /** `expectedE8s` must lie in the purse beyond its books. */
    | { readonly kind: 'due'; readonly expectedE8s: bigint };

/** Checks all of a report that needs no call; changes nothing. */
export function checkReport(state: RewardsState, report: RoundReport, nowNs: bigint): Result<ReportCheck, SettleError> {
    const expected = state.settlements.length();
    if (report.round > expected) return refuse('WrongRound', { expected });
    const settled = state.settlements.get(report.round);
    if (settled !== undefined) {
        if (!equalBytes(settled.sourceHash, report.sourceHash)) return refuse('AlreadySettled', null);
        return ok({ kind: 'settled', settlement: settled });
    }
    if (nowNs < roundEndNs(clockOf(state), report.round)) return refuse('RoundNotEnded', null);
    const fault = faultOf(state, report);
    if (fault !== undefined) return err(fault);
    return ok({ kind: 'due', expectedE8s: report.moneyE8s === 0n ? 0n : report.moneyE8s - LEDGER_FEE_E8S });
}

function faultOf(state: RewardsState, report: RoundReport): SettleError | undefined {
    const { weights, trades, sourceHash } = report;
    if (weights.length + trades.length > MAX_SETTLE_ITEMS) {
        return { code: 'TooManyItems', detail: BigInt(MAX_SETTLE_ITEMS) };
    }
    if (sourceHash.length === 0 || sourceHash.length > MAX_HASH_BYTES) {
        return { code: 'InvalidArgument', detail: 'source_hash' };
    }
    return nodeFault(state, report) ?? moneyFault(state, report);
}

function nodeFault(state: RewardsState, { weights, trades }: RoundReport): SettleError | undefined {
    const seen = new Set<string>();
    for (const { node } of weights) {
        const key = toHex(node.toUint8Array());
        if (seen.has(key)) return { code: 'DuplicateNode', detail: node };
        if (!state.nodes.has(node)) return { code: 'UnknownNode', detail: node };
        seen.add(key);
    }
    const stranger = trades.find(({ node }) => !seen.has(toHex(node.toUint8Array())) && !state.nodes.has(node));
    return stranger && { code: 'UnknownNode', detail: stranger.node };
}

/** The fees of a window's trades must cover the ledger fee of the transfer that brought their money. */
function moneyFault(state: RewardsState, { trades, moneyE8s }: RoundReport): SettleError | undefined {
    const { fee } = profileOf(state).trade;
    const prices = trades.reduce((sum, { priceE8s }) => sum + priceE8s, 0n);
    const fees = trades.reduce((sum, { priceE8s }) => sum + applyRatio(priceE8s, fee), 0n);
    const covered = trades.length === 0 || fees >= LEDGER_FEE_E8S;
    return prices === moneyE8s && covered ? undefined : { code: 'MoneyMismatch', detail: null };
}

/** The purse's books when its ledger balance is asked; a balance means nothing once they have changed. */
export function moneyBooked(state: RewardsState): bigint {
    return purseOf(state, 'settlement').bookedE8s;
}

/**
 * Whether the ledger balance shows money that the books do not have yet. An open transfer out of the purse can only hide
 * money; one into it could stand in for money that never came. Then the hub is told to ask again, never that money is missing.
 */
export function checkMoney(
    state: RewardsState,
    bookedBeforeE8s: bigint,
    balanceE8s: bigint,
    expectedE8s: bigint
): Result<null, SettleError> {
    const { bookedE8s, openOut, openIn } = purseOf(state, 'settlement');
    if (bookedE8s !== bookedBeforeE8s || openIn > 0) return refuse('TemporarilyUnavailable', 'the purse is moving');
    const found = balanceE8s - bookedE8s;
    if (found >= expectedE8s) return ok(null);
    state.awaitedE8s.set(expectedE8s);
    if (openOut > 0) return refuse('TemporarilyUnavailable', 'a transfer is open');
    return refuse('MoneyMissing', { expected_e8s: expectedE8s, found_e8s: found > 0n ? found : 0n });
}

/** Settles a report that was checked in this same message, its money included. */
export function commitRound(state: RewardsState, report: RoundReport, nowNs: bigint): SettlementRow {
    const settlement = distribute(state, report, nowNs);
    state.settlements.append(settlement);
    state.awaitedE8s.set(0n);
    return settlement;
}
