import { azleEnv } from '../../../src/azle/azle_env';
import { after } from '../../../src/azle/timers';
import { sendHold } from '../clients/stake_hold';
import { holds, peers } from '../wiring';
import { SingleFlight } from './single_flight';

/** Holds of one run; the next run goes on. */
const BUDGET = 20;

const flight = new SingleFlight(() => azleEnv.nowNs());

/** Tells rewards whose stake must stay, oldest case first. Safe to run at any time: repeating changes nothing. */
export function deliverHolds(): Promise<void> {
    return flight.run(async () => {
        for (let sent = 0; sent < BUDGET; sent++) {
            const next = holds.next();
            if (next === undefined) return;
            const answer = await sendHold(peers.get('rewards'), next);
            if (!answer.ok) return;
            holds.settle(next);
        }
    });
}

/** Delivers in a message of its own, so that no caller waits for rewards. */
export function deliverHoldsSoon(): void {
    after(0, deliverHolds);
}
