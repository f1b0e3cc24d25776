import { err, ok, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import type { ErrorOf } from './errors';

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

/** What governance may change while the hub runs; an absent field stays. Never the price, which backs all credits. */
export type ConfigChange = Partial<Omit<HubConfig, 'creditPriceE8s'>>;

/** A day: a window must be closed before the next ones pile up. */
const MAX_GRACE_S = 86_400n;
const MAX_KEYS = 10_000n;

/** The configuration after a change, or why there is none. */
export function changed(current: HubConfig, change: ConfigChange): Result<HubConfig, ErrorOf<'InvalidArgument'>> {
    const next = { ...current, ...definedOf(change) };
    const fault = faultOf(next);
    return fault === undefined ? ok(next) : err({ kind: 'InvalidArgument', detail: fault });
}

function faultOf({ graceS, maxKeysPerOwner, probeMinS, probeMaxS, onlineWindowS }: HubConfig): string | undefined {
    if (probeMinS === 0n || probeMinS > probeMaxS) return 'probe_min_s is 1 to probe_max_s';
    if (onlineWindowS === 0n) return 'online_window_s is positive';
    if (graceS > MAX_GRACE_S) return `grace_s is at most ${MAX_GRACE_S}`;
    return maxKeysPerOwner > MAX_KEYS ? `max_keys_per_owner is at most ${MAX_KEYS}` : undefined;
}

function definedOf(change: ConfigChange): ConfigChange {
    return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
