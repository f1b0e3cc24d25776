/** Proposals and votes (domain.md A.1.13, C.3): power is what it was just before the submission, and counts once (R9). */
import type { Principal } from '@dfinity/principal';
import { invariant } from '../../../../src/core/assert';
import { samePrincipal } from '../../../../src/core/principals';
import { exceeds, NO_VOTES, passes, withVote, type Choice } from '../../../../src/core/governance/tally';
import { err, ok, type Result } from '../../../../src/core/result';
import { profileAt, profileInEpoch, clockOf, epochAt } from '../profiles/calendar';
import {
    refuse,
    type ActionFault,
    type EnactError,
    type ProposeError,
    type RewardsError,
    type VetoError,
    type VoteError
} from '../errors';
import { isOwnVenue, type Authority } from './authority';
import type { ProposalAction, ProposalRow, ProposalState } from './governance_rows';
import { powerAt, totalPowerAt } from './power';
import { actionFault, groupOf } from './proposal_actions';
import type { RewardsState } from '../state';

/** Proposals that may be undecided or unexecuted at once. */
export const MAX_OPEN = 100n;
const MAX_TITLE = 200;
const MAX_SUMMARY = 4_000;

/** What a proposer submits: texts for people, and the action that is done when it passes. */
export interface ProposalOrder {
    readonly title: string;
    readonly summary: string;
    readonly action: ProposalAction;
}

/** Opens a proposal by an owner of enough power: its number. */
export function submitProposal(
    state: RewardsState,
    proposer: Principal,
    order: ProposalOrder,
    nowNs: bigint
): Result<bigint, ProposeError> {
    if (proposer.isAnonymous()) return refuse('Anonymous', null);
    const rules = profileAt(state, nowNs).governance;
    const power = powerAt(state, proposer, nowNs);
    if (power < rules.proposeE8s) {
        return refuse('BelowThreshold', { power_e8s: power, needed_e8s: rules.proposeE8s });
    }
    const fault = orderFault(state, order, nowNs);
    if (fault !== undefined) return err(fault);
    const endsNs = nowNs + rules.votingEpochs * epochNs(state);
    const id = openProposal(state, { ...order, proposer, submittedNs: nowNs, endsNs, state: { kind: 'open' } });
    state.proposalsDue.set({ atNs: endsNs, id }, null);
    return ok(id);
}

/**
 * Writes a decision of whoever governs instead of this canister's voters down as a proposal that has passed: its number. It is to
 * be executed in the same message.
 */
export function enact(
    state: RewardsState,
    caller: Principal,
    authority: Authority,
    order: ProposalOrder,
    nowNs: bigint
): Result<bigint, EnactError> {
    if (isOwnVenue(authority) || !samePrincipal(caller, authority.governor)) return refuse('Unauthorized', null);
    const fault = orderFault(state, order, nowNs);
    if (fault !== undefined) return err(fault);
    const passed: ProposalState = { kind: 'passed', executableNs: nowNs, note: '' };
    return ok(openProposal(state, { ...order, proposer: caller, submittedNs: nowNs, endsNs: nowNs, state: passed }));
}

/** What is wrong with a proposal, whoever decides on it; undefined when nothing is. */
export function orderFault(
    state: RewardsState,
    { title, summary, action }: ProposalOrder,
    nowNs: bigint
): RewardsError<'TooManyOpen'> | ActionFault | undefined {
    if (title.length === 0 || title.length > MAX_TITLE) return { code: 'InvalidArgument', detail: 'title' };
    if (summary.length > MAX_SUMMARY) return { code: 'InvalidArgument', detail: 'summary' };
    if (state.openProposals.get() >= MAX_OPEN) return { code: 'TooManyOpen', detail: MAX_OPEN };
    return actionFault(state, action, nowNs);
}

type NewProposal = Omit<ProposalRow, 'totalPowerE8s' | 'tally' | 'votes'>;

function openProposal(state: RewardsState, { title, summary, action, ...rest }: NewProposal): bigint {
    const totalPowerE8s = totalPowerAt(state, rest.submittedNs);
    state.openProposals.set(state.openProposals.get() + 1n);
    return state.proposals.append({ ...rest, title, summary, action, totalPowerE8s, tally: NO_VOTES, votes: 0n });
}

