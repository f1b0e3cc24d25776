/** What rewards has of a report that comes in pages. */
import type { Receipt } from '../../../canisters/hub/domain/settlement';
import type { ReportKey, RoundBeginning, RoundReport } from '../../../canisters/hub/jobs/settlement_peers';
import { toHex } from '../../../src/core/bytes';
import { extendDigest, NO_PAGES, sourceHashOf, tradePageCodec, weightPageCodec } from '../../../src/core/round_pages';

/** A report of which rewards has some pages. */
export interface StagedRound extends Pick<RoundBeginning, 'header' | 'round' | 'sourceHash'> {
    readonly counts: readonly [bigint, bigint];
    readonly pages: Uint8Array[];
    asked?: boolean;
}

export function isSame(staged: StagedRound | undefined, key: ReportKey): boolean {
    return staged?.round === key.round && toHex(staged.sourceHash) === toHex(key.sourceHash);
}

function split({ counts, pages }: StagedRound): readonly [Uint8Array[], Uint8Array[]] {
    return [pages.slice(0, Number(counts[0])), pages.slice(Number(counts[0]))];
}

export function hashOf(staged: StagedRound): Uint8Array {
    const [weights, trades] = split(staged).map((pages) => pages.reduce(extendDigest, NO_PAGES));
    return sourceHashOf(staged.header, weights ?? NO_PAGES, trades ?? NO_PAGES);
}

export function reportOf(staged: StagedRound): RoundReport {
    const [weights, trades] = split(staged);
    const { round, sourceHash, header } = staged;
    return {
        round,
        sourceHash,
        weights: weights.flatMap((page) => weightPageCodec.decode(page)),
        trades: trades.flatMap((page) => tradePageCodec.decode(page)),
        moneyE8s: header.moneyE8s
    };
}

export function receiptOf(report: RoundReport, nowNs: bigint): Receipt {
    return {
        poolE8s: 0n,
        emissionE8s: 0n,
        carryInE8s: 0n,
        carryOutE8s: 0n,
        totalWeight: report.weights.reduce((sum, { weight }) => sum + weight, 0n),
        shares: BigInt(report.weights.length),
        tradeVolumeE8s: report.moneyE8s,
        settledAtNs: nowNs
    };
}
