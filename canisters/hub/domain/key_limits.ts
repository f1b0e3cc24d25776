import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import { samePrincipal } from '../../../src/core/principals';
import { DONE, err, type Result } from '../../../src/core/result';
import type { Table } from '../../../src/core/table';
import type { ErrorOf } from './errors';

/** What a key may be used for; an absent limit does not limit. */
export interface KeyLimits {
    readonly apps?: readonly string[];
    /** Nodes that may execute the key's requests. */
    readonly nodes?: readonly Principal[];
    readonly requestsPerMinute?: bigint;
    /** Credits that the key may spend in all, those reserved included. */
    readonly maxCredits?: bigint;
}

export const NO_LIMITS: KeyLimits = {};

/** What a key has done. */
export interface KeyUse {
    /** Start of the minute that `requests` counts. */
    readonly minuteNs: bigint;
    readonly requests: bigint;
    readonly held: bigint;
    readonly spent: bigint;
}

const UNUSED: KeyUse = { minuteNs: 0n, requests: 0n, held: 0n, spent: 0n };
const MINUTE_NS = 60n * NS_PER_S;
const MAX_LISTED = 50;
const MAX_APP_LENGTH = 64;

export type LimitRefused = ErrorOf<'AppNotAllowed' | 'RateLimited' | 'KeyLimitReached'>;

/** Why limits cannot be stored; undefined when they can. */
export function limitsFault({ apps, nodes }: KeyLimits): ErrorOf<'InvalidArgument'> | undefined {
    const tooMany = (apps?.length ?? 0) > MAX_LISTED || (nodes?.length ?? 0) > MAX_LISTED;
    if (tooMany) return { kind: 'InvalidArgument', detail: `at most ${MAX_LISTED} apps and ${MAX_LISTED} nodes` };
    const isLong = apps?.some((app) => app.length === 0 || app.length > MAX_APP_LENGTH) === true;
    return isLong ? { kind: 'InvalidArgument', detail: `an app id has 1 to ${MAX_APP_LENGTH} characters` } : undefined;
}

export function allowsApp(limits: KeyLimits, app: string): boolean {
    const { apps } = limits;
    return apps === undefined || apps.includes(app);
}

export function allowsNode(limits: Pick<KeyLimits, 'nodes'>, node: Principal): boolean {
    const { nodes } = limits;
    return nodes === undefined || nodes.some((allowed) => samePrincipal(allowed, node));
}

/** What a request asks of its key. */
export interface KeyRequest {
    readonly appId: string;
    readonly credits: bigint;
}

/** Counts what keys do, for their limits (AS-77: deny by default). */
export class KeyUses {
    constructor(private readonly uses: Table<Uint8Array, KeyUse>) {}

    of(hash: Uint8Array): KeyUse {
        return this.uses.get(hash) ?? UNUSED;
    }

    /** Whether a key's limits allow a request now. */
    check(hash: Uint8Array, limits: KeyLimits, request: KeyRequest, nowNs: bigint): Result<void, LimitRefused> {
        if (!allowsApp(limits, request.appId)) return err({ kind: 'AppNotAllowed' });
        const use = this.of(hash);
        const { requestsPerMinute, maxCredits } = limits;
        const minute = minuteOf(use, nowNs);
        if (requestsPerMinute !== undefined && minute.requests >= requestsPerMinute) {
            const waitNs = minute.minuteNs + MINUTE_NS - nowNs;
            return err({ kind: 'RateLimited', retryAfterS: (waitNs + NS_PER_S - 1n) / NS_PER_S });
        }
        const used = use.held + use.spent;
        if (maxCredits !== undefined && used + request.credits > maxCredits) {
            return err({ kind: 'KeyLimitReached', left: used < maxCredits ? maxCredits - used : 0n });
        }
        return DONE;
    }

    /** Counts a request that was opened. */
    opened(hash: Uint8Array, credits: bigint, nowNs: bigint): void {
        const use = this.of(hash);
        const { minuteNs, requests } = minuteOf(use, nowNs);
        this.uses.set(hash, { ...use, minuteNs, requests: requests + 1n, held: use.held + credits });
    }

    /** Counts the end of a request: what it used of its reservation. */
    closed(hash: Uint8Array, held: bigint, used: bigint): void {
        const use = this.of(hash);
        this.uses.set(hash, { ...use, held: use.held - held, spent: use.spent + used });
    }
}

/** The minute that counts now: the running one, or a new one from now on. */
function minuteOf(use: KeyUse, nowNs: bigint): { minuteNs: bigint; requests: bigint } {
    const { minuteNs, requests } = use;
    return nowNs - minuteNs < MINUTE_NS ? { minuteNs, requests } : { minuteNs: nowNs, requests: 0n };
}
