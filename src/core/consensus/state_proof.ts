import { equalBytes } from '../bytes';
import { err, ok, type Result } from '../result';
import { rootFromPath } from './merkle';
import { commitmentLeaf, headDigest, stateHash, stateLeaf, type CertifiedHead } from './state_hash';
import { itemLeaf, type ItemKind, type StateItem } from './state_item';

/** How an item stands in its state. */
export interface ItemWitness {
    readonly item: StateItem;
    readonly index: number;
    readonly path: readonly Uint8Array[];
}

/** From a state, or an item of it, up to what the canister certifies. */
export interface StateWitness {
    readonly height: bigint;
    readonly parentHash: Uint8Array;
    readonly payloadRoot: Uint8Array;
    readonly itemCount: number;
    /** Absent when the state as a whole is proved. */
    readonly item: ItemWitness | undefined;
    readonly commitment: {
        readonly index: number;
        readonly from: bigint;
        readonly to: bigint;
        /** Neighbours of the state in its commitment's tree. */
        readonly statePath: readonly Uint8Array[];
        /** Neighbours of the commitment in the tree of all commitments. */
        readonly logPath: readonly Uint8Array[];
    };
    readonly head: CertifiedHead;
}

/** What is to be proved: an item by its kind and reference, or a state as a whole. */
export type ProofSubject =
    | { readonly kind: 'Item'; readonly item: ItemKind; readonly ref: bigint }
    | { readonly kind: 'State'; readonly height: bigint };

/** The step at which a witness fails. */
export type WitnessFault = 'ItemNotInState' | 'StateNotInCommitment' | 'CommitmentNotInLog' | 'HeadNotCertified';

/** What a witness proves. */
export interface ProvenState {
    readonly height: bigint;
    readonly stateHash: Uint8Array;
    readonly item: StateItem | undefined;
}

/** Follows a witness up to the certified data. Whoever knows that the data is certified knows that the state is final. */
export function checkWitness(witness: StateWitness, certifiedData: Uint8Array): Result<ProvenState, WitnessFault> {
    const { commitment, head, item } = witness;
    if (item !== undefined && !isItemInState(witness, item)) return err('ItemNotInState');
    const hash = stateHash(witness);
    const root = rangeRoot(witness, hash);
    if (root === undefined) return err('StateNotInCommitment');
    const leaf = commitmentLeaf({ from: commitment.from, to: commitment.to, root });
    const logRoot = rootFromPath(leaf, commitment.index, head.commitments, commitment.logPath);
    if (logRoot === undefined || !equalBytes(logRoot, head.commitmentsRoot)) return err('CommitmentNotInLog');
    if (!equalBytes(headDigest(head), certifiedData)) return err('HeadNotCertified');
    return ok({ height: witness.height, stateHash: hash, item: item?.item });
}

/** Whether what was proven is what was asked for: a true proof of something else answers nothing. */
export function isAbout({ height, item }: ProvenState, subject: ProofSubject): boolean {
    if (subject.kind === 'State') return height === subject.height;
    return item !== undefined && item.kind === subject.item && item.ref === subject.ref;
}

function isItemInState(witness: StateWitness, { item, index, path }: ItemWitness): boolean {
    const root = rootFromPath(itemLeaf(item), index, witness.itemCount, path);
    return root !== undefined && equalBytes(root, witness.payloadRoot);
}

/** Root of the commitment's tree that the state leads to; undefined when the path does not fit the range. */
function rangeRoot({ height, commitment }: StateWitness, hash: Uint8Array): Uint8Array | undefined {
    const { from, to, statePath } = commitment;
    if (height < from || height > to) return undefined;
    return rootFromPath(stateLeaf(hash), Number(height - from), Number(to - from + 1n), statePath);
}
