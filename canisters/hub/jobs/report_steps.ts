import { invariant } from '../../../src/core/assert';
import { DONE, err, type Result } from '../../../src/core/result';
import { tradePageCodec, weightPageCodec } from '../../../src/core/round_pages';
import type { Receipt, Settlement, Step } from '../domain/settlement';
import { headerOf, type Settlements } from '../domain/settlements';
import type { Obstacle, ReportKey, ReportRefused, RoundProgress, SettlementPeers } from './settlement_peers';

export type Reporting = Settlement & { readonly step: Extract<Step, { kind: 'report' }> };
type StepResult = Promise<Result<void, Obstacle>>;

export interface ReportDeps {
    readonly settlements: Settlements;
    readonly peers: Pick<SettlementPeers, 'settleRound' | 'beginRound' | 'sendPage' | 'commitRound'>;
}

/** Weights and trades that are told in one call. */
const ONE_CALL_ITEMS = 100n;

/**
 * Tells rewards about a window: in one call, or page by page and then asking until all shares are written. Rewards keeps
 * the place, so that whatever is repeated changes nothing.
 */
export class ReportSteps {
    constructor(private readonly deps: ReportDeps) {}

    async advance(settlement: Reporting): StepResult {
        if (settlement.weights + settlement.trades <= ONE_CALL_ITEMS) return this.tellAtOnce(settlement);
        const { next } = settlement.step;
        if (next === undefined) return this.begin(settlement);
        const page = this.deps.settlements.reportPage(settlement, next);
        if (page === undefined) return this.commit(settlement);
        const answer = await this.deps.peers.sendPage({ ...keyOf(settlement), ...page });
        return answer.ok ? this.progressed(settlement, answer.value) : this.refused(settlement, answer.error);
    }

    private async tellAtOnce(settlement: Reporting): StepResult {
        const { weights, trades } = this.deps.settlements.pageCounts(settlement);
        const page = (seq: bigint) => this.deps.settlements.reportPage(settlement, seq)?.bytes;
        const bytes = Array.from({ length: Number(weights + trades) }, (_, seq) => page(BigInt(seq)) ?? NO_BYTES);
        const answer = await this.deps.peers.settleRound({
            ...keyOf(settlement),
            weights: bytes.slice(0, Number(weights)).flatMap((page) => weightPageCodec.decode(page)),
            trades: bytes.slice(Number(weights)).flatMap((page) => tradePageCodec.decode(page)),
            moneyE8s: settlement.moneyE8s
        });
        return answer.ok ? this.settled(settlement, answer.value) : this.refused(settlement, answer.error);
    }

    private async begin(settlement: Reporting): StepResult {
        const { weights: weightPages, trades: tradePages } = this.deps.settlements.pageCounts(settlement);
        const header = headerOf(settlement);
        const answer = await this.deps.peers.beginRound({ ...keyOf(settlement), header, weightPages, tradePages });
        return answer.ok ? this.progressed(settlement, answer.value) : this.refused(settlement, answer.error);
    }

    private async commit(settlement: Reporting): StepResult {
        const answer = await this.deps.peers.commitRound(keyOf(settlement));
        if (!answer.ok) return this.refused(settlement, answer.error);
        return answer.value === undefined ? DONE : this.settled(settlement, answer.value);
    }

    private progressed(settlement: Reporting, progress: RoundProgress): Result<void, Obstacle> {
        if (progress.kind === 'settled') return this.settled(settlement, progress.receipt);
        this.deps.settlements.reported(settlement.window, settlement.revision, progress.next);
        return DONE;
    }

    private settled({ window, revision }: Reporting, receipt: Receipt): Result<void, Obstacle> {
        this.deps.settlements.complete(window, revision, receipt);
        return DONE;
    }

    private refused({ window, revision }: Reporting, error: ReportRefused): Result<void, Obstacle> {
        if (error.kind === 'Other') return err(error.detail);
        if (error.kind === 'MoneyMissing') return err('rewards does not see the money of the window yet');
        this.deps.settlements.reported(window, revision, undefined);
        return err('rewards begins the report anew');
    }
}

const NO_BYTES = new Uint8Array();

function keyOf({ window, sourceHash }: Settlement): ReportKey {
    invariant(sourceHash !== undefined, 'H3', `window ${window} is reported before it is sealed`);
    return { round: window, sourceHash };
}
