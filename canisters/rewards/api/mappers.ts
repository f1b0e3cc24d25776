/** Candid ⇄ domain. Refusals map by themselves: their codes and details are spelled as their Candid arms. */
import type { Principal } from '@dfinity/principal';
import { fromCandidAccount, SUBACCOUNT_BYTES, toCandidAccount, type Account } from '../../../src/core/account';
import { err, ok, toCandidResult, type CandidResult, type Result } from '../../../src/core/result';
import type { PeriodSchedule } from '../../../src/core/tokenomics/emission';
import { purseAccount, type RewardsPurse } from '../../../src/core/tokenomics/pools';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import { unreachable } from '../../../src/core/assert';
import { reasonOf } from '../domain/transfers/attempts';
import type { NodeFact } from '../domain/nodes/directory';
import type { RewardsError } from '../domain/errors';
import { freeE8s, purseOf, setAsideE8s } from '../domain/treasury/purses';
import type { RoundReport } from '../domain/settlement/settlement';
import type * as rows from '../domain/state';
import type * as idl from './idl';

export function toResult<T, C>(
    result: Result<T, RewardsError>,
    toOk: (value: T) => C
): CandidResult<C, Readonly<Record<string, unknown>>> {
    return toCandidResult(result, toOk, ({ code, detail }) => ({ [code]: detail }));
}

export function toNodeClass(nodeClass: NodeClass): idl.NodeClass {
    switch (nodeClass) {
        case 'validator':
            return { validator: null };
        case 'router':
            return { router: null };
        case 'compute':
            return { compute: null };
        default:
            return unreachable(nodeClass);
    }
}

export function fromNodeClass(nodeClass: idl.NodeClass): NodeClass {
    if ('validator' in nodeClass) return 'validator';
    return 'router' in nodeClass ? 'router' : 'compute';
}

/** An account of the caller; refuses a subaccount that is not 32 bytes long. */
export function callersAccount(
    owner: Principal,
    [subaccount]: [] | [Uint8Array]
): Result<Account, RewardsError<'InvalidArgument'>> {
    if (subaccount === undefined) return ok({ owner });
    if (subaccount.length !== SUBACCOUNT_BYTES) return err({ code: 'InvalidArgument', detail: 'subaccount' });
    return ok({ owner, subaccount });
}

/** Facts of the state machine; undefined when a wallet's subaccount is malformed. */
export function fromNodeFacts(facts: readonly idl.NodeFact[]): readonly NodeFact[] | undefined {
    const nodes: NodeFact[] = [];
    for (const fact of facts) {
        const [candid] = fact.wallet;
        const wallet = candid === undefined ? ok(undefined) : fromCandidAccount(candid);
        if (!wallet.ok) return undefined;
        nodes.push({
            node: fact.node,
            class: fromNodeClass(fact.class),
            wallet: wallet.value,
            eValueE8: fact.e_value_e8,
            version: fact.version
        });
    }
    return nodes;
}

export function fromRoundReport(report: idl.RoundReport): RoundReport {
    return {
        round: report.round,
        sourceHash: report.source_hash,
        weights: report.weights,
        trades: report.trades.map(({ node, buyer, price_e8s }) => ({ node, buyer, priceE8s: price_e8s })),
        moneyE8s: report.money_e8s
    };
}

export function toScheduleEntry(schedule: PeriodSchedule): idl.ScheduleEntry {
    return {
        period: schedule.period,
        first_epoch: schedule.firstEpoch,
        epochs: schedule.epochs,
        period_e8s: schedule.periodE8s,
        epoch_e8s: schedule.epochE8s,
        round_e8s: schedule.roundE8s,
        last_round_e8s: schedule.lastRoundE8s
    };
}

export function toSettlement(state: rows.RewardsState, row: rows.SettlementRow): idl.Settlement {
    return {
        round: row.round,
        pool_e8s: row.poolE8s,
        emission_e8s: row.emissionE8s,
        carry_in_e8s: row.carryInE8s,
        carry_out_e8s: row.carryOutE8s,
        total_weight: row.totalWeight,
        shares: state.shares.length(row.round),
        trade_volume_e8s: row.tradeVolumeE8s,
        trade_fees_e8s: row.tradeFeesE8s,
        trade_rewards_e8s: row.tradeRewardsE8s,
        source_hash: row.sourceHash,
        settled_at_ns: row.settledAtNs
    };
}

export function toStakeView(node: Principal, row: rows.StakeRow): idl.StakeView {
    return {
        node,
        class: toNodeClass(row.class),
        staker: toCandidAccount(row.staker),
        initial_e8s: row.initialE8s,
        remaining_e8s: row.remainingE8s,
        term_days: row.termDays,
        start_ns: row.startNs,
        end_ns: row.endNs,
        e_at_stake_e8: row.eAtStakeE8
    };
}

export function toShare(row: rows.ShareRow): idl.Share {
    const account: idl.Share['account'] = row.account === undefined ? [] : [toCandidAccount(row.account)];
    return { node: row.node, account, amount_e8s: row.amountE8s };
}

export function toRewardEntry(row: rows.RewardRow): idl.RewardEntry {
    return {
        kind: { [row.kind]: null },
        round: row.round,
        node: row.node === undefined ? [] : [row.node],
        amount_e8s: row.amountE8s,
        at_ns: row.atNs
    };
}

export function toClaimView(id: bigint, row: rows.ClaimRow): idl.ClaimView {
    return {
        id,
        account: toCandidAccount(row.account),
        amount_e8s: row.amountE8s,
        state: toClaimState(row.state),
        created_at_ns: row.createdAtNs
    };
}

function toClaimState(state: rows.ClaimState): object {
    switch (state.kind) {
        case 'requested':
            return { Requested: null };
        case 'synced':
            return { Synced: null };
        case 'transferring':
            return { Transferring: null };
        case 'cancelled':
            return { Cancelled: null };
        case 'failed':
            return { FailedRetryable: state.reason };
        case 'paid': {
            const { blockIndex, paidE8s } = state;
            return {
                Paid: { block_index: blockIndex ?? 0n, block_known: blockIndex !== undefined, paid_e8s: paidE8s }
            };
        }
        default:
            return unreachable(state);
    }
}

export function toPurseView(state: rows.RewardsState, self: Principal, name: RewardsPurse): idl.PurseView {
    const purse = purseOf(state, name);
    return {
        purse: name,
        account: toCandidAccount(purseAccount(self, name)),
        booked_e8s: purse.bookedE8s,
        owed_e8s: purse.owedE8s,
        held_e8s: purse.heldE8s,
        set_aside_e8s: setAsideE8s(state, name),
        free_e8s: freeE8s(state, name),
        fees_paid_e8s: purse.feesPaidE8s,
        observed_e8s: purse.observedE8s === undefined ? [] : [purse.observedE8s],
        observed_at_ns: purse.observedAtNs
    };
}

export function toTransferView(id: bigint, row: rows.TransferRow): idl.TransferView {
    const { transfer, state } = row.intent;
    const reason = reasonOf(row.intent);
    return {
        id,
        purpose: row.purpose.kind,
        from: toCandidAccount(transfer.from),
        to: toCandidAccount(transfer.to),
        amount_e8s: transfer.amountE8s,
        fee_e8s: transfer.feeE8s,
        memo: transfer.memo,
        created_at_ns: transfer.createdAtNs,
        state: reason === '' || reason === state.kind ? state.kind : `${state.kind}: ${reason}`,
        attempts: row.attempts
    };
}
