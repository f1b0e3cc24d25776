import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { collectPage } from '../../../src/core/page';
import type { CandidResult } from '../../../src/core/result';
import { ENACT_ERRORS, EXECUTE_ERRORS, PROPOSE_ERRORS, refuse, VETO_ERRORS, VOTE_ERRORS } from '../domain/errors';
import { isOwnVenue } from '../domain/governance/authority';
import { finalize } from '../domain/governance/execution';
import { powerAt, powerNow, totalPowerAt, totalPowerNow } from '../domain/governance/power';
import { castVote, enact, orderFault, proposalRow, submitProposal, veto } from '../domain/governance/proposals';
import { executeProposal } from '../jobs/governance';
import { tickSoon } from '../jobs/tick';
import { authority, env, state } from '../wiring';
import { fromChoice, toAdopted, toCommittee, toVoteView } from './dao_mappers';
import * as idl from './governance_idl';
import { resultOf } from './idl';
import { toResult } from './mappers';
import { fromProposalKind, toProposalView } from './proposal_mappers';
import { renderValue } from './render_value';

type Answer<T> = CandidResult<T, Readonly<Record<string, unknown>>>;

export class Governance {
    /** Anyone with enough voting power: opens a proposal, and the vote on it. */
    @update([idl.SubmitProposalArgs], resultOf(idl.ProposalView, PROPOSE_ERRORS), SERVED_WHILE_PAUSED)
    submit_proposal({ title, summary, kind }: idl.SubmitProposalArgs): Answer<idl.ProposalView> {
        const action = fromProposalKind(kind);
        if (action === undefined) return toResult(refuse('InvalidArgument', 'kind'), view);
        if (!isOwnVenue(authority())) return toResult(refuse('NotGoverning', null), view);
        return toResult(submitProposal(state, env.caller(), { title, summary, action }, env.nowNs()), view);
    }

    /**
     * Governance that is another principal: what it has decided is written down as a proposal that has passed, and executed now;
     * the answer tells how that went.
     */
    @update([idl.SubmitProposalArgs], resultOf(idl.ProposalView, ENACT_ERRORS), SERVED_WHILE_PAUSED)
    async enact({ title, summary, kind }: idl.SubmitProposalArgs): Promise<Answer<idl.ProposalView>> {
        const action = fromProposalKind(kind);
        if (action === undefined) return toResult(refuse('InvalidArgument', 'kind'), view);
        const enacted = enact(state, env.caller(), authority(), { title, summary, action }, env.nowNs());
        if (enacted.ok) {
            await executeProposal(enacted.value, env.caller());
            tickSoon();
        }
        return toResult(enacted, view);
    }

    /** Anyone: whether `enact` would take this now, in the form in which an SNS asks before it lets its members vote on it. */
    @query([idl.SubmitProposalArgs], idl.Rendering)
    validate_enact({ title, summary, kind }: idl.SubmitProposalArgs): idl.Rendering {
        const action = fromProposalKind(kind);
        const fault = action && orderFault(state, { title, summary, action }, env.nowNs());
        if (action === undefined) return { Err: 'InvalidArgument: kind' };
        if (fault !== undefined) return { Err: `${fault.code}: ${renderValue(fault.detail)}` };
        return { Ok: `${title}\n\n${summary}\n\n${renderValue(kind)}` };
    }

    /** Anyone who had voting power at the submission: votes once. */
    @update([IDL.Nat64, idl.Choice], resultOf(idl.ProposalView, VOTE_ERRORS), SERVED_WHILE_PAUSED)
    vote(id: bigint, choice: idl.Choice): Answer<idl.ProposalView> {
        const voted = castVote(state, id, env.caller(), fromChoice(choice), env.nowNs());
        return toResult(voted, (row) => toProposalView(id, row));
    }

    /** Anyone who signed in, after the vote's end; the timer does the same. */
    @update([IDL.Nat64], resultOf(idl.ProposalView, EXECUTE_ERRORS), SERVED_WHILE_PAUSED)
    finalize_proposal(id: bigint): Answer<idl.ProposalView> {
        return toResult(finalize(state, id, env.caller(), env.nowNs()), (row) => toProposalView(id, row));
    }

    /** Anyone who signed in, after the timelock; the timer does the same. Each passed proposal is executed once. */
    @update([IDL.Nat64], resultOf(idl.ProposalView, EXECUTE_ERRORS), SERVED_WHILE_PAUSED)
    async execute_proposal(id: bigint): Promise<Answer<idl.ProposalView>> {
        const executed = await executeProposal(id, env.caller());
        if (executed.ok) tickSoon();
        return toResult(executed, view);
    }

    /** A member of the elected committee, during the timelock: objects; more than half of the members stop a proposal. */
    @update([IDL.Nat64], resultOf(idl.ProposalView, VETO_ERRORS), SERVED_WHILE_PAUSED)
    veto_proposal(id: bigint): Answer<idl.ProposalView> {
        return toResult(veto(state, id, env.caller(), env.nowNs()), (row) => toProposalView(id, row));
    }

    @query([IDL.Nat64], IDL.Opt(idl.ProposalView))
    get_proposal(id: bigint): [] | [idl.ProposalView] {
        return state.proposals.get(id) === undefined ? [] : [view(id)];
    }

    /** Anyone: proposals, newest first. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(idl.ProposalView))
    list_proposals(start: bigint, take: bigint): idl.ProposalView[] {
        const length = state.proposals.length();
        return [...collectPage(start, take, length, (index) => length - 1n - index)].map(view);
    }

    /** Anyone: the votes on a proposal, in their order. */
    @query([IDL.Nat64, IDL.Nat64, IDL.Nat64], IDL.Vec(idl.VoteView))
    list_votes(id: bigint, start: bigint, take: bigint): idl.VoteView[] {
        const voters = collectPage(start, take, state.voters.length(id), (index) => state.voters.get(id, index));
        return voters.flatMap((voter) => {
            const vote = state.ballots.get({ proposal: id, voter });
            return vote === undefined ? [] : [toVoteView(vote)];
        });
    }

    /** Anyone: an owner's voting power, now or just before an instant. */
    @query([IDL.Principal, IDL.Opt(IDL.Nat64)], idl.VotingPower)
    voting_power(owner: Principal, [atNs]: [] | [bigint]): idl.VotingPower {
        if (atNs === undefined) return { power_e8s: powerNow(state, owner), total_e8s: totalPowerNow(state) };
        return { power_e8s: powerAt(state, owner, atNs), total_e8s: totalPowerAt(state, atNs) };
    }

    @query([], idl.Committee)
    get_committee(): idl.Committee {
        return toCommittee(state.committee.get());
    }

    /** Anyone: the standard of the proof of computing that was adopted last. */
    @query([], IDL.Opt(idl.Adopted))
    get_poc_standard(): [] | [idl.Adopted] {
        return toAdopted(state.pocStandard.get());
    }

    /** Anyone: the rule of user rewards that was adopted last. */
    @query([], IDL.Opt(idl.Adopted))
    get_user_reward_rule(): [] | [idl.Adopted] {
        return toAdopted(state.rewardRule.get());
    }
}

function view(id: bigint): idl.ProposalView {
    return toProposalView(id, proposalRow(state, id));
}
