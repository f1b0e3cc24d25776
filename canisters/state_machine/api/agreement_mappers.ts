import { Principal } from '@dfinity/principal';
import type { CertifiedHead, CommittedRange } from '../../../src/core/consensus/state_hash';
import { ITEM_KINDS, type ItemKind, type StateItem } from '../../../src/core/consensus/state_item';
import type { StateWitness } from '../../../src/core/consensus/state_proof';
import type { Ballot, KnownProposal, Turn } from '../domain/agreement';
import type { AgreementTip, Evidence } from '../domain/agreement_records';
import type { KnownCommitment } from '../domain/commitments';
import type { StateDraft } from '../domain/draft';
import type { ProofSubject } from '../../../src/core/consensus/state_proof';
import { votersIn } from '../domain/votes';
import type {
    CommitmentView,
    EvidenceView,
    HeadView,
    Item,
    ProofArgs,
    ProofView,
    ProposeArgs,
    RangeArgs,
    StateView,
    TurnView,
    VoteArgs
} from './agreement_idl';
import { toTag } from './errors';
import type { Tag } from './idl';
import { toOpt } from './mappers';

function fromItemKind(tag: Tag<ItemKind>): ItemKind {
    return ITEM_KINDS.find((name) => name in tag) ?? 'PocResult';
}

function fromItem(item: Item): StateItem {
    return { kind: fromItemKind(item.kind), ref: item.ref, digest: Uint8Array.from(item.digest) };
}

export function toItem(item: StateItem): Item {
    return { kind: toTag(item.kind), ref: item.ref, digest: item.digest };
}

export function fromProposeArgs(args: ProposeArgs): StateDraft {
    const { height, round } = args;
    return { height, round, parentHash: Uint8Array.from(args.parent_hash), items: args.items.map(fromItem) };
}

export function fromVoteArgs(args: VoteArgs): Ballot {
    return { height: args.height, round: args.round, hash: Uint8Array.from(args.hash), yes: args.yes };
}

export function fromRangeArgs(args: RangeArgs): CommittedRange {
    return { from: args.from, to: args.to, root: Uint8Array.from(args.root) };
}

export function fromProofArgs(args: ProofArgs): ProofSubject {
    if ('State' in args) return { kind: 'State', height: args.State };
    return { kind: 'Item', item: fromItemKind(args.Item.kind), ref: args.Item.ref };
}

/** A proposal with its votes; `membersOf` tells the set of a version. */
export function toStateView(membersOf: (version: number) => readonly Principal[]): (state: KnownProposal) => StateView {
    return (state) => {
        const members = membersOf(state.setVersion);
        return {
            height: state.height,
            round: state.round,
            status: toTag(state.status),
            hash: state.hash,
            parent_hash: state.parentHash,
            payload_root: state.payloadRoot,
            item_count: state.itemCount,
            proposer: members[state.proposer] ?? Principal.anonymous(),
            proposed_at_ns: state.proposedNs,
            final_at_ns: toOpt(state.finalNs === 0n ? undefined : state.finalNs),
            yes: [...votersIn(members, state.yes)],
            no: [...votersIn(members, state.no)]
        };
    };
}

/** What a turn is shown with besides its place. */
export interface TurnFacts {
    readonly tip: AgreementTip;
    readonly lastFinalNs: bigint | undefined;
    readonly pocResults: bigint;
    readonly proposal: StateView | undefined;
}

export function toTurnView(turn: Turn, { tip, lastFinalNs, pocResults, proposal }: TurnFacts): TurnView {
    const [pocCursor, taskCursor, tradeCursor] = tip.cursors;
    return {
        height: turn.height,
        round: turn.round,
        proposer: turn.proposer,
        parent_hash: tip.parentHash,
        deadline_ns: turn.deadlineNs,
        started_ns: turn.position.startedNs,
        last_final_ns: toOpt(lastFinalNs),
        next_refs: { poc_results: pocCursor, task_digests: taskCursor, trades: tradeCursor },
        poc_results: pocResults,
        proposal: toOpt(proposal)
    };
}

export function toEvidenceView(evidence: Evidence): EvidenceView {
    return {
        validator: evidence.validator,
        height: evidence.height,
        round: evidence.round,
        misdeed: toTag(evidence.misdeed),
        first_hash: evidence.firstHash,
        second_hash: evidence.secondHash,
        seen_at_ns: evidence.seenNs
    };
}

export function toHeadView(head: CertifiedHead): HeadView {
    return {
        chain_id: head.chainId,
        tip_height: head.tipHeight,
        tip_hash: head.tipHash,
        commitments: BigInt(head.commitments),
        commitments_root: head.commitmentsRoot
    };
}

export function toCommitmentView(commitment: KnownCommitment): CommitmentView {
    return {
        index: commitment.index,
        from: commitment.from,
        to: commitment.to,
        root: commitment.root,
        status: toTag(commitment.status),
        submitted_by: commitment.submittedBy,
        submitted_at_ns: commitment.submittedNs,
        decided_at_ns: toOpt(commitment.decidedNs),
        confirmed_by: [...commitment.confirmedBy],
        rejected_by: [...commitment.rejectedBy]
    };
}

export function toProofView(witness: StateWitness, certificate: Uint8Array): ProofView {
    const { item, commitment } = witness;
    return {
        height: witness.height,
        parent_hash: witness.parentHash,
        payload_root: witness.payloadRoot,
        item_count: witness.itemCount,
        item: toOpt(item && { item: toItem(item.item), index: item.index, path: [...item.path] }),
        commitment: {
            index: BigInt(commitment.index),
            from: commitment.from,
            to: commitment.to,
            state_path: [...commitment.statePath],
            log_path: [...commitment.logPath]
        },
        head: toHeadView(witness.head),
        certificate
    };
}
