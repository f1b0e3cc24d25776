import type { AgreementTables } from './agreement_records';

/** When states became final. A final state shows that a quorum of the validators took part then. */
export class Finality {
    constructor(private readonly tables: Pick<AgreementTables, 'states'>) {}

    /** The first finality at or after an instant; undefined when there is none. Logarithmic in the log's length. */
    firstFrom(atNs: bigint): bigint | undefined {
        const { states } = this.tables;
        let low = 0n;
        let high = states.length();
        while (low < high) {
            const middle = (low + high) / 2n;
            if ((states.get(middle)?.finalNs ?? 0n) < atNs) low = middle + 1n;
            else high = middle;
        }
        return states.get(low)?.finalNs;
    }
}
