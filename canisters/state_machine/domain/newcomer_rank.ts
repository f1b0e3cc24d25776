import type { Principal } from '@dfinity/principal';
import { ByteWriter } from '../../../src/core/codec';
import { sha256 } from '../../../src/core/hash';

/** What a newcomer has to show. */
export interface NewcomerDeeds {
    /** Whether it was there within the online window. */
    readonly isOnline: boolean;
    /** Proofs of computing that passed and still count. */
    readonly passed: number;
    /** Proofs that failed since the last one that passed. */
    readonly failures: number;
    readonly hasWallet: boolean;
}

/**
 * How little a newcomer has done: of two the lower one gives way first; undefined for one that keeps its place, because it is
 * online and the last proof that it was asked for passed. Whoever passes three is no newcomer any more, so a place is held
 * for as long as three proofs take, not longer.
 */
export function newcomerRank({ isOnline, passed, failures, hasWallet }: NewcomerDeeds): number | undefined {
    if (!isOnline) return 0;
    if (failures > 0) return 1;
    if (passed > 0) return undefined;
    return hasWallet ? 3 : 2;
}

/** 32 bytes that decide who is compared: whoever registers cannot choose them, since it does not know the time of its message. */
export function sampleDraw(entrant: Principal, nowNs: bigint): DataView {
    const writer = new ByteWriter();
    writer.bytes(entrant.toUint8Array());
    writer.u64(nowNs);
    const digest = sha256(writer.finish());
    return new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
}
