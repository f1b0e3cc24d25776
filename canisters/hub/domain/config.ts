import type { Cell } from '../../../src/core/table';

export interface HubConfig {
    /** Price of one credit; fixed at install, because all credits are backed at it. */
    readonly creditPriceE8s: bigint;
    /** How long after a window's end the timer closes it. */
    readonly graceS: bigint;
    readonly maxKeysPerOwner: bigint;
    /** Whether the owner of a node may buy its compute. */
    readonly allowsSelfTrade: boolean;
    /** A validator probes a node again after a time that is uniform between these (AS-34). */
    readonly probeMinS: bigint;
    readonly probeMaxS: bigint;
    /** How long after a status report a node is online (AS-33); the state machine's own figure. */
    readonly onlineWindowS: bigint;
}

export const DEFAULT_CONFIG: HubConfig = {
    creditPriceE8s: 100_000n,
    graceS: 60n,
    maxKeysPerOwner: 100n,
    allowsSelfTrade: false,
    probeMinS: 3_600n,
    probeMaxS: 7_200n,
    onlineWindowS: 1_800n
};

export type ConfigCell = Cell<HubConfig>;
