import { azleEnv } from '../../../src/azle/azle_env';
import { after } from '../../../src/azle/timers';
import { drawRandomness } from '../clients/randomness';
import type { KnownChallenge } from '../domain/poc/records';
import { challenges } from '../wiring';
import { pushSoon } from './push_facts';
import { SingleFlight } from './single_flight';

/** Challenges of one run; each draw begins a new message, so that none does more than one check. */
const BUDGET = 20;

const flight = new SingleFlight(() => azleEnv.nowNs());

/**
 * Goes on with a challenge for which the canister owes randomness: draws it, and decides on what is stored then. Without
 * randomness the challenge stays as it is, and the timer tries again.
 */
export async function goOn({ id, state }: KnownChallenge): Promise<KnownChallenge | undefined> {
    const drawn = await drawRandomness();
    if (!drawn.ok) return challenges.book.find(id);
    const reached = challenges.course.supply(id, state, drawn.value, azleEnv.nowNs());
    if (reached?.finalAtNs !== undefined) pushSoon();
    return reached;
}

/** Pays what the canister owes: messages that should have gone on may have failed, validators may have said no or nothing. */
export function settleChallenges(): Promise<void> {
    return flight.run(async () => {
        for (let settled = 0; settled < BUDGET; settled++) {
            const owed = challenges.book.nextOwed();
            if (owed === undefined) return;
            const reached = await goOn(owed);
            if (reached?.state === owed.state) return;
        }
    });
}

/** Settles in a message of its own, so that no validator waits for the canister's check. */
export function settleSoon(): void {
    after(0, settleChallenges);
}
