/** What refusals of holders' stakes, governance and airdrops tell besides their codes. */
export interface DaoErrorDetails {
    AllocationMismatch: { sum_e8s: bigint };
    InPast: { earliest_epoch: bigint };
    /** The field that was decided at genesis. */
    Immutable: string;
    AlreadyWithdrawn: null;
    /** What is still owed when the pool has more. */
    PoolShort: { owed_e8s: bigint };
    PoolExhausted: { free_e8s: bigint };
    BelowThreshold: { power_e8s: bigint; needed_e8s: bigint };
    NoPower: null;
    AlreadyVoted: null;
    VotingClosed: null;
    VotingOpen: { until_ns: bigint };
    NotPassed: null;
    Timelocked: { until_ns: bigint };
    AlreadyExecuted: null;
    AlreadyClaimed: null;
    InvalidProof: null;
    Exhausted: null;
    Expired: null;
    NotAllowed: null;
    /** Governance is, or was handed, to another principal. */
    NotGoverning: null;
    TooManyOpen: bigint;
    BooksMoved: null;
}
