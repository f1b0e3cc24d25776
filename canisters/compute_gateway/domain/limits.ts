/** Bounds and times of a deployment; every one can be set at install, so that tests and local networks can be quick. */
export interface Limits {
    /** Input of a job, inline (AS-77: 131,072 bytes); what is larger is named by its hash. */
    readonly maxInputBytes: bigint;
    readonly maxOutputBytes: bigint;
    /** Unfinished jobs of one payer. */
    readonly maxActivePerPayer: bigint;
    /** Unfinished jobs in all. */
    readonly maxActive: bigint;
    /** Jobs of one payer that nodes run at a time. */
    readonly maxLeasedPerPayer: bigint;
    /** Jobs of one app that wait. */
    readonly maxQueuedPerApp: bigint;
    /** Attempts that may fail. */
    readonly maxAttempts: bigint;
    readonly defaultTtlS: bigint;
    readonly maxTtlS: bigint;
    /** The longest that any app may let an attempt run. */
    readonly maxExecS: bigint;
    /** Payloads and idempotency keys of finished jobs are kept for so long. */
    readonly retentionS: bigint;
    /** How long an answer of the state machine about a node is believed. */
    readonly nodeCacheS: bigint;
    readonly maxNodesPerApp: bigint;
    readonly minLeaseS: bigint;
    readonly maxLeaseS: bigint;
    readonly maxSlots: bigint;
    /** How long a session's next job is kept for the node that ran the last one. */
    readonly affinityMs: bigint;
    /** Jobs of one group. */
    readonly maxGroup: bigint;
    readonly maxAppsPerDeveloper: bigint;
    /** Between two receipts of a session that are verified; the last one of all may come at any time. */
    readonly settleSpacingS: bigint;
    /** Receipts with a signature that is not the payer's, of one node in an hour. */
    readonly maxBadReceipts: bigint;
    /** A node that has reported nothing for so long is given nothing new (compute.md §5.3); what it runs goes on. */
    readonly maxSilenceS: bigint;
    /** Sweep of what is due. */
    readonly sweepS: bigint;
}

/** compute.md §5.3–5.5, domain.md AS-77. */
export const DEFAULT_LIMITS: Limits = {
    maxInputBytes: 131_072n,
    maxOutputBytes: 1_048_576n,
    maxActivePerPayer: 100n,
    maxActive: 10_000n,
    maxLeasedPerPayer: 20n,
    maxQueuedPerApp: 5_000n,
    maxAttempts: 3n,
    defaultTtlS: 600n,
    maxTtlS: 86_400n,
    maxExecS: 43_200n,
    retentionS: 86_400n,
    nodeCacheS: 300n,
    maxNodesPerApp: 256n,
    minLeaseS: 20n,
    maxLeaseS: 900n,
    maxSlots: 64n,
    affinityMs: 500n,
    maxGroup: 16n,
    maxAppsPerDeveloper: 100n,
    settleSpacingS: 30n,
    maxBadReceipts: 8n,
    maxSilenceS: 180n,
    sweepS: 5n
};
