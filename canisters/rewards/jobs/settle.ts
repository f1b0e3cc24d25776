import { ok, type Result } from '../../../src/core/result';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { askBalance } from '../clients/ledger';
import { refuse, type SettleError, type StageError } from '../domain/errors';
import {
    checkMoney,
    checkReport,
    commitRound,
    expectedE8s,
    moneyBooked,
    type ReportKey,
    type RoundReport
} from '../domain/settlement/settlement';
import type { SettlementRow } from '../domain/state';
import type { StagedRound, StageProgress } from '../domain/settlement/staged_rounds';
import { env, guards, staged, state } from '../wiring';

const FLOW = 'settle';

/** Settles a round of the hub; with trades, only after the ledger has shown their money. */
export async function settle(report: RoundReport): Promise<Result<SettlementRow, SettleError>> {
    if (staged.isPaying(report.round)) return refuse('TemporarilyUnavailable', 'the round is being paid');
    const check = checkReport(state, report, env.nowNs());
    if (!check.ok) return check;
    if (check.value.kind === 'settled') return ok(check.value.settlement);
    if (report.trades.length === 0) return ok(commitRound(state, report, env.nowNs()));
    return guarded(() => settleWithMoney(report));
}

async function settleWithMoney(report: RoundReport): Promise<Result<SettlementRow, SettleError>> {
    const money = await lookForMoney(expectedE8s(report.moneyE8s));
    if (!money.ok) return money;
    const again = checkReport(state, report, env.nowNs());
    if (!again.ok) return again;
    if (again.value.kind === 'settled') return ok(again.value.settlement);
    const found = checkMoney(state, money.value.before, money.value.balance, again.value.expectedE8s);
    return found.ok ? ok(commitRound(state, report, env.nowNs())) : found;
}

/** Pays the next page of a round that came in pages; the first time after its money was found. */
export async function payStaged(key: ReportKey): Promise<Result<StageProgress, StageError>> {
    const report = staged.complete(key, env.nowNs());
    if (!report.ok) return report;
    if ('settlement' in report.value) return ok({ nextPage: 0n, settlement: report.value.settlement });
    const { staged: round } = report.value;
    return round.paying === undefined ? guarded(() => startStaged(key, round)) : payNext(round);
}

async function startStaged(key: ReportKey, { announced }: StagedRound): Promise<Result<StageProgress, StageError>> {
    const { moneyE8s } = announced;
    const money = moneyE8s === 0n ? undefined : await lookForMoney(expectedE8s(moneyE8s));
    if (money !== undefined && !money.ok) return money;
    const again = staged.complete(key, env.nowNs());
    if (!again.ok) return again;
    if ('settlement' in again.value) return ok({ nextPage: 0n, settlement: again.value.settlement });
    if (again.value.staged.paying === undefined) {
        const found = money && checkMoney(state, money.value.before, money.value.balance, expectedE8s(moneyE8s));
        if (found !== undefined && !found.ok) return found;
        staged.startPaying(again.value.staged);
    }
    return payNext(again.value.staged);
}

function payNext({ nextPage }: StagedRound): Result<StageProgress, never> {
    return ok({ nextPage, settlement: staged.payPage(env.nowNs()) });
}

/** The purse's ledger balance, and its books when it was asked. */
async function lookForMoney(
    expected: bigint
): Promise<Result<{ readonly before: bigint; readonly balance: bigint }, SettleError>> {
    const before = moneyBooked(state);
    const balance = await askBalance(purseAccount(env.self(), 'settlement'));
    if (!balance.ok) return refuse('TemporarilyUnavailable', `${expected} e8s are looked for: ${balance.error}`);
    return ok({ before, balance: balance.value });
}

async function guarded<T, E>(run: () => Promise<Result<T, E | SettleError>>): Promise<Result<T, E | SettleError>> {
    if (!guards.enter(FLOW, env.nowNs())) return refuse('TemporarilyUnavailable', 'another settlement is under way');
    try {
        return await run();
    } finally {
        guards.leave(FLOW);
    }
}
