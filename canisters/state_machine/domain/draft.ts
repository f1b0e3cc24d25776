import { concatBytes, equalBytes } from '../../../src/core/bytes';
import { DIGEST_BYTES, rootOf } from '../../../src/core/consensus/merkle';
import { payloadLevels, stateHash } from '../../../src/core/consensus/state_hash';
import { itemBytes, ITEM_BYTES, ITEM_KINDS, itemFrom, type StateItem } from '../../../src/core/consensus/state_item';
import { err, ok, type Result } from '../../../src/core/result';
import type { AgreementTip, ItemCursors, ProposalRecord, RoundKey } from './agreement_records';
import type { Refusal } from './errors';

/** Items of one state at most: bounds the hashing of a message. */
export const MAX_ITEMS = 128;

/** A proposed data set of compute state. */
export interface StateDraft extends RoundKey {
    readonly parentHash: Uint8Array;
    readonly items: readonly StateItem[];
}

/** What the items make of a state, and what is kept of them: the items, then the levels of their tree. */
export interface HashedDraft {
    readonly content: Pick<ProposalRecord, 'hash' | 'parentHash' | 'payloadRoot' | 'itemCount'>;
    readonly payload: Uint8Array;
}

/** Checks a draft's form and hashes it. */
export function hashDraft(draft: StateDraft): Result<HashedDraft, Refusal<'TooLarge' | 'InvalidItem'>> {
    if (draft.items.length > MAX_ITEMS) return err({ kind: 'TooLarge', max: MAX_ITEMS });
    const misshapen = draft.items.findIndex((item) => item.digest.length !== DIGEST_BYTES);
    if (misshapen >= 0) return err({ kind: 'InvalidItem', index: misshapen });
    const levels = payloadLevels(draft.items);
    const { height, parentHash, items } = draft;
    const content = { parentHash, payloadRoot: rootOf(levels), itemCount: items.length };
    return ok({
        content: { ...content, hash: stateHash({ ...content, height }) },
        payload: concatBytes(...draft.items.map(itemBytes), levels)
    });
}

/** Whether a draft's parent is the last state's hash. */
export function checkParent(tip: AgreementTip, draft: StateDraft): Result<void, Refusal<'WrongParent'>> {
    if (equalBytes(draft.parentHash, tip.parentHash)) return ok(undefined);
    return err({ kind: 'WrongParent', expected: tip.parentHash });
}

/**
 * The cursors behind a draft's items. References of a kind only go up, so that nothing is recorded twice; proofs of
 * computing are recorded without a gap, in the order of their decision.
 */
export function advanceCursors(
    from: ItemCursors,
    items: readonly StateItem[],
    pocResults: bigint
): Result<ItemCursors, Refusal<'InvalidItem'>> {
    const next: [bigint, bigint, bigint] = [...from];
    for (const [index, { kind, ref }] of items.entries()) {
        const place = ITEM_KINDS.indexOf(kind);
        const least = next[place] ?? 0n;
        const isPlaced = kind === 'PocResult' ? ref === least && ref < pocResults : ref >= least;
        if (!isPlaced) return err({ kind: 'InvalidItem', index });
        next[place] = ref + 1n;
    }
    return ok(next);
}

/** Items of a stored payload. */
export function payloadItems(payload: Uint8Array, itemCount: number): readonly StateItem[] {
    return Array.from({ length: itemCount }, (_, i) => itemAt(payload, i));
}

/** The item at a position of a payload. */
export function itemAt(payload: Uint8Array, index: number): StateItem {
    return itemFrom(payload.subarray(index * ITEM_BYTES, (index + 1) * ITEM_BYTES));
}

/** Levels of the items' tree of a stored payload. */
export function payloadTree(payload: Uint8Array, itemCount: number): Uint8Array {
    return payload.subarray(itemCount * ITEM_BYTES);
}
