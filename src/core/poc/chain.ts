/**
 * The order of the rounds. The key of a round hashes all rounds before it, as the roots of the perfect subtrees that they
 * fill: the very digests that stand to the left of the round's path in the final tree. So one path shows both that a round
 * is committed to and that its key was made from its predecessors (docs/poc.md §6; Cohen and Pietrzak, Simple Proofs of
 * Sequential Work, 2018).
 */
import { digestToBytes, type Digest } from '../sha256';
import { derive, u64Bytes } from './seeds';
import { parentOf, rootOf } from './tree';

/** Key of round `round`: of the left siblings on its path, the highest first. */
export function roundKey(nodeSeed: Uint8Array, round: number, leftSiblings: readonly Uint8Array[]): Digest {
    return derive('round', nodeSeed, u64Bytes(round), ...leftSiblings);
}

/** The rounds done so far, as a prover keeps them: 32 bytes each. */
export class Chain {
    private readonly done: Digest[] = [];
    /** Roots of the perfect subtrees, largest first: one per set bit of the number of rounds. */
    private readonly peaks: Digest[] = [];

    constructor(private readonly nodeSeed: Uint8Array) {}

    get rounds(): number {
        return this.done.length;
    }

    /** Roots of the rounds in order. */
    get roots(): readonly Digest[] {
        return this.done;
    }

    /** The key of the next round. */
    nextKey(): Digest {
        return roundKey(this.nodeSeed, this.rounds, this.peaks.map(digestToBytes));
    }

    append(root: Digest): void {
        let node = root;
        for (let count = this.rounds; count % 2 === 1; count = (count - 1) / 2) {
            const left = this.peaks.pop();
            if (left !== undefined) node = parentOf(left, node);
        }
        this.peaks.push(node);
        this.done.push(root);
    }
}

/** What a node commits to at T1: the number of rounds and the root of the tree over their roots. */
export function commitmentOf(nodeSeed: Uint8Array, rounds: number, root: Digest): Uint8Array {
    return digestToBytes(derive('commit', nodeSeed, u64Bytes(rounds), digestToBytes(root)));
}

/** The commitment to a finished chain. */
export function commitChain(nodeSeed: Uint8Array, roots: readonly Digest[]): Uint8Array {
    return commitmentOf(nodeSeed, roots.length, rootOf(roots));
}
