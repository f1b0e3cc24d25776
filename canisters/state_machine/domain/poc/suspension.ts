import type { Principal } from '@dfinity/principal';
import { quorumOf } from '../../../../src/core/consensus/rounds';
import { samePrincipal } from '../../../../src/core/principals';
import { DONE, err, type Result } from '../../../../src/core/result';
import type { Refusal } from '../errors';
import type { StateTables } from '../records';
import type { PocSuspension, SuspendedSpan } from './records';

/**
 * Spans that are remembered. Only those that reach into the windows of rewards and duties matter, two hours by default; each
 * takes a vote of its own.
 */
const MAX_SPANS = 16;

/** What rules that measure time need of a suspension. */
export interface SuspendedTime {
    /** How much of the time between two instants, in ns, EMC-PoC-1 was suspended. */
    overlapNs(fromNs: bigint, toNs: bigint): bigint;
}

/**
 * The emergency pause of EMC-PoC-1 (compute.md §4.10): while floor(2N/3) + 1 of the validators of today stand for it, no
 * challenge begins. Votes stand until they are withdrawn, their validator leaves the set, or governance ends the suspension.
 * Whatever can change the count stores what follows from it, so that the spans are exact.
 */
export class Suspension implements SuspendedTime {
    constructor(private readonly tables: Pick<StateTables, 'membership' | 'pocSuspension'>) {}

    /** Whether no challenge may begin now. */
    isSuspended(): boolean {
        return this.sinceNs() !== undefined;
    }

    /** Since when; undefined while challenges may begin. */
    sinceNs(): bigint | undefined {
        const last = this.tables.pocSuspension.get().spans.at(-1);
        return last?.untilNs === undefined ? last?.sinceNs : undefined;
    }

    /** Members of today's set that stand for it, in the order of their votes. */
    votes(): readonly Principal[] {
        return this.tables.pocSuspension.get().votes;
    }

    /** Votes that suspend. */
    threshold(): number {
        return quorumOf(this.tables.membership.get().members.length);
    }

    /** Stands a validator's vote, or withdraws it; the same again changes nothing. */
    vote(caller: Principal, isFor: boolean, nowNs: bigint): Result<void, Refusal<'NotAValidator'>> {
        if (!includes(this.tables.membership.get().members, caller)) return err({ kind: 'NotAValidator' });
        const votes = this.votes();
        if (includes(votes, caller) === isFor) return DONE;
        this.keep(isFor ? [...votes, caller] : votes.filter((voter) => !isSame(voter, caller)), nowNs);
        return DONE;
    }

    /** Governance: ends it and forgets all votes. */
    end(nowNs: bigint): void {
        if (this.votes().length > 0) this.keep([], nowNs);
    }

    /** The validator set has changed: those who left count no more, and the threshold is another. */
    membersChanged(nowNs: bigint): void {
        const { members } = this.tables.membership.get();
        const votes = this.votes();
        if (votes.length > 0) {
            this.keep(
                votes.filter((voter) => includes(members, voter)),
                nowNs
            );
        }
    }

    overlapNs(fromNs: bigint, toNs: bigint): bigint {
        let sumNs = 0n;
        for (const { sinceNs, untilNs } of this.tables.pocSuspension.get().spans) {
            const start = sinceNs > fromNs ? sinceNs : fromNs;
            const end = untilNs !== undefined && untilNs < toNs ? untilNs : toNs;
            if (end > start) sumNs += end - start;
        }
        return sumNs;
    }

    private keep(votes: readonly Principal[], nowNs: bigint): void {
        const isSuspended = votes.length >= this.threshold();
        const { spans } = this.tables.pocSuspension.get();
        this.tables.pocSuspension.set({ votes, spans: spansAfter(spans, isSuspended, nowNs) });
    }
}

function spansAfter(spans: PocSuspension['spans'], isSuspended: boolean, nowNs: bigint): readonly SuspendedSpan[] {
    const last = spans.at(-1);
    const isOpen = last !== undefined && last.untilNs === undefined;
    if (isOpen === isSuspended) return spans;
    if (isOpen) return [...spans.slice(0, -1), { ...last, untilNs: nowNs }];
    return [...spans, { sinceNs: nowNs, untilNs: undefined }].slice(-MAX_SPANS);
}

function includes(members: readonly Principal[], who: Principal): boolean {
    return members.some((member) => isSame(member, who));
}

function isSame(one: Principal, other: Principal): boolean {
    return samePrincipal(one, other);
}
