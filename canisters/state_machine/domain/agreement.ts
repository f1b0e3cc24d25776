import type { Principal } from '@dfinity/principal';
import { equalBytes } from '../../../src/core/bytes';
import {
    positionAt,
    proposerIndex,
    quorumOf,
    roundDeadlineNs,
    type RoundParams,
    type RoundPosition
} from '../../../src/core/consensus/rounds';
import { NS_PER_S } from '../../../src/core/clock';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { AgreementTip, ProposalRecord, RoundKey } from './agreement_records';
import { EvidenceBook } from './evidence';
import { advanceCursors, checkParent, hashDraft, type HashedDraft, type StateDraft } from './draft';
import type { Refusal } from './errors';
import type { StateTables } from './records';
import type { Registry } from './registry';
import type { ValidatorSet } from './validators';
import { countVotes, hasVoted, noVotes, withVote } from './votes';

/** Whose turn it is, and for what. */
export interface Turn extends RoundKey {
    readonly position: RoundPosition;
    readonly proposerPosition: number;
    readonly proposer: Principal;
    /** The first instant of the next round. */
    readonly deadlineNs: bigint;
}

type ProposalContent = HashedDraft['content'] & Pick<ProposalRecord, 'cursors'>;

/** A validator's vote on a proposal. */
export interface Ballot extends RoundKey {
    readonly hash: Uint8Array;
    readonly yes: boolean;
}

/** Pending until the quorum says yes (Final) or enough say no (Rejected), or its round is over (Expired). */
export type ProposalStatus = 'Pending' | 'Final' | 'Rejected' | 'Expired';

/** A proposal with its height and how it stands. */
export interface KnownProposal extends ProposalRecord {
    readonly height: bigint;
    readonly status: ProposalStatus;
}

/** Why a proposal is not taken. */
export type ProposeRefusal = Refusal<
    | 'NotAValidator'
    | 'WrongHeight'
    | 'WrongRound'
    | 'NotProposer'
    | 'WrongParent'
    | 'Equivocation'
    | 'TooLarge'
    | 'InvalidItem'
>;
/** Why a vote is not taken. */
export type VoteRefusal = Refusal<
    'NotAValidator' | 'WrongHeight' | 'WrongRound' | 'UnknownProposal' | 'AlreadyVoted' | 'Equivocation'
>;

/**
 * The agreement of the validators on one data set after the other. The canister orders all messages, so a height has one
 * final state (SM2); what the validators guard is what stands in it.
 */
