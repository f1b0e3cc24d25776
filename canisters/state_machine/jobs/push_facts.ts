import { azleEnv } from '../../../src/azle/azle_env';
import { after } from '../../../src/azle/timers';
import { NS_PER_S } from '../../../src/core/clock';
import { sendNodeFacts } from '../clients/rewards';
import { outbox, peers, registry } from '../wiring';

const BATCH = 50n;
/** A push that has not come back by then is taken for lost: its continuation may have trapped. */
const PATIENCE_NS = 120n * NS_PER_S;

/** When the push that is under way was begun; heap, because an upgrade ends every push. */
let pushingSinceNs: bigint | undefined;

/** Tells rewards what it has not acknowledged, batch by batch. Safe to run at any time, by timer or after a change. */
export async function pushFacts(): Promise<void> {
    const rewards = peers.get('rewards');
    const startedNs = azleEnv.nowNs();
    const isBusy = pushingSinceNs !== undefined && startedNs - pushingSinceNs < PATIENCE_NS;
    if (rewards === undefined || isBusy || outbox.pending() === 0n) return;
    pushingSinceNs = startedNs;
    const { nodes, until } = outbox.batch(BATCH);
    const known = nodes.flatMap((node) => registry.find(node) ?? []);
    const taken = await sendNodeFacts(rewards, known);
    pushingSinceNs = undefined;
    if (!taken) return;
    outbox.acknowledge(until);
    if (outbox.pending() > 0n) pushSoon();
}

/** Pushes in a message of its own, so that the caller of an update does not wait for rewards. */
export function pushSoon(): void {
    after(0, pushFacts);
}
