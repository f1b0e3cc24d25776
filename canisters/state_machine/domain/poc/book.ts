import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../../src/core/assert';
import type { ChallengeFault, ChallengeRecord, ChallengeState, ChallengeTables, KnownChallenge } from './records';

const FINAL: readonly ChallengeState[] = ['Passed', 'Failed', 'Lapsed'];
/** What the canister does next, and nobody else can. */
const OWED: readonly ChallengeState[] = ['Committed', 'Opened', 'Disputed'];

export function isFinal(challenge: ChallengeRecord): boolean {
    return FINAL.includes(challenge.state);
}

/** The challenges: their records, who has one open, what is due when, and what the canister owes. */
export class ChallengeBook {
    constructor(private readonly tables: ChallengeTables) {}

    find(id: bigint): KnownChallenge | undefined {
        const record = this.tables.challenges.get(id);
        return record && { ...record, id };
    }

    openOf(node: Principal): KnownChallenge | undefined {
        const id = this.tables.challengeOfNode.get(node);
        return id === undefined ? undefined : this.find(id);
    }

    count(): bigint {
        return this.tables.challenges.length();
    }

    add(record: ChallengeRecord): KnownChallenge {
        const id = this.tables.challenges.append(record);
        this.tables.challengeOfNode.set(record.node, id);
        this.index(id, undefined, record);
        return { ...record, id };
    }

    /** Stores a challenge that is not final; its record never changes once it is. */
    save(challenge: KnownChallenge): KnownChallenge {
        const { id, ...record } = challenge;
        const before = this.tables.challenges.get(id);
        invariant(before !== undefined && !isFinal(before), 'SM5', `challenge ${id} is final`);
        this.tables.challenges.replace(id, record);
        this.index(id, before, record);
        return challenge;
    }

    /** Ends a challenge and lets go of what only an open one needs; the seeds stay. */
    close(
        challenge: KnownChallenge,
        state: 'Passed' | 'Failed' | 'Lapsed',
        nowNs: bigint,
        fault?: ChallengeFault
    ): KnownChallenge {
        const closed = this.save({ ...challenge, state, fault, deadlineNs: undefined, finalAtNs: nowNs });
        this.tables.challengeOfNode.delete(challenge.node);
        this.tables.challengeOpenings.delete(challenge.id);
        return closed;
    }

    opening(id: bigint): Uint8Array | undefined {
        return this.tables.challengeOpenings.get(id);
    }

    keepOpening(id: bigint, opening: Uint8Array): void {
        this.tables.challengeOpenings.set(id, opening);
    }

    /** The next challenge whose step should have been done before an instant. */
    nextOverdue(nowNs: bigint): KnownChallenge | undefined {
        const due = this.tables.challengeDeadlines.firstKey();
        return due !== undefined && due.atNs < nowNs ? this.find(due.id) : undefined;
    }

    /** A challenge that waits for the canister: the message that should have gone on with it may have failed. */
    nextOwed(): KnownChallenge | undefined {
        const id = this.tables.challengeDraws.firstKey();
        return id === undefined ? undefined : this.find(id);
    }

    private index(id: bigint, before: ChallengeRecord | undefined, after: ChallengeRecord): void {
        const { challengeDeadlines, challengeDraws, challengeVotes } = this.tables;
        if (before?.deadlineNs !== undefined) challengeDeadlines.delete({ atNs: before.deadlineNs, id });
        if (after.deadlineNs !== undefined) challengeDeadlines.set({ atNs: after.deadlineNs, id }, true);
        mark(challengeDraws, id, OWED.includes(after.state));
        mark(challengeVotes, id, after.state === 'Attesting');
    }
}

function mark(table: ChallengeTables['challengeDraws'], id: bigint, isMember: boolean): void {
    if (table.has(id) === isMember) return;
    if (isMember) table.set(id, true);
    else table.delete(id);
}
