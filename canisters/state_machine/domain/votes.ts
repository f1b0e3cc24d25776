/** Sets of members as bits: the member at position i is bit i % 8 of byte i / 8. */

/** No votes among so many members. */
export function noVotes(members: number): Uint8Array {
    return new Uint8Array((members + 7) >> 3);
}

/** Whether a member, by its position, is among the votes. */
export function hasVoted(votes: Uint8Array, member: number): boolean {
    return (((votes[member >> 3] ?? 0) >> (member & 7)) & 1) === 1;
}

/** The votes with one more. */
export function withVote(votes: Uint8Array, member: number): Uint8Array {
    const changed = votes.slice();
    changed[member >> 3] = (changed[member >> 3] ?? 0) | (1 << (member & 7));
    return changed;
}

/** How many members are among the votes. */
export function countVotes(votes: Uint8Array): number {
    let count = 0;
    for (const byte of votes) {
        for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
    }
    return count;
}

/** Those of a list whose bits are set. */
export function votersIn<T>(members: readonly T[], votes: Uint8Array): readonly T[] {
    return members.filter((_, position) => hasVoted(votes, position));
}
