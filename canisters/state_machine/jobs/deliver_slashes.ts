import { azleEnv } from '../../../src/azle/azle_env';
import { after } from '../../../src/azle/timers';
import { executeSlash } from '../clients/slash';
import type { KnownSlash } from '../domain/slashes';
import { departures, peers, slashes } from '../wiring';
import { SingleFlight } from './single_flight';

/** Deductions that are under way at a time: rewards executes each in a message of its own. */
const BATCH = 25;

const flight = new SingleFlight(() => azleEnv.nowNs());

/**
 * Has rewards execute what was decided, oldest first, batch after batch: when ten thousand nodes fall silent together the
 * hour's deductions are through before the next hour's. Safe to run at any time: rewards executes a case once.
 */
export function deliverSlashes(): Promise<void> {
    return flight.run(async () => {
        const delivered = await Promise.all(slashes.batch(BATCH).map(deliver));
        if (delivered.length === BATCH && delivered.every((done) => done)) deliverSoon();
    });
}

/** Delivers in a message of its own, so that no caller waits for rewards. */
export function deliverSoon(): void {
    after(0, deliverSlashes);
}

async function deliver(decision: KnownSlash): Promise<boolean> {
    const executed = await executeSlash(peers.get('rewards'), decision);
    if (!executed.ok) return false;
    const atNs = azleEnv.nowNs();
    slashes.settle(decision.id, { ...executed.value, atNs });
    if (!decision.all && executed.value.remainingE8s === 0n) departures.exhaust(decision.node, atNs);
    return true;
}
