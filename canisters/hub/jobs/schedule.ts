import { after, every } from '../../../src/azle/timers';
import { NS_PER_S } from '../../../src/core/clock';
import { hub, env } from '../wiring';

/** However a run ends, the next one is never further away than this. */
const HEARTBEAT_S = 60;
/** Orders that one run ends. */
const ORDERS_PER_RUN = 50;

/** Arms the hub's timers; timers do not survive an upgrade. */
export function armTimers(): void {
    hub.tables.alarmNs.set(0n);
    every(HEARTBEAT_S, tick);
    after(0, tick);
}

/** Lets the timer run right after this message. */
export function tickSoon(): void {
    after(0, tick);
}

/** Learns the clock, settles windows that are due, ends orders, moves money, plans probes. */
async function tick(): Promise<void> {
    let isMoreLeft = false;
    try {
        await hub.learnClock();
        await hub.settleWindows.settleDue();
        const isOverdue = hub.market.endOverdue(env.nowNs(), ORDERS_PER_RUN);
        await hub.money.finishUnresolved();
        isMoreLeft = (await hub.planProbes.run()) || isOverdue;
    } finally {
        armAlarm(isMoreLeft);
    }
}

/** Wakes the hub when something is due next; an alarm that rings earlier is left to do it. */
function armAlarm(isMoreLeft: boolean): void {
    const { alarmNs } = hub.tables;
    const now = env.nowNs();
    const seconds = isMoreLeft ? 1n : secondsUntilDue(now);
    const ringsNs = now + seconds * NS_PER_S;
    const isArmed = alarmNs.get() > now && alarmNs.get() <= ringsNs;
    if (isArmed || seconds >= BigInt(HEARTBEAT_S)) return;
    alarmNs.set(ringsNs);
    after(Number(seconds), tick);
}

/** Never 0. What is due by now and could not be done waits for the heartbeat. */
function secondsUntilDue(now: bigint): bigint {
    const dates = [hub.orders.nextDeadlineNs(), hub.planProbes.nextNs()];
    const waits = dates.flatMap((date) =>
        date === undefined || date <= now ? [] : [(date - now + NS_PER_S - 1n) / NS_PER_S]
    );
    const soonest = [hub.settleWindows.secondsUntilDue(), ...waits].reduce((a, b) => (a < b ? a : b));
    return soonest > 0n ? soonest : 1n;
}