export class Agreement {
    readonly evidence: EvidenceBook;

    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry,
        private readonly validators: ValidatorSet
    ) {
        this.evidence = new EvidenceBook(tables);
    }

    /** At the installation: gives the log its id, which is the parent of the first state. */
    begin(chainId: Uint8Array): void {
        this.tables.chainId.set(chainId);
        this.tables.tip.set({ ...this.tip(), parentHash: chainId });
    }

    tip(): AgreementTip {
        return this.tables.tip.get();
    }

    /** The turn at an instant; undefined without validators. */
    turnAt(nowNs: bigint): Turn | undefined {
        const { members } = this.validators.membership();
        const tip = this.tip();
        const position = positionAt(this.params(), this.afterChange(tip), nowNs);
        const proposerPosition = proposerIndex(tip.base, position.round, members.length);
        const proposer = members[proposerPosition];
        if (proposer === undefined) return undefined;
        const deadlineNs = roundDeadlineNs(this.params(), position);
        return { height: tip.height, round: position.round, position, proposerPosition, proposer, deadlineNs };
    }

    /** By the proposer in turn. The same proposal again is the same success. */
    propose(caller: Principal, draft: StateDraft, nowNs: bigint): Result<KnownProposal, ProposeRefusal> {
        const turn = this.validators.has(caller) ? this.turnAt(nowNs) : undefined;
        if (turn === undefined) return err({ kind: 'NotAValidator' });
        const known = this.tables.proposals.get(draft);
        if (known !== undefined && this.isProposer(known, caller)) return this.repeat(caller, draft, known, nowNs);
        const placed = checkPlace(draft, turn);
        if (!placed.ok) return placed;
        if (!samePrincipal(turn.proposer, caller)) return err({ kind: 'NotProposer', proposer: turn.proposer });
        const parent = checkParent(this.tip(), draft);
        if (!parent.ok) return parent;
        const cursors = advanceCursors(this.tip().cursors, draft.items, this.tables.pocResults.length());
        if (!cursors.ok) return cursors;
        const hashed = hashDraft(draft);
        if (!hashed.ok) return hashed;
        this.tables.payloads.set(turn.height, hashed.value.payload);
        this.registry.tookPart(caller, nowNs);
        return ok(this.open(turn, { ...hashed.value.content, cursors: cursors.value }, nowNs));
    }

    /** One vote per validator, height and round (SM3). At the quorum the state is final; without hope of one the round ends. */
    vote(caller: Principal, ballot: Ballot, nowNs: bigint): Result<KnownProposal, VoteRefusal> {
        const member = this.validators.positionOf(caller);
        const turn = this.turnAt(nowNs);
        if (turn === undefined) return err({ kind: 'NotAValidator' });
        const isCurrent = ballot.height === turn.height && ballot.round === turn.round;
        if (!isCurrent) return this.voteLate(caller, ballot, turn, nowNs);
        if (member === undefined) return err({ kind: 'NotAValidator' });
        const proposal = turn.position.proposedNs === undefined ? undefined : this.tables.proposals.get(turn);
        if (proposal === undefined) return err({ kind: 'UnknownProposal' });
        const refusal = this.checkBallot(caller, member, ballot, proposal, nowNs);
        if (refusal !== undefined) return err(refusal);
        this.registry.tookPart(caller, nowNs);
        const counted = count(proposal, member, ballot.yes);
        const quorum = this.validators.quorum();
        if (countVotes(counted.yes) >= quorum) return ok(this.finish(turn, counted, nowNs));
        this.tables.proposals.set(turn, counted);
        if (countVotes(counted.no) <= this.validators.members().length - quorum) {
            return ok({ ...counted, height: turn.height, status: 'Pending' });
        }
        this.moveTo({ round: turn.round + 1, startedNs: nowNs, proposedNs: undefined });
        return ok({ ...counted, height: turn.height, status: 'Rejected' });
    }

    /** A proposal as it stands at an instant. */
    find(key: RoundKey, nowNs: bigint): KnownProposal | undefined {
        const proposal = this.tables.proposals.get(key);
        return proposal && { ...proposal, height: key.height, status: this.statusOf(key, proposal, nowNs) };
    }

    /** The final state at a height. */
    stateAt(height: bigint): KnownProposal | undefined {
        const state = height < 1n ? undefined : this.tables.states.get(height - 1n);
        return state && { ...state, height, status: 'Final' };
    }

    /** Items of the final state at a height, or of the last proposal there. */
    itemCount(height: bigint): number {
        const state = this.stateAt(height);
        if (state !== undefined) return state.itemCount;
        const { round } = this.tip();
        return this.tables.proposals.get({ height, round })?.itemCount ?? 0;
    }

    /** Heights that are final. */
    length(): bigint {
        return this.tip().height - 1n;
    }

    private open(turn: Turn, content: ProposalContent, nowNs: bigint): KnownProposal {
        const { version, members } = this.validators.membership();
        const proposal: ProposalRecord = {
            ...content,
            round: turn.round,
            proposer: turn.proposerPosition,
            setVersion: version,
            proposedNs: nowNs,
            finalNs: 0n,
            yes: noVotes(members.length),
            no: noVotes(members.length)
        };
        this.tables.proposals.set(turn, proposal);
        this.moveTo({ ...turn.position, proposedNs: nowNs });
        return { ...proposal, height: turn.height, status: 'Pending' };
    }

    private statusOf(key: RoundKey, proposal: ProposalRecord, nowNs: bigint): ProposalStatus {
        if (proposal.finalNs > 0n) return 'Final';
        const turn = this.turnAt(nowNs);
        if (turn?.height === key.height && turn.round === key.round) return 'Pending';
        const members = this.validators.membersOf(proposal.setVersion).length;
        return countVotes(proposal.no) > members - quorumOf(members) ? 'Rejected' : 'Expired';
    }

    private params(): RoundParams {
        const { roundTimeoutS, roundDoublings } = this.tables.config.get();
        return { timeoutNs: roundTimeoutS * NS_PER_S, maxDoublings: roundDoublings };
    }

    /** The stored position; after a change of the members the next round begins, because votes of two sets do not add up. */
    private afterChange(tip: AgreementTip): RoundPosition {
        const { version, changedNs } = this.validators.membership();
        if (version === tip.setVersion) return tip;
        if (tip.startedNs === 0n) return { round: 0, startedNs: changedNs, proposedNs: undefined };
        const { round } = positionAt(this.params(), tip, changedNs);
        return { round: round + 1, startedNs: changedNs, proposedNs: undefined };
    }

    private moveTo(position: RoundPosition): void {
        const setVersion = this.validators.membership().version;
        this.tables.tip.set({ ...this.tip(), ...position, setVersion });
    }

    private isProposer(proposal: ProposalRecord, caller: Principal): boolean {
        return this.validators.positionIn(proposal.setVersion, caller) === proposal.proposer;
    }

    /** A second proposal for a round: the same one, or evidence. */
    private repeat(
        caller: Principal,
        draft: StateDraft,
        known: ProposalRecord,
        nowNs: bigint
    ): Result<KnownProposal, ProposeRefusal> {
        const status = this.statusOf(draft, known, nowNs);
        const hashed = hashDraft(draft);
        if (!hashed.ok) return hashed;
        const { hash } = hashed.value.content;
        if (equalBytes(hash, known.hash)) return ok({ ...known, height: draft.height, status });
        this.evidence.keep(caller, draft, 'TwoProposals', known.hash, hash, nowNs);
        return err({ kind: 'Equivocation' });
    }

    private checkBallot(
        caller: Principal,
        member: number,
        ballot: Ballot,
        proposal: ProposalRecord,
        nowNs: bigint
    ): Refusal<'UnknownProposal' | 'AlreadyVoted' | 'Equivocation'> | undefined {
        const voted = hasVoted(proposal.yes, member) || hasVoted(proposal.no, member);
        if (equalBytes(ballot.hash, proposal.hash)) return voted ? { kind: 'AlreadyVoted' } : undefined;
        if (!voted) return { kind: 'UnknownProposal' };
        this.evidence.keep(caller, ballot, 'TwoVotes', proposal.hash, ballot.hash, nowNs);
        return { kind: 'Equivocation' };
    }

    /**
     * A vote for another round than the current one changes no decision. On the last state it still shows that the
     * validator took part; a second hash is evidence at any time, also of one that has left the set, or from before the set changed.
     */
    private voteLate(caller: Principal, ballot: Ballot, turn: Turn, nowNs: bigint): Result<KnownProposal, VoteRefusal> {
        const past = ballot.height <= turn.height ? this.tables.proposals.get(ballot) : undefined;
        const member = past && this.validators.positionIn(past.setVersion, caller);
        if (past !== undefined && member !== undefined) {
            const isSameSet = past.setVersion === this.validators.membership().version;
            const refusal = this.checkBallot(caller, member, ballot, past, nowNs);
            if (refusal?.kind === 'Equivocation' || (isSameSet && refusal?.kind === 'AlreadyVoted'))
                return err(refusal);
            const isLast = isSameSet && past.finalNs > 0n && ballot.height === turn.height - 1n;
            if (refusal === undefined && isLast) return ok(this.addLate(caller, member, ballot, past, nowNs));
        }
        if (!this.validators.has(caller)) return err({ kind: 'NotAValidator' });
        if (ballot.height !== turn.height) return err({ kind: 'WrongHeight', expected: turn.height });
        return err({ kind: 'WrongRound', expected: turn.round });
    }

    private addLate(
        caller: Principal,
        member: number,
        ballot: Ballot,
        state: ProposalRecord,
        nowNs: bigint
    ): KnownProposal {
        const counted = count(state, member, ballot.yes);
        this.tables.proposals.set(ballot, counted);
        this.tables.states.replace(ballot.height - 1n, counted);
        this.registry.tookPart(caller, nowNs);
        return { ...counted, height: ballot.height, status: 'Final' };
    }

    /** Appends the state: heights go up by one, and each hash covers the one before (SM2). */
    private finish(turn: Turn, proposal: ProposalRecord, nowNs: bigint): KnownProposal {
        const state = { ...proposal, finalNs: nowNs };
        this.tables.proposals.set(turn, state);
        this.tables.states.append(state);
        this.tables.tip.set({
            height: turn.height + 1n,
            setVersion: this.validators.membership().version,
            round: 0,
            startedNs: nowNs,
            proposedNs: undefined,
            base: proposal.proposer + 1,
            parentHash: proposal.hash,
            cursors: proposal.cursors
        });
        return { ...state, height: turn.height, status: 'Final' };
    }
}

function checkPlace(draft: StateDraft, turn: Turn): Result<void, Refusal<'WrongHeight' | 'WrongRound'>> {
    if (draft.height !== turn.height) return err({ kind: 'WrongHeight', expected: turn.height });
    if (draft.round !== turn.round) return err({ kind: 'WrongRound', expected: turn.round });
    return ok(undefined);
}

function count(proposal: ProposalRecord, member: number, yes: boolean): ProposalRecord {
    return yes
        ? { ...proposal, yes: withVote(proposal.yes, member) }
        : { ...proposal, no: withVote(proposal.no, member) };
}
