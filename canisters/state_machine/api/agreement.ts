import { dataCertificate, IDL } from 'azle';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { collectPage, pageRange } from '../../../src/core/page';
import { payloadItems } from '../domain/draft';
import { certifyHead } from '../jobs/certify';
import { agreement, commitments, tables, validators } from '../wiring';
import {
    CandidProposalStatus,
    EvidencePage,
    Item,
    ProposeArgs,
    StatePage,
    StateView,
    TipView,
    TurnView,
    VoteArgs
} from './agreement_idl';
import {
    fromProposeArgs,
    fromVoteArgs,
    toEvidenceView,
    toHeadView,
    toItem,
    toStateView,
    toTurnView
} from './agreement_mappers';
import { answerType, toAnswer, toTag, type Answer } from './errors';
import { signedCaller } from './guards';
import type { Opt, Tag } from './idl';
import { toOpt } from './mappers';
import type { ProposalStatus } from '../domain/agreement';

const ProposeAnswer = answerType(
    StateView,
    'Anonymous',
    'NotAValidator',
    'WrongHeight',
    'WrongRound',
    'NotProposer',
    'WrongParent',
    'Equivocation',
    'TooLarge',
    'InvalidItem'
);
const VoteAnswer = answerType(
    CandidProposalStatus,
    'Anonymous',
    'NotAValidator',
    'WrongHeight',
    'WrongRound',
    'UnknownProposal',
    'AlreadyVoted',
    'Equivocation'
);

const view = toStateView((version) => validators.membersOf(version));
const statusOf = ({ status }: { readonly status: ProposalStatus }): Tag<ProposalStatus> => toTag(status);

/** The validators' agreement on the state of the network, and its log. */
export class StateLog {
    /** Validator in turn: proposes the next state. The same proposal again is the same success, another one is evidence. */
    @update([ProposeArgs], ProposeAnswer, SERVED_WHILE_PAUSED)
    propose_state(args: ProposeArgs): Answer<StateView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, view);
        return toAnswer(agreement.propose(caller.value, fromProposeArgs(args), azleEnv.nowNs()), view);
    }

    /** Validator: votes on the proposal of the current round; at the quorum it is final. */
    @update([VoteArgs], VoteAnswer, SERVED_WHILE_PAUSED)
    vote_state(args: VoteArgs): Answer<Tag<ProposalStatus>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, statusOf);
        const before = agreement.length();
        const voted = agreement.vote(caller.value, fromVoteArgs(args), azleEnv.nowNs());
        if (agreement.length() !== before) certifyHead();
        return toAnswer(voted, statusOf);
    }

    /** Whose turn it is now, and the proposal that is voted on; nothing without validators. */
    @query([], IDL.Opt(TurnView))
    get_turn(): Opt<TurnView> {
        const turn = agreement.turnAt(azleEnv.nowNs());
        if (turn === undefined) return [];
        const proposal = agreement.find(turn, azleEnv.nowNs());
        const facts = {
            tip: agreement.tip(),
            lastFinalNs: agreement.stateAt(turn.height - 1n)?.finalNs,
            pocResults: tables.pocResults.length(),
            proposal: proposal && view(proposal)
        };
        return [toTurnView(turn, facts)];
    }

    @query([IDL.Nat64, IDL.Nat32], IDL.Opt(StateView))
    get_proposal(height: bigint, round: number): Opt<StateView> {
        const proposal = agreement.find({ height, round }, azleEnv.nowNs());
        return toOpt(proposal && view(proposal));
    }

    /** The final state at a height. */
    @query([IDL.Nat64], IDL.Opt(StateView))
    get_state_at(height: bigint): Opt<StateView> {
        const state = agreement.stateAt(height);
        return toOpt(state && view(state));
    }

    /** Final states from a height on, at most 100; `next` is where to go on. */
    @query([IDL.Nat64, IDL.Nat64], StatePage)
    list_states(from_height: bigint, take: bigint): StatePage {
        const start = from_height > 0n ? from_height - 1n : 0n;
        const length = agreement.length();
        const states = collectPage(start, take, length, (index) => agreement.stateAt(index + 1n)).map(view);
        const [, end] = pageRange(start, take, length);
        return { states, next: toOpt(end < length ? end + 1n : undefined) };
    }

    /** Items of the final state at a height, or of the last proposal there; at most 128. */
    @query([IDL.Nat64], IDL.Vec(Item))
    get_items(height: bigint): Item[] {
        const payload = tables.payloads.get(height);
        return payload === undefined ? [] : payloadItems(payload, agreement.itemCount(height)).map(toItem);
    }

    /** The last state's height and hash, with the network's certificate of them. */
    @query([], TipView)
    get_tip(): TipView {
        return { head: toHeadView(commitments.head()), certificate: toOpt(dataCertificate()) };
    }

    /** Validators that said two different things about one height and round, oldest first. */
    @query([IDL.Nat64, IDL.Nat64], EvidencePage)
    list_evidence(start: bigint, take: bigint): EvidencePage {
        const length = agreement.evidence.count();
        const evidence = collectPage(start, take, length, (index) => agreement.evidence.at(index));
        const [, end] = pageRange(start, take, length);
        return { evidence: evidence.map(toEvidenceView), next: toOpt(end < length ? end : undefined) };
    }
}
