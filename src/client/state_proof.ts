/** Proofs of the state machine, as clients ask for them and check them. */
import type { ActorSubclass } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import type { Trust } from '../core/certification/verify_certificate';
import { verifyStateProof, type VerifiedState } from '../core/certification/verify_state_proof';
import type { CertifiedHead } from '../core/consensus/state_hash';
import { ITEM_KINDS, type ItemKind, type StateItem } from '../core/consensus/state_item';
import type { ProofSubject as Subject, StateWitness } from '../core/consensus/state_proof';
import { err, type Result } from '../core/result';
import type { _SERVICE } from '../declarations/state_machine';

type Bytes = Uint8Array | number[];
type ProofAnswer = Awaited<ReturnType<_SERVICE['get_proof']>>;
type ProofView = Extract<ProofAnswer, { Ok: unknown }>['Ok'];
type HeadView = ProofView['head'];
type Item = Awaited<ReturnType<_SERVICE['get_items']>>[number];

/** What is to be proved: an item by its kind and reference, or a state as a whole. */
export type ProofSubject = Parameters<_SERVICE['get_proof']>[0];

const bytesOf = (bytes: Bytes): Uint8Array => Uint8Array.from(bytes);
const pathOf = (path: readonly Bytes[]): readonly Uint8Array[] => path.map(bytesOf);

export function fromHeadView(head: HeadView): CertifiedHead {
    return {
        chainId: bytesOf(head.chain_id),
        tipHeight: head.tip_height,
        tipHash: bytesOf(head.tip_hash),
        commitments: Number(head.commitments),
        commitmentsRoot: bytesOf(head.commitments_root)
    };
}

export function fromItemView(item: Item): StateItem {
    const kind: ItemKind = ITEM_KINDS.find((name) => name in item.kind) ?? 'PocResult';
    return { kind, ref: item.ref, digest: bytesOf(item.digest) };
}

export function fromProofView(proof: ProofView): StateWitness {
    const { commitment } = proof;
    const [item] = proof.item;
    return {
        height: proof.height,
        parentHash: bytesOf(proof.parent_hash),
        payloadRoot: bytesOf(proof.payload_root),
        itemCount: proof.item_count,
        item: item && { item: fromItemView(item.item), index: item.index, path: pathOf(item.path) },
        commitment: {
            index: Number(commitment.index),
            from: commitment.from,
            to: commitment.to,
            statePath: pathOf(commitment.state_path),
            logPath: pathOf(commitment.log_path)
        },
        head: fromHeadView(proof.head)
    };
}

function fromSubject(subject: ProofSubject): Subject {
    if ('State' in subject) return { kind: 'State', height: subject.State };
    const { kind, ref } = subject.Item;
    return { kind: 'Item', item: ITEM_KINDS.find((name) => name in kind) ?? 'PocResult', ref };
}

/** Asks for a proof and checks it against the root key; the refusal is the canister's, or names the step that fails. */
export async function fetchVerifiedState(
    stateMachine: ActorSubclass<Pick<_SERVICE, 'get_proof'>>,
    subject: ProofSubject,
    trust: Trust
): Promise<Result<VerifiedState, string>> {
    const answer = await stateMachine.get_proof(subject);
    if ('Err' in answer) return err(Object.keys(answer.Err)[0] ?? 'unknown');
    return verifyStateProof(fromSubject(subject), fromProofView(answer.Ok), bytesOf(answer.Ok.certificate), trust);
}

/** Certificates of a running network are seconds old; clocks differ by less than this. */
const TOLERANCE_NS = 300_000_000_000n;

/** The usual demands on a certificate of a canister. */
export function trustIn(rootKeyDer: Uint8Array, canisterId: Principal, nowMs: number): Trust {
    const nowNs = BigInt(nowMs) * 1_000_000n;
    const tolerance = { maxAgeNs: TOLERANCE_NS, maxAheadNs: TOLERANCE_NS };
    return { rootKeyDer, canisterId: canisterId.toUint8Array(), nowNs, ...tolerance };
}