function epochNs(state: RewardsState): bigint {
    const { roundNs, roundsPerEpoch } = clockOf(state);
    return roundNs * roundsPerEpoch;
}

/** Casts a vote with the power of the submission; votes cannot be changed. */
export function castVote(
    state: RewardsState,
    id: bigint,
    voter: Principal,
    choice: Choice,
    nowNs: bigint
): Result<ProposalRow, VoteError> {
    if (voter.isAnonymous()) return refuse('Anonymous', null);
    const row = state.proposals.get(id);
    if (row === undefined) return refuse('NotFound', null);
    if (row.state.kind !== 'open' || nowNs >= row.endsNs) return refuse('VotingClosed', null);
    if (state.ballots.has({ proposal: id, voter })) return refuse('AlreadyVoted', null);
    const powerE8s = powerAt(state, voter, row.submittedNs);
    if (powerE8s === 0n) return refuse('NoPower', null);
    state.ballots.set({ proposal: id, voter }, { voter, choice, powerE8s, atNs: nowNs });
    state.voters.append(id, voter);
    const voted = { ...row, tally: withVote(row.tally, choice, powerE8s), votes: row.votes + 1n };
    state.proposals.replace(id, voted);
    return ok(voted);
}

/** Decides a proposal whose vote is over, by the rules of the epoch in which it was submitted. */
export function decide(state: RewardsState, id: bigint, row: ProposalRow, nowNs: bigint): ProposalRow {
    invariant(row.state.kind === 'open', 'R9', `proposal ${id} would be decided twice`);
    const { rules, timelockEpochs } = profileInEpoch(state, epochAt(state, row.submittedNs)).governance;
    if (!passes(rules[groupOf(row.action)], row.tally, row.totalPowerE8s)) {
        return closeProposal(state, id, row, { kind: 'rejected', vetoed: false });
    }
    const executableNs = nowNs + timelockEpochs * epochNs(state);
    state.proposalsDue.set({ atNs: executableNs, id }, null);
    return setProposal(state, id, row, { kind: 'passed', executableNs, note: '' });
}

/** A member of the committee objects while the execution has not begun; more than half of the members stop it. */
export function veto(
    state: RewardsState,
    id: bigint,
    member: Principal,
    nowNs: bigint
): Result<ProposalRow, VetoError> {
    if (member.isAnonymous()) return refuse('Anonymous', null);
    const { members } = state.committee.get();
    const row = state.proposals.get(id);
    if (!includes(members, member)) return refuse('Unauthorized', null);
    if (row === undefined) return refuse('NotFound', null);
    if (row.state.kind !== 'passed' || nowNs >= row.state.executableNs) return refuse('VotingClosed', null);
    const before = state.vetoes.get(id) ?? [];
    if (includes(before, member)) return refuse('AlreadyVoted', null);
    const objections = [...before, member];
    state.vetoes.set(id, objections);
    const counted = BigInt(objections.filter((one) => includes(members, one)).length);
    if (!exceeds(counted, BigInt(members.length), { num: 1n, den: 2n })) return ok(row);
    return ok(closeProposal(state, id, row, { kind: 'rejected', vetoed: true }));
}

function includes(members: readonly Principal[], who: Principal): boolean {
    return members.some((member) => samePrincipal(member, who));
}

/** A proposal that must exist. */
export function proposalRow(state: RewardsState, id: bigint): ProposalRow {
    const row = state.proposals.get(id);
    invariant(row !== undefined, 'R9', `proposal ${id} does not exist`);
    return row;
}

/** Stores a proposal's next state. */
export function setProposal(state: RewardsState, id: bigint, row: ProposalRow, next: ProposalState): ProposalRow {
    const changed = { ...row, state: next };
    state.proposals.replace(id, changed);
    return changed;
}

/** Stores a proposal's last state. */
export function closeProposal(state: RewardsState, id: bigint, row: ProposalRow, end: ProposalState): ProposalRow {
    state.openProposals.set(state.openProposals.get() - 1n);
    return setProposal(state, id, row, end);
}
