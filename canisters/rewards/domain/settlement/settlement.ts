/** Settlement of a round: emission by weight and the trades of its window, whole list or nothing (domain.md C.8). */
import type { Principal } from '@dfinity/principal';
import { equalBytes, toHex } from '../../../../src/core/bytes';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { roundEndNs } from '../../../../src/core/clock';
import { samePrincipal } from '../../../../src/core/principals';
import { err, ok, type Result } from '../../../../src/core/result';
import type { TradeGroup, WeightItem } from '../../../../src/core/round_pages';
import { clockOf } from '../profiles/calendar';
import { Credits } from './credits';
import { beginRound, endRound, feesOf, payTrades, payWeights } from './distribution';
import { refuse, type SettleError } from '../errors';
import { purseOf } from '../treasury/purses';
import type { RewardsState, SettlementRow } from '../state';

export type { WeightItem };

/** Weights and trades of one call together; larger rounds come in pages (./staged_rounds.ts). */
export const MAX_SETTLE_ITEMS = 1_000;
/** A SHA-256 or SHA-224 of the hub's window. */
const MAX_HASH_BYTES = 64;

/** A trade of a window; its price in e8s includes the fee. */
export interface TradeItem {
    readonly node: Principal;
    readonly buyer: Principal;
    readonly priceE8s: bigint;
}

/** Which report of a round a call is about. */
export interface ReportKey {
    readonly round: bigint;
    readonly sourceHash: Uint8Array;
}

/** All of a round in one call. */
export interface RoundReport extends ReportKey {
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

/** The settlement if the report has been settled before; undefined when it is the next one's turn and its round has ended. */
export function checkTurn(
    state: RewardsState,
    { round, sourceHash }: ReportKey,
    nowNs: bigint
): Result<SettlementRow | undefined, SettleError> {
    const expected = state.settlements.length();
    if (round > expected) return refuse('WrongRound', { expected });
    const settled = state.settlements.get(round);
    if (settled !== undefined) {
        return equalBytes(settled.sourceHash, sourceHash) ? ok(settled) : refuse('AlreadySettled', null);
    }
    if (nowNs < roundEndNs(clockOf(state), round)) return refuse('RoundNotEnded', null);
    if (sourceHash.length === 0 || sourceHash.length > MAX_HASH_BYTES) return refuse('InvalidArgument', 'source_hash');
    return ok(undefined);
}

/** Checks all of a report that needs no call; changes nothing. */
export function checkReport(state: RewardsState, report: RoundReport, nowNs: bigint): Result<ReportCheck, SettleError> {
    const turn = checkTurn(state, report, nowNs);
    if (!turn.ok) return turn;
    if (turn.value !== undefined) return ok({ kind: 'settled', settlement: turn.value });
    const fault = faultOf(state, report);
    if (fault !== undefined) return err(fault);
    return ok({ kind: 'due', expectedE8s: expectedE8s(report.moneyE8s) });
}

/** What the purse `settlement` must hold beyond its books for trades of this price. */
export function expectedE8s(moneyE8s: bigint): bigint {
    return moneyE8s === 0n ? 0n : moneyE8s - LEDGER_FEE_E8S;
}

function faultOf(state: RewardsState, report: RoundReport): SettleError | undefined {
    const { weights, trades, moneyE8s } = report;
    if (weights.length + trades.length > MAX_SETTLE_ITEMS) {
        return { code: 'TooManyItems', detail: BigInt(MAX_SETTLE_ITEMS) };
    }
    const nodes = nodeFault(state, report);
    if (nodes !== undefined) return nodes;
    const pricesE8s = trades.reduce((sum, { priceE8s }) => sum + priceE8s, 0n);
    const sums = { pricesE8s, feesE8s: feesOf(state, groupsOf(trades)), trades: BigInt(trades.length) };
    return moneyFault(sums, moneyE8s);
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

/** What the trades of a report come to: their number, and e8s. */
export interface TradeSums {
    readonly trades: bigint;
    readonly pricesE8s: bigint;
    readonly feesE8s: bigint;
}

/** The fees of a window's trades must cover the ledger fee of the transfer that brought their money. */
export function moneyFault({ trades, pricesE8s, feesE8s }: TradeSums, moneyE8s: bigint): SettleError | undefined {
    const covered = trades === 0n || feesE8s >= LEDGER_FEE_E8S;
    return pricesE8s === moneyE8s && covered ? undefined : { code: 'MoneyMismatch', detail: null };
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
    if (openOut > 0) return refuse('TemporarilyUnavailable', 'a transfer is open');
    return refuse('MoneyMissing', { expected_e8s: expectedE8s, found_e8s: found > 0n ? found : 0n });
}

/** Settles a report that was checked in this same message, its money included. */
export function commitRound(state: RewardsState, report: RoundReport, nowNs: bigint): SettlementRow {
    const groups = groupsOf(report.trades);
    const begun = beginRound(state, {
        round: report.round,
        sourceHash: report.sourceHash,
        totalWeight: report.weights.reduce((sum, { weight }) => sum + weight, 0n),
        moneyE8s: report.moneyE8s,
        feesE8s: feesOf(state, groups)
    });
    const credits = new Credits(state, report.round, nowNs);
    payWeights(state, begun, report.weights, credits);
    const progress = payTrades(state, begun, groups, credits);
    credits.commit();
    return keepSettlement(state, endRound(state, progress, nowNs));
}

/** Appends the settlement of the round whose turn it is. */
export function keepSettlement(state: RewardsState, settlement: SettlementRow): SettlementRow {
    state.settlements.append(settlement);
    return settlement;
}

/** Trades that follow each other and are of one node, together. */
function groupsOf(trades: readonly TradeItem[]): readonly TradeGroup[] {
    const groups: { node: Principal; trades: { buyer: Principal; priceE8s: bigint }[] }[] = [];
    for (const { node, buyer, priceE8s } of trades) {
        const last = groups[groups.length - 1];
        if (last !== undefined && samePrincipal(last.node, node)) last.trades.push({ buyer, priceE8s });
        else groups.push({ node, trades: [{ buyer, priceE8s }] });
    }
    return groups;
}
