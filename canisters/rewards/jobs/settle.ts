import { ok, type Result } from '../../../src/core/result';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { askBalance } from '../clients/ledger';
import { refuse, type SettleError } from '../domain/errors';
import { checkMoney, checkReport, commitRound, moneyBooked, type RoundReport } from '../domain/settlement';
import type { SettlementRow } from '../domain/state';
import { env, guards, state } from '../wiring';

const FLOW = 'settle';

/** Settles a round of the hub; with trades, only after the ledger has shown their money. */
export async function settle(report: RoundReport): Promise<Result<SettlementRow, SettleError>> {
    const check = checkReport(state, report, env.nowNs());
    if (!check.ok) return check;
    if (check.value.kind === 'settled') return ok(check.value.settlement);
    if (report.trades.length === 0) return ok(commitRound(state, report, env.nowNs()));
    if (!guards.enter(FLOW, env.nowNs())) return refuse('TemporarilyUnavailable', 'another settlement is under way');
    try {
        return await settleWithMoney(report);
    } finally {
        guards.leave(FLOW);
    }
}

async function settleWithMoney(report: RoundReport): Promise<Result<SettlementRow, SettleError>> {
    const before = moneyBooked(state);
    const balance = await askBalance(purseAccount(env.self(), 'settlement'));
    if (!balance.ok) return refuse('TemporarilyUnavailable', balance.error);
    const again = checkReport(state, report, env.nowNs());
    if (!again.ok) return again;
    if (again.value.kind === 'settled') return ok(again.value.settlement);
    const money = checkMoney(state, before, balance.value, again.value.expectedE8s);
    return money.ok ? ok(commitRound(state, report, env.nowNs())) : money;
}
