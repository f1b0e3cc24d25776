import type { Principal } from '@dfinity/principal';
import type { AgreementTables, Evidence, Misdeed, RoundKey } from './agreement_records';

/** Proofs that a validator said two different things about one height and round. Anybody may base a case on them. */
export class EvidenceBook {
    constructor(private readonly tables: Pick<AgreementTables, 'evidence' | 'evidenceKeys'>) {}

    count(): bigint {
        return this.tables.evidence.length();
    }

    at(index: bigint): Evidence | undefined {
        return this.tables.evidence.get(index);
    }

    /** Keeps the first such contradiction; more of the same prove nothing new and would only fill the memory. */
    keep(
        validator: Principal,
        { height, round }: RoundKey,
        misdeed: Misdeed,
        firstHash: Uint8Array,
        secondHash: Uint8Array,
        seenNs: bigint
    ): void {
        const key = { validator, height, round, misdeed };
        if (this.tables.evidenceKeys.has(key)) return;
        this.tables.evidenceKeys.set(key, true);
        this.tables.evidence.append({ ...key, firstHash, secondHash, seenNs });
    }
}
