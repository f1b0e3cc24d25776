import { sha256 } from '../../../../src/core/hash';
import type { ChallengeTables, FalseVerdict, KnownChallenge } from './records';

/**
 * Proofs that a validator attested the opposite of what the canister found when it checked the same opening. A no to right
 * rows cannot be an error of an honest verifier, a yes to wrong ones only with probability 1/p (docs/poc.md §11). As with
 * {@link EvidenceBook}, nothing is deducted: stakes answer for absence, and for this the other validators may remove it.
 */
export class FalseVerdicts {
    constructor(private readonly tables: Pick<ChallengeTables, 'falseVerdicts'>) {}

    count(): bigint {
        return this.tables.falseVerdicts.length();
    }

    at(index: bigint): FalseVerdict | undefined {
        return this.tables.falseVerdicts.get(index);
    }

    /** Keeps whom the canister's check of an opening contradicts: once per challenge, since none is checked twice. */
    keep({ id, votes }: KnownChallenge, opening: Uint8Array, isTrue: boolean, seenNs: bigint): void {
        const liars = votes.filter((vote) => vote.ok !== isTrue);
        if (liars.length === 0) return;
        const openingHash = sha256(opening);
        for (const { validator, ok } of liars) {
            this.tables.falseVerdicts.append({ validator, challenge: id, saidOk: ok, openingHash, seenNs });
        }
    }
}
