import { azleEnv } from '../../../src/azle/azle_env';
import { every } from '../../../src/azle/timers';
import { drawRandomness } from '../clients/randomness';
import { cases, duties, pocs, proving } from '../wiring';
import { deliverSlashes } from './deliver_slashes';
import { pushFacts } from './push_facts';
import { syncStakes } from './sync_stakes';

/** Deadlines also hold without the timer and news leave with the change that makes them: this is for what was left over. */
const TICK_S = 30;
const SWEEP_BUDGET = 50;

/** Arms the timer of this canister; it does not survive an upgrade. */
export function startTimer(): void {
    every(TICK_S, tick);
}

async function tick(): Promise<void> {
    const nowNs = azleEnv.nowNs();
    proving.sweep(nowNs, SWEEP_BUDGET);
    cases.sweep(nowNs, SWEEP_BUDGET);
    duties.sweep(nowNs, SWEEP_BUDGET);
    await Promise.all([checkLeftOver(), pushFacts(), deliverSlashes(), syncStakes()]);
}

/** Checks a product whose own message could not. */
async function checkLeftOver(): Promise<void> {
    const id = pocs.nextUnchecked();
    if (id === undefined) return;
    const drawn = await drawRandomness();
    if (drawn.ok) proving.check(id, drawn.value, azleEnv.nowNs());
}
