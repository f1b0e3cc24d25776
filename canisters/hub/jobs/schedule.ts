import { after, every } from '../../../src/azle/timers';
import { NS_PER_S } from '../../../src/core/clock';
import { hub, env } from '../wiring';

/** However a run ends, the next one is never further away than this. */
const HEARTBEAT_S = 60;

/** Arms the hub's timers; timers do not survive an upgrade. */
export function armTimers(): void {
    hub.tables.alarmNs.set(0n);
    every(HEARTBEAT_S, tick);
    after(0, tick);
}

/** Learns the clock, settles windows that are due, asks again for purchases without an answer. */
async function tick(): Promise<void> {
    try {
        await hub.learnClock();
        await hub.settleWindows.settleDue();
        await hub.buyCredits.finishUnresolved();
    } finally {
        armAlarm();
    }
}

/** Wakes the hub when the next window is due; an alarm that rings earlier is left to do it. */
function armAlarm(): void {
    const { alarmNs } = hub.tables;
    const now = env.nowNs();
    const due = hub.settleWindows.secondsUntilDue();
    const seconds = due > 0n ? due : 1n;
    const ringsNs = now + seconds * NS_PER_S;
    const isArmed = alarmNs.get() > now && alarmNs.get() <= ringsNs;
    if (isArmed || seconds >= BigInt(HEARTBEAT_S)) return;
    alarmNs.set(ringsNs);
    after(Number(seconds), tick);
}
