import type { AgreementTables, ProposalRecord } from './agreement_records';

/** When states became final. A final state shows that a quorum of the validators took part then. */
export class Finality {
    constructor(private readonly tables: Pick<AgreementTables, 'states'>) {}

    /**
     * The first finality at or after an instant, of a state that is not passed over; undefined when there is none.
     * Logarithmic in the log's length.
     */
    firstFrom(atNs: bigint, isPassedOver: (state: ProposalRecord) => boolean = () => false): bigint | undefined {
        const { states } = this.tables;
        let low = 0n;
        let high = states.length();
        while (low < high) {
            const middle = (low + high) / 2n;
            if ((states.get(middle)?.finalNs ?? 0n) < atNs) low = middle + 1n;
            else high = middle;
        }
        const first = states.get(low);
        const isNext = first !== undefined && isPassedOver(first);
        return isNext ? states.get(low + 1n)?.finalNs : first?.finalNs;
    }
}
