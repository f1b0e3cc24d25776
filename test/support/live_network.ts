/** The passing of time on a network whose validators agree, or do not. */
import { headerOver, stateHash } from '../../src/core/consensus/state_hash';
import { accepted, code, idOf, type NodeRegistry } from './registry';

const MINUTE_S = 60;
/** Between two states. */
const STEP_S = 4 * MINUTE_S;
const TURNS = 20;
const TURN_S = 30;

/** A state without items, carried by these validators; a turn of anybody else passes first. */
export async function agreeOnState(net: NodeRegistry, voters: readonly string[]): Promise<void> {
    for (let tries = 0; tries < TURNS; tries++) {
        const [turn] = await net.as('anybody').get_turn();
        const proposer = voters.find((name) => idOf(name).compareTo(turn!.proposer) === 'eq');
        if (proposer !== undefined) {
            const { height, round } = turn!;
            const parentHash = Uint8Array.from(turn!.parent_hash);
            const hash = stateHash(headerOver(height, parentHash, []));
            accepted(await net.as(proposer).propose_state({ height, round, parent_hash: parentHash, items: [] }));
            for (const name of voters) {
                const voted = await net.as(name).vote_state({ height, round, hash, yes: true });
                // Without a quorum the round may still be the one of the last try.
                if (code(voted) !== 'AlreadyVoted') accepted(voted);
            }
            return;
        }
        await net.suite.advance(TURN_S);
    }
}

/** So many minutes of a network where only these validators take part. */
export async function liveFor(net: NodeRegistry, minutes: number, voters: readonly string[]): Promise<void> {
    const endMs = (await net.nowMs()) + minutes * MINUTE_S * 1_000;
    while ((await net.nowMs()) < endMs) {
        await agreeOnState(net, voters);
        const leftS = Math.max(1, Math.round((endMs - (await net.nowMs())) / 1_000));
        await net.suite.advance(Math.min(STEP_S, leftS));
    }
}
