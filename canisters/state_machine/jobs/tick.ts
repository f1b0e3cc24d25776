import { azleEnv } from '../../../src/azle/azle_env';
import { every } from '../../../src/azle/timers';
import { drawRandomness } from '../clients/randomness';
import { pocs, proving } from '../wiring';
import { pushFacts } from './push_facts';

const TICK_S = 15;
const SWEEP_BUDGET = 50;

/** Arms the timers of this canister; they do not survive an upgrade. */
export function startTimers(): void {
    every(TICK_S, sweepProofs);
    every(TICK_S, checkLeftOver);
    every(TICK_S, pushFacts);
}

function sweepProofs(): void {
    proving.sweep(azleEnv.nowNs(), SWEEP_BUDGET);
}

/** Checks a product whose own message could not. */
async function checkLeftOver(): Promise<void> {
    const id = pocs.nextUnchecked();
    if (id === undefined) return;
    const drawn = await drawRandomness();
    if (drawn.ok) proving.check(id, drawn.value, azleEnv.nowNs());
}
