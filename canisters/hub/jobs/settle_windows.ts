import { NS_PER_S } from '../../../src/core/clock';
import { DONE, err, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import { windowEndNs, type Calendar, type HubClock } from '../domain/calendar';
import type { HubConfig } from '../domain/config';
import type { ErrorOf } from '../domain/errors';
import type { Lease } from '../domain/lease';
import { NO_SETBACK, type Setback } from '../domain/setback';
import type { Settlements } from '../domain/settlements';
import type { Obstacle } from './settlement_peers';
import type { SettlementSteps } from './settlement_steps';

export interface SettleDeps {
    readonly calendar: Calendar;
    readonly settlements: Settlements;
    readonly steps: SettlementSteps;
    readonly lease: Lease;
    readonly config: Cell<HubConfig>;
    readonly setback: Cell<Setback>;
    readonly nowNs: () => bigint;
}

export type SettleRefused = ErrorOf<
    'NotEnded' | 'AlreadySettled' | 'InProgress' | 'WrongWindow' | 'TemporarilyUnavailable'
>;

/** Missed windows that one timer run settles at most; the next run goes on. */
const WINDOWS_PER_RUN = 20;
const FIRST_RETRY_S = 5n;
const LAST_RETRY_S = 300n;
/** Without a clock, or while another run is at work. */
const LOOK_AGAIN_S = 5n;

/** Closes windows in order (H3), by timer or by anyone (AS-73). */
export class SettleWindows {
    constructor(private readonly deps: SettleDeps) {}

    /** Settles one window to its end. What stops it is kept, and the settlement goes on from there the next time. */
    async settle(window: bigint): Promise<Result<void, SettleRefused>> {
        const { calendar, settlements, lease, nowNs } = this.deps;
        const clock = calendar.require();
        if (!clock.ok) return clock;
        const next = settlements.nextWindow();
        if (window < next) return err({ kind: 'AlreadySettled' });
        const endsAtNs = windowEndNs(clock.value, window);
        if (nowNs() < endsAtNs) return err({ kind: 'NotEnded', endsAtNs });
        if (window > next) return err({ kind: 'WrongWindow', expected: next });
        if (!lease.take(nowNs())) return err({ kind: 'InProgress' });
        try {
            return await this.run(window, clock.value);
        } finally {
            lease.release();
        }
    }

    /** Settles what is due by the timer. */
    async settleDue(): Promise<void> {
        for (let count = 0; count < WINDOWS_PER_RUN && this.secondsUntilDue() === 0n; count++) {
            const settled = await this.settle(this.deps.settlements.nextWindow());
            if (!settled.ok) return;
        }
    }

    /** Whole seconds until there is something to do; 0 when there is. */
    secondsUntilDue(): bigint {
        const { calendar, settlements, config, setback, lease, nowNs } = this.deps;
        const clock = calendar.get();
        if (clock === undefined || lease.isTaken(nowNs())) return LOOK_AGAIN_S;
        const closesNs = windowEndNs(clock, settlements.nextWindow()) + config.get().graceS * NS_PER_S;
        const { failures, atNs } = setback.get();
        const retryNs = failures === 0n ? 0n : atNs + retryAfterS(failures) * NS_PER_S;
        const dueNs = closesNs > retryNs ? closesNs : retryNs;
        const now = nowNs();
        return now >= dueNs ? 0n : (dueNs - now + NS_PER_S - 1n) / NS_PER_S;
    }

    private async run(window: bigint, clock: HubClock): Promise<Result<void, SettleRefused>> {
        const { settlements, steps, lease, setback, nowNs } = this.deps;
        let settlement = settlements.freeze(window, nowNs());
        const rules = steps.rulesOf(window, clock);
        while (settlement.step.kind !== 'done') {
            const advanced = await steps.advance(settlement, clock, rules);
            if (!advanced.ok) return this.setBack(advanced.error);
            lease.extend(nowNs());
            settlement = settlements.freeze(window, nowNs());
        }
        setback.set(NO_SETBACK);
        return DONE;
    }

    private setBack(detail: Obstacle): Result<never, SettleRefused> {
        const { setback, nowNs } = this.deps;
        setback.set({ failures: setback.get().failures + 1n, atNs: nowNs(), detail });
        return err({ kind: 'TemporarilyUnavailable', detail });
    }
}

/** 5 s, 10 s, 20 s … five minutes. */
function retryAfterS(failures: bigint): bigint {
    const waitS = FIRST_RETRY_S << (failures > 10n ? 10n : failures - 1n);
    return waitS < LAST_RETRY_S ? waitS : LAST_RETRY_S;
}
