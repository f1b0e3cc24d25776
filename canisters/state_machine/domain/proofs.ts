import { pathIn } from '../../../src/core/consensus/merkle';
import { ITEM_KINDS, type ItemKind } from '../../../src/core/consensus/state_item';
import type { ItemWitness, ProofSubject, StateWitness } from '../../../src/core/consensus/state_proof';
import { err, ok, type Result } from '../../../src/core/result';
import type { Agreement, KnownProposal } from './agreement';
import type { Commitments, KnownCommitment } from './commitments';
import { itemAt, payloadTree } from './draft';
import type { Refusal } from './errors';
import type { StateTables } from './records';

type ProofRefusal = Refusal<'NotFound' | 'NotCommitted'>;

/** Witnesses from a state bit up to what the network certifies. Every step reads, only ragged edges of trees are hashed. */
export class Proofs {
    constructor(
        private readonly tables: StateTables,
        private readonly agreement: Agreement,
        private readonly commitments: Commitments
    ) {}

    witness(subject: ProofSubject): Result<StateWitness, ProofRefusal> {
        const height = subject.kind === 'State' ? subject.height : this.heightOf(subject.item, subject.ref);
        const state = this.agreement.stateAt(height);
        if (state === undefined) return err({ kind: 'NotFound' });
        const item = subject.kind === 'State' ? undefined : this.itemWitness(state, subject.item, subject.ref);
        if (subject.kind === 'Item' && item === undefined) return err({ kind: 'NotFound' });
        const commitment = this.commitments.covering(height);
        return commitment === undefined ? err({ kind: 'NotCommitted' }) : ok(this.assemble(state, item, commitment));
    }

    /** The only height that can hold an item: the first whose cursor lies behind it. Logarithmic in the log's length. */
    private heightOf(kind: ItemKind, ref: bigint): bigint {
        const place = ITEM_KINDS.indexOf(kind);
        let low = 1n;
        let high = this.agreement.length() + 1n;
        while (low < high) {
            const middle = (low + high) / 2n;
            if ((this.agreement.stateAt(middle)?.cursors[place] ?? 0n) <= ref) low = middle + 1n;
            else high = middle;
        }
        return low;
    }

    private itemWitness(state: KnownProposal, kind: ItemKind, ref: bigint): ItemWitness | undefined {
        const payload = this.tables.payloads.get(state.height);
        if (payload === undefined) return undefined;
        for (let index = 0; index < state.itemCount; index++) {
            const item = itemAt(payload, index);
            if (item.kind !== kind || item.ref !== ref) continue;
            return { item, index, path: pathIn(payloadTree(payload, state.itemCount), state.itemCount, index) };
        }
        return undefined;
    }

    private assemble(state: KnownProposal, item: ItemWitness | undefined, commitment: KnownCommitment): StateWitness {
        const { height, parentHash, payloadRoot, itemCount } = state;
        const { index, from, to } = commitment;
        const size = Number(to - from + 1n);
        const statePath = pathIn(this.commitments.levels(index), size, Number(height - from));
        const logPath = this.commitments.logPath(index);
        return {
            height,
            parentHash,
            payloadRoot,
            itemCount,
            item,
            commitment: { index: Number(index), from, to, statePath, logPath },
            head: this.commitments.head()
        };
    }
}
