/** Steps of the agreement for tests: who is in turn, what a state of made-up items hashes to, and a whole state at once. */
import type { Principal } from '@dfinity/principal';
import type { KnownProposal, Turn } from '../../../canisters/state_machine/domain/agreement';
import { headerOver, rangeLevels, stateHash } from '../../../src/core/consensus/state_hash';
import { rootOf } from '../../../src/core/consensus/merkle';
import type { StateItem } from '../../../src/core/consensus/state_item';
import { bytes32, must, type World } from './world';

export const task = (ref: number, label = 'task'): StateItem => ({
    kind: 'TaskDigest',
    ref: BigInt(ref),
    digest: bytes32(`${label} ${ref}`)
});

export function turnOf(world: World): Turn {
    const turn = world.rules.agreement.turnAt(world.now);
    if (turn === undefined) throw new RangeError('no validators');
    return turn;
}

/** What the proposer in turn may propose now. */
export function draftOf(world: World, items: readonly StateItem[] = []) {
    const { height, round } = turnOf(world);
    return { height, round, parentHash: world.rules.agreement.tip().parentHash, items };
}

export function propose(world: World, items: readonly StateItem[] = [], caller?: Principal) {
    return world.rules.agreement.propose(caller ?? turnOf(world).proposer, draftOf(world, items), world.now);
}

export function vote(world: World, voter: Principal, proposal: KnownProposal, yes = true, hash = proposal.hash) {
    const { height, round } = proposal;
    return world.rules.agreement.vote(voter, { height, round, hash, yes }, world.now);
}

/** Proposes a state and has so many of the given validators vote for it. */
export function agree(world: World, voters: readonly Principal[], items: readonly StateItem[] = []): KnownProposal {
    const proposal = must(propose(world, items));
    let last = proposal;
    for (const voter of voters) last = must(vote(world, voter, proposal));
    return last;
}

/** Hash that a state of these items would have. */
export function hashOf(world: World, items: readonly StateItem[]): Uint8Array {
    const { height, parentHash } = draftOf(world);
    return stateHash(headerOver(height, parentHash, items));
}

/** The range of heights with the root that a validator computes from the log. */
export function rangeOf(world: World, from: number, to: number) {
    const hashes: Uint8Array[] = [];
    for (let height = from; height <= to; height++) {
        const state = world.rules.agreement.stateAt(BigInt(height));
        if (state !== undefined) hashes.push(state.hash);
    }
    return { from: BigInt(from), to: BigInt(to), root: rootOf(rangeLevels(hashes)) };
}
