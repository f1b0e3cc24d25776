import { equalBytes } from '../../core/bytes';
import { headerOver, stateHash } from '../../core/consensus/state_hash';
import { pocDigest, tradesDigest, windowDigest, type StateItem } from '../../core/consensus/state_item';
import type { AgreementPort, ProposalInfo, RecordsPort } from './ports';

/**
 * `unknown`: something that the proposal tells of cannot be seen yet, or not from here; look again later.
 * `false_item`: the proposer forged an item. `false_hash`: the items are not those of the hash.
 */
export type Verdict = 'good' | 'false_item' | 'false_hash' | 'unknown';

/** Verifies that a proposer did not forge what it proposes (S2 §2): every digest is computed again from its source. */
export async function checkProposal(
    proposal: ProposalInfo,
    agreement: AgreementPort,
    records: RecordsPort
): Promise<Verdict> {
    const items = await agreement.items(proposal.height);
    if (items.length !== proposal.itemCount) return 'unknown';
    const hash = stateHash(headerOver(proposal.height, proposal.parentHash, items));
    if (!equalBytes(hash, proposal.hash)) return 'false_hash';
    for (const item of items) {
        const digest = await digestOf(item, agreement, records);
        if (digest === undefined) return 'unknown';
        if (!equalBytes(digest, item.digest)) return 'false_item';
    }
    return 'good';
}

/** The digest that an item must have; undefined when its source does not tell. */
async function digestOf(
    { kind, ref }: StateItem,
    agreement: AgreementPort,
    records: RecordsPort
): Promise<Uint8Array | undefined> {
    switch (kind) {
        case 'PocResult': {
            const [outcome] = await agreement.pocOutcomes(ref, 1n);
            return outcome && pocDigest(outcome);
        }
        case 'TaskDigest': {
            const counts = await records.windowCounts(ref);
            return counts && windowDigest(counts);
        }
        case 'Trade': {
            const trades = await records.tradesSettled(ref);
            return trades && tradesDigest(trades);
        }
    }
}
