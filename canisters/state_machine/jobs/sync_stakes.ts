import { azleEnv } from '../../../src/azle/azle_env';
import { after } from '../../../src/azle/timers';
import { fetchNodeStakes } from '../clients/rewards';
import { peers, profile, stakeChecks, stakeRounds } from '../wiring';
import { SingleFlight } from './single_flight';

const flight = new SingleFlight(() => azleEnv.nowNs());

/** Between two questions of a round. */
const PAUSE_S = 1;

/**
 * Asks rewards for the stakes of the next nodes in turn, until the round is through; terms that ended, and stakes that are
 * new, show here.
 */
export function syncStakes(): Promise<void> {
    return flight.run(async () => {
        const rewards = peers.get('rewards');
        if (rewards === undefined) return;
        const nodes = stakeRounds.next(azleEnv.nowNs());
        if (nodes.length === 0) return;
        const stakes = await fetchNodeStakes(rewards, nodes);
        if (!stakes.ok) return stakeRounds.postpone(nodes, azleEnv.nowNs());
        const rules = profile().nodeClasses;
        nodes.forEach((node, i) => stakeChecks.settle(node, stakes.value[i], rules, azleEnv.nowNs()));
        after(PAUSE_S, syncStakes);
    });
}
