/** The last obstacle of the settlement under way, for operators and for the pace of retries. */
export interface Setback {
    /** Failures in a row; 0 after a success. */
    readonly failures: bigint;
    readonly atNs: bigint;
    readonly detail: string;
}

export const NO_SETBACK: Setback = { failures: 0n, atNs: 0n, detail: '' };
