import type { ActorSubclass } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { fetchVerifiedState, fromHeadView, fromItemView, trustIn } from '../../client/state_proof';
import { equalBytes } from '../../core/bytes';
import { verifyCertifiedData } from '../../core/certification/verify_certificate';
import { headDigest } from '../../core/consensus/state_hash';
import type { PocOutcome, StateItem } from '../../core/consensus/state_item';
import type { _SERVICE } from '../../declarations/state_machine';
import type { AgreementPort, CommitmentInfo, ProposalInfo, TurnInfo } from '../agreement/ports';
import { refusalOf } from './refusal';

const NS_PER_MS = 1_000_000n;
/** Commitments that one look goes back. */
const RECENT = 20n;

/** A certificate that is merely not fresh disproves nothing: clocks differ, answers travel. */
const NO_VERDICT: readonly string[] = [
    'Stale',
    'FromTheFuture',
    'TemporarilyUnavailable',
    'NotCommitted',
    'NotFound',
    'AnotherSubject'
];

type StateView = Awaited<ReturnType<_SERVICE['list_states']>>['states'][number];
type CommitmentView = Awaited<ReturnType<_SERVICE['list_commitments']>>['commitments'][number];
type TurnView = NonNullable<Awaited<ReturnType<_SERVICE['get_turn']>>[0]>;
type PocView = Awaited<ReturnType<_SERVICE['list_poc_results']>>['pocs'][number];
type CandidItem = Parameters<_SERVICE['propose_state']>[0]['items'][number];

/** Where the state machine is, and whom its answers must be certified by. */
export interface Certifier {
    readonly canisterId: Principal;
    /** DER. */
    readonly rootKey: Uint8Array;
    nowMs(): number;
}

/** The agreement of the state machine canister through a typed actor that signs with the validator's key. */
export function canisterAgreement(actor: ActorSubclass<_SERVICE>, own: Principal, certifier: Certifier): AgreementPort {
    const trust = () => trustIn(certifier.rootKey, certifier.canisterId, certifier.nowMs());
    return {
        async verifiedHead() {
            const { head, certificate } = await actor.get_tip();
            const known = fromHeadView(head);
            const certified = verifyCertifiedData(Uint8Array.from(certificate[0] ?? []), trust());
            return certified.ok && equalBytes(certified.value.data, headDigest(known)) ? known : undefined;
        },
        turn: async () => {
            const [turn] = await actor.get_turn();
            return turn && toTurnInfo(turn, own);
        },
        items: async (height) => (await actor.get_items(height)).map(fromItemView),
        states: async (from, take) => (await actor.list_states(from, take)).states.map((state) => toInfo(state, own)),
        pocOutcomes: async (start, take) => (await actor.list_poc_results(start, take)).pocs.flatMap(toOutcome),
        propose: async ({ height, round, parentHash, items }) =>
            refusalOf(
                await actor.propose_state({ height, round, parent_hash: parentHash, items: items.map(toCandidItem) })
            ),
        vote: async ({ height, round, hash }, yes) => refusalOf(await actor.vote_state({ height, round, hash, yes })),
        async place() {
            const { validators } = await actor.list_validators();
            const position = validators.findIndex((member) => member.compareTo(own) === 'eq');
            return position < 0 ? undefined : { position, members: validators.length };
        },
        async recentCommitments() {
            const count = (await actor.get_tip()).head.commitments;
            const start = count > RECENT ? count - RECENT : 0n;
            const page = await actor.list_commitments(start, RECENT);
            const commitments = page.commitments.map((view) => toCommitmentInfo(view, own));
            return { commitments, nextFrom: page.next_from };
        },
        submit: async ({ from, to, root }) => refusalOf(await actor.submit_commitment({ from, to, root })),
        async verifyState(height) {
            const verified = await fetchVerifiedState(actor, { State: height }, trust());
            if (verified.ok) return { kind: 'proven', stateHash: verified.value.stateHash };
            return { kind: NO_VERDICT.includes(verified.error) ? 'unknown' : 'disproved', code: verified.error };
        },
        attestCommitment: async (index, ok) => refusalOf(await actor.attest_commitment({ index, ok }))
    };
}

function toTurnInfo(view: TurnView, own: Principal): TurnInfo {
    const [proposal] = view.proposal;
    const [lastFinalNs] = view.last_final_ns;
    return {
        height: view.height,
        round: view.round,
        isMine: view.proposer.compareTo(own) === 'eq',
        parentHash: Uint8Array.from(view.parent_hash),
        lastFinalMs: toMs(lastFinalNs),
        nextRefs: {
            pocResults: view.next_refs.poc_results,
            taskDigests: view.next_refs.task_digests,
            trades: view.next_refs.trades
        },
        pocResults: view.poc_results,
        proposal: proposal && toInfo(proposal, own)
    };
}

function toInfo(view: StateView, own: Principal): ProposalInfo {
    const [finalNs] = view.final_at_ns;
    return {
        height: view.height,
        round: view.round,
        hash: Uint8Array.from(view.hash),
        parentHash: Uint8Array.from(view.parent_hash),
        itemCount: view.item_count,
        hasMyVote: [...view.yes, ...view.no].some((voter) => voter.compareTo(own) === 'eq'),
        finalMs: toMs(finalNs)
    };
}

function toMs(ns: bigint | undefined): number | undefined {
    return ns === undefined ? undefined : Number(ns / NS_PER_MS);
}

/** What was decided about a proof; one that is not decided has no outcome. */
function toOutcome(view: PocView): PocOutcome[] {
    const [finalAtNs] = view.final_at_ns;
    if (finalAtNs === undefined) return [];
    const [eValueE8 = 0n] = view.e_value_e8;
    const passed = 'Passed' in view.state;
    return [{ id: view.id, node: view.node.toUint8Array(), passed, eValueE8, finalAtNs }];
}

function toCandidItem({ kind, ref, digest }: StateItem): CandidItem {
    const kinds = { PocResult: { PocResult: null }, TaskDigest: { TaskDigest: null }, Trade: { Trade: null } } as const;
    return { kind: kinds[kind], ref, digest };
}

function toCommitmentInfo(view: CommitmentView, own: Principal): CommitmentInfo {
    const verdicts = [...view.confirmed_by, ...view.rejected_by];
    return {
        index: view.index,
        from: view.from,
        to: view.to,
        root: Uint8Array.from(view.root),
        isOpen: 'Submitted' in view.status,
        hasMyVerdict: verdicts.some((voter) => voter.compareTo(own) === 'eq')
    };
}
