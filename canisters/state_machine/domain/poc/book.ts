import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../../src/core/assert';
import { pageRange } from '../../../../src/core/page';
import type { StateTables } from '../records';
import type { Page } from '../registry';
import { OpenList } from './open_list';
import type { ChallengeFault, ChallengeRecord, ChallengeState, ChallengeTables, KnownChallenge } from './records';

export type BookTables = ChallengeTables & Pick<StateTables, 'pocResults'>;

const FINAL: readonly ChallengeState[] = ['Passed', 'Failed', 'Lapsed'];
/** What the canister does next, and nobody else can: at once, unless its check waits for the quota. */
const OWED: readonly ChallengeState[] = ['Committed', 'Opened', 'Disputed'];

export function isFinal(challenge: ChallengeRecord): boolean {
    return FINAL.includes(challenge.state);
}

/** The challenges: their records, who has one open, what is due when, and what the canister owes. */
export class ChallengeBook {
    readonly open: OpenList;

    constructor(private readonly tables: BookTables) {
        this.open = new OpenList(tables);
    }

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
        this.open.add(id);
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

    /** Ends a challenge and lets go of what only an open one needs; the seeds stay. What was decided goes to the agreement. */
    close(
        challenge: KnownChallenge,
        state: 'Passed' | 'Failed' | 'Lapsed',
        nowNs: bigint,
        fault?: ChallengeFault
    ): KnownChallenge {
        const closed = this.save({ ...challenge, state, fault, deadlineNs: undefined, finalAtNs: nowNs });
        if (state !== 'Lapsed') this.tables.pocResults.append(challenge.id);
        this.tables.challengeOfNode.delete(challenge.node);
        this.open.remove(challenge.id);
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

    /** Decided challenges in the order of their decision; their position is the reference of their state item. */
    resultPage(start: bigint, take: bigint): Page<KnownChallenge> {
        const { pocResults } = this.tables;
        return this.page(pocResults.length(), (position) => pocResults.get(position), start, take);
    }

    /** Challenges that wait for votes among a page of the open ones; the order changes as challenges end. */
    attestingPage(start: bigint, take: bigint): Page<KnownChallenge> {
        const page = this.page(this.open.size(), (position) => this.open.at(position), start, take);
        return { ...page, items: page.items.filter(({ state }) => state === 'Attesting') };
    }

    private page(
        length: bigint,
        idAt: (position: bigint) => bigint | undefined,
        start: bigint,
        take: bigint
    ): Page<KnownChallenge> {
        const [from, to] = pageRange(start, take, length);
        const items: KnownChallenge[] = [];
        for (let position = from; position < to; position++) {
            const id = idAt(position);
            const challenge = id === undefined ? undefined : this.find(id);
            if (challenge !== undefined) items.push(challenge);
        }
        return { items, next: to < length ? to : undefined };
    }

    private index(id: bigint, before: ChallengeRecord | undefined, after: ChallengeRecord): void {
        const { challengeDeadlines, challengeDraws } = this.tables;
        if (before?.deadlineNs !== undefined) challengeDeadlines.delete({ atNs: before.deadlineNs, id });
        if (after.deadlineNs !== undefined) challengeDeadlines.set({ atNs: after.deadlineNs, id }, true);
        const isOwed = OWED.includes(after.state) && after.deadlineNs === undefined;
        if (challengeDraws.has(id) === isOwed) return;
        if (isOwed) challengeDraws.set(id, true);
        else challengeDraws.delete(id);
    }
}
