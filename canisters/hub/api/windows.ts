import type { Principal } from '@dfinity/principal';
import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { invariant } from '../../../src/core/assert';
import { windowAt } from '../domain/calendar';
import { env, hub } from '../wiring';
import { signedIn } from './access';
import type { CandidResultOf } from './idl';
import { resultOf, type Opt } from './idl_errors';
import {
    NodeUsage,
    SettlementStatus,
    WeightItem,
    WindowView,
    type CandidNodeUsage,
    type CandidSettlementStatus,
    type CandidWeightItem,
    type CandidWindowView
} from './idl_windows';
import { never, toOpt, toResult } from './mappers';
import { toNodeUsage, toSettlementStatus, toWindowView } from './mappers_windows';

const SettleResult = resultOf(
    WindowView,
    'Anonymous',
    'NotEnded',
    'AlreadySettled',
    'InProgress',
    'WrongWindow',
    'TemporarilyUnavailable'
);

/** Windows of call records and their settlement. */
export class Windows {
    /** Role: anyone signed in, after the window's end; the timer does the same a grace later (AS-73). */
    @update([IDL.Nat64], SettleResult, SERVED_WHILE_PAUSED)
    async settle_window(window: bigint): Promise<CandidResultOf<CandidWindowView>> {
        const caller = signedIn();
        if (!caller.ok) return toResult(caller, never);
        await hub.learnClock();
        return toResult(await hub.settleWindows.settle(window), () => settledView(window));
    }

    @query([IDL.Nat64], IDL.Opt(WindowView))
    get_window(window: bigint): Opt<CandidWindowView> {
        return toOpt(viewOf(window));
    }

    /** The window in which a result would be recorded now; empty until rewards has told its clock. */
    @query([], IDL.Opt(WindowView))
    current_window(): Opt<CandidWindowView> {
        const clock = hub.calendar.get();
        return clock === undefined ? [] : toOpt(viewOf(windowAt(clock, env.nowNs())));
    }

    @query([], SettlementStatus)
    settlement_status(): CandidSettlementStatus {
        const next = hub.settlements.nextWindow();
        const running = hub.lease.isTaken(env.nowNs());
        return toSettlementStatus(next, hub.settlements.get(next), running, hub.tables.setback.get());
    }

    @query([IDL.Principal, IDL.Nat64], NodeUsage)
    node_usage(node: Principal, window: bigint): CandidNodeUsage {
        return toNodeUsage(hub.windows.usage({ node, window }));
    }

    /** Page `seq` (from 0, weights first) in the canonical bytes that the source hash covers; empty behind the last. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Opt(IDL.Vec(IDL.Nat8)))
    get_report_page(window: bigint, seq: bigint): Opt<Uint8Array> {
        const settlement = hub.settlements.get(window);
        return toOpt(settlement && hub.settlements.reportPage(settlement, seq)?.bytes);
    }

    /** Page `page` (from 0) of the weights as rewards is told them; empty behind the last. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(WeightItem))
    list_weights(window: bigint, page: bigint): CandidWeightItem[] {
        return [...hub.settlements.weightPage(window, page)];
    }
}

function settledView(window: bigint): CandidWindowView {
    const view = viewOf(window);
    invariant(view !== undefined, 'H3', `window ${window} is settled and unknown`);
    return view;
}

/** Undefined for windows of an earlier hub, for future ones, and until the clock is known. */
function viewOf(window: bigint): CandidWindowView | undefined {
    const clock = hub.calendar.get();
    if (clock === undefined || window < clock.firstWindow || window > windowAt(clock, env.nowNs())) return undefined;
    const { creditPriceE8s } = hub.tables.config.get();
    const settlement = hub.settlements.get(window);
    const pages = settlement === undefined ? { weights: 0n, trades: 0n } : hub.settlements.pageCounts(settlement);
    return toWindowView(window, clock, hub.windows.sums(window), settlement, pages, creditPriceE8s);
}
