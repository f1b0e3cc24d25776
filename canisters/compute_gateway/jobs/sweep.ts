import { after, every } from '../../../src/azle/timers';
import { book, env, sessions, sockets, tables } from '../wiring';
import { deliverDue } from './deliver_outbox';
import { refreshNodes } from './refresh_nodes';

/** Due jobs per message: far below the instruction limit. */
const BUDGET = 200;

/** Arms the timer; in init and after every upgrade. */
export function startSweeping(): void {
    every(Number(tables.limits.get().sweepS), sweep);
}

async function sweep(): Promise<void> {
    const moreJobs = book.sweep(env.nowNs(), BUDGET);
    const moreSessions = sessions.sweep(env.nowNs(), BUDGET);
    sockets.sweep(env.nowNs(), BUDGET);
    if (moreJobs || moreSessions) after(0, sweep);
    deliverDue();
    await refreshNodes();
}
