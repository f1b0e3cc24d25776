/** The canister's heartbeat: gathers claims, sweeps income, and makes the transfers that are due. */
import { after, every } from '../../../src/azle/timers';
import { plan } from '../domain/plan';
import { nextDue } from '../domain/transfers/transfers';
import { env, guards, state } from '../wiring';
import { runProposals } from './governance';
import { observePurses } from './observe';
import { reconcileLost } from './reconcile';
import { send } from './send';

const FLOW = 'tick';
const TICK_S = 15;
const OBSERVE_S = 3_600;
/** Transfers that one tick makes, one after the other. */
const TICK_TRANSFERS = 50;

/** Arms the timers; they do not survive an upgrade. */
export function armTimers(): void {
    every(TICK_S, tick);
    every(OBSERVE_S, observePurses);
    after(0, observePurses);
}

/** Lets the timer run right after this message. */
export function tickSoon(): void {
    after(0, tick);
}

export async function tick(): Promise<void> {
    if (!guards.enter(FLOW, env.nowNs())) return;
    try {
        plan(state, env.self(), env.nowNs());
        for (let made = 0; made < TICK_TRANSFERS; made++) {
            const id = nextDue(state, env.nowNs());
            if (id === undefined) break;
            await send(id);
        }
        plan(state, env.self(), env.nowNs());
        await reconcileLost();
        await runProposals();
    } finally {
        guards.leave(FLOW);
    }
}
