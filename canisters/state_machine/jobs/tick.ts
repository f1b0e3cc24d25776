import { azleEnv } from '../../../src/azle/azle_env';
import { after, every } from '../../../src/azle/timers';
import { drawRandomness } from '../clients/randomness';
import { cases, duties, pocs, proving } from '../wiring';
import { deliverHolds } from './deliver_holds';
import { deliverSlashes } from './deliver_slashes';
import { pushFacts } from './push_facts';
import { syncStakes } from './sync_stakes';

/** Deadlines also hold without the timer and news leave with the change that makes them: this is for what was left over. */
const TICK_S = 30;
const SWEEP_BUDGET = 50;
/** Visits of a message: each costs some three million instructions. */
const DUTY_BUDGET = 200;

/** Arms the timer of this canister; it does not survive an upgrade. */
export function startTimer(): void {
    every(TICK_S, tick);
}

async function tick(): Promise<void> {
    const nowNs = azleEnv.nowNs();
    proving.sweep(nowNs, SWEEP_BUDGET);
    cases.sweep(nowNs, SWEEP_BUDGET);
    sweepDuties();
    await Promise.all([checkLeftOver(), pushFacts(), deliverSlashes(), deliverHolds(), syncStakes()]);
}

/** Visits nodes whose window has ended; what a message cannot take goes on in the next. */
function sweepDuties(): void {
    if (duties.sweep(azleEnv.nowNs(), DUTY_BUDGET) === DUTY_BUDGET) after(1, sweepDuties);
}

/** Checks a product whose own message could not. */
async function checkLeftOver(): Promise<void> {
    const id = pocs.nextUnchecked();
    if (id === undefined) return;
    const drawn = await drawRandomness();
    if (drawn.ok) proving.check(id, drawn.value, azleEnv.nowNs());
}
