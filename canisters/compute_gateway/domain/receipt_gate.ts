/**
 * How often a node may have signatures verified: an Ed25519 verification costs a canister as much as a hundred operations of the queue, and
 * whoever holds a session could ask for one after the other.
 */
import type { Principal } from '@dfinity/principal';
import { maxAmount } from '../../../src/core/amount';
import { NS_PER_MS, NS_PER_S } from '../../../src/core/clock';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { SessionLease } from './session_lease';
import type { GatewayTables } from './tables';

/** Signatures of a node that were not the payer's, since the first one of its hour. */
export interface BadReceipts {
    readonly count: number;
    readonly sinceNs: bigint;
}

const WINDOW_NS = 3_600n * NS_PER_S;

type Tables = Pick<GatewayTables, 'badReceipts' | 'limits'>;

/** Whether a signature of the session may be verified now for its node; `isFinal`: the last one of all. */
export function mayVerify(
    { badReceipts, limits }: Tables,
    node: Principal,
    { verifiedAtNs }: SessionLease,
    isFinal: boolean,
    nowNs: bigint
): Result<void, ErrorOf<'RateLimited'>> {
    const { settleSpacingS, maxBadReceipts } = limits.get();
    const bad = badReceipts.get(node);
    const isBarred = bad !== undefined && BigInt(bad.count) >= maxBadReceipts;
    const barredUntilNs = isBarred ? bad.sinceNs + WINDOW_NS : 0n;
    const spacedUntilNs = isFinal || verifiedAtNs === 0n ? 0n : verifiedAtNs + settleSpacingS * NS_PER_S;
    const untilNs = maxAmount(barredUntilNs, spacedUntilNs);
    if (nowNs >= untilNs) return ok(undefined);
    return err({ kind: 'RateLimited', retryAfterMs: (untilNs - nowNs + NS_PER_MS - 1n) / NS_PER_MS });
}

/** Counts a signature that was not the payer's. */
export function countBadReceipt({ badReceipts }: Tables, node: Principal, nowNs: bigint): void {
    const bad = badReceipts.get(node);
    const isOfThisHour = bad !== undefined && nowNs < bad.sinceNs + WINDOW_NS;
    badReceipts.set(node, isOfThisHour ? { ...bad, count: bad.count + 1 } : { count: 1, sinceNs: nowNs });
}
