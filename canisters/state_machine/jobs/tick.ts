import { azleEnv } from '../../../src/azle/azle_env';
import { after, every } from '../../../src/azle/timers';
import { cases, challenges, duties, newcomers } from '../wiring';
import { deliverHolds } from './deliver_holds';
import { deliverSlashes } from './deliver_slashes';
import { pushFacts } from './push_facts';
import { settleChallenges } from './settle_challenges';
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
    challenges.course.sweep(nowNs, SWEEP_BUDGET);
    cases.sweep(nowNs, SWEEP_BUDGET);
    newcomers.sweep(nowNs, SWEEP_BUDGET);
    sweepDuties();
    await Promise.all([settleChallenges(), pushFacts(), deliverSlashes(), deliverHolds(), syncStakes()]);
}

/** Visits nodes whose window has ended; what a message cannot take goes on in the next. */
function sweepDuties(): void {
    if (duties.sweep(azleEnv.nowNs(), DUTY_BUDGET) === DUTY_BUDGET) after(1, sweepDuties);
}
