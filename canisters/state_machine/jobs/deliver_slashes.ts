import { azleEnv } from '../../../src/azle/azle_env';
import { after } from '../../../src/azle/timers';
import { executeSlash } from '../clients/slash';
import { departures, peers, slashes } from '../wiring';
import { SingleFlight } from './single_flight';

/** Deductions of one run; the next run goes on. */
const BUDGET = 20;

const flight = new SingleFlight(() => azleEnv.nowNs());

/** Has rewards execute what was decided, oldest first. Safe to run at any time: rewards executes a case once. */
export function deliverSlashes(): Promise<void> {
    return flight.run(async () => {
        for (let sent = 0; sent < BUDGET; sent++) {
            const next = slashes.next();
            if (next === undefined || !(await deliver(next.id))) return;
        }
    });
}

/** Delivers in a message of its own, so that no caller waits for rewards. */
export function deliverSoon(): void {
    after(0, deliverSlashes);
}

async function deliver(id: bigint): Promise<boolean> {
    const decision = slashes.find(id);
    if (decision === undefined) return false;
    const executed = await executeSlash(peers.get('rewards'), decision);
    if (!executed.ok) return false;
    const atNs = azleEnv.nowNs();
    slashes.settle(id, { ...executed.value, atNs });
    if (!decision.all && executed.value.remainingE8s === 0n) departures.exhaust(decision.node, atNs);
    return true;
}
