import type { Cell } from '../../../src/core/table';

export interface HubConfig {
    /** Price of one credit; fixed at install, because all credits are backed at it. */
    readonly creditPriceE8s: bigint;
    /** How long after a window's end the timer closes it. */
    readonly graceS: bigint;
    readonly maxKeysPerOwner: bigint;
}

export const DEFAULT_CONFIG: HubConfig = { creditPriceE8s: 100_000n, graceS: 60n, maxKeysPerOwner: 100n };

export type ConfigCell = Cell<HubConfig>;
