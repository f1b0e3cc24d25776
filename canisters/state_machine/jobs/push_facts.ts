import { azleEnv } from '../../../src/azle/azle_env';
import { after } from '../../../src/azle/timers';
import { sendNodeFacts } from '../clients/rewards';
import { outbox, peers, registry } from '../wiring';
import { SingleFlight } from './single_flight';

const BATCH = 50n;

const flight = new SingleFlight(() => azleEnv.nowNs());

/** Tells rewards what it has not acknowledged, batch by batch. Safe to run at any time, by timer or after a change. */
export function pushFacts(): Promise<void> {
    return flight.run(pushBatch);
}

async function pushBatch(): Promise<void> {
    const rewards = peers.get('rewards');
    if (rewards === undefined || outbox.pending() === 0n) return;
    const { nodes, until } = outbox.batch(BATCH);
    const known = nodes.flatMap((node) => {
        const found = registry.find(node);
        return found === undefined ? [] : [{ ...found, wallet: registry.profile(node).wallet }];
    });
    const taken = await sendNodeFacts(rewards, known);
    if (!taken) return;
    outbox.acknowledge(until);
    if (outbox.pending() > 0n) pushSoon();
}

/** Pushes in a message of its own, so that the caller of an update does not wait for rewards. */
export function pushSoon(): void {
    after(0, pushFacts);
}
