import type { Ratio } from '../../../src/core/amount';
import type { WeightRules } from '../../../src/core/tokenomics/profile';
import type { TransferIntent } from '../../../src/core/transfer_intents';
import type { PairCursor } from './window_book';

/**
 * Where the settlement of a window stands. Every step is stored before and after what it does, so that it starts again
 * from here after a lost reply, a trap or an upgrade:
 *
 *     weigh ──▶ screen ──▶ (carry) ──▶ (pay) ──▶ report ──▶ done
 */
export type Step =
    /** Nodes before `start` of the state machine's snapshot are weighed. */
    | { readonly kind: 'weigh'; readonly start: bigint }
    /** Pairs before `from` are screened: self-calls given back, the others stored as trades. */
    | { readonly kind: 'screen'; readonly from: PairCursor }
    /** The trades cannot pay for their transfer: pairs before `from` are in the next window. */
    | { readonly kind: 'carry'; readonly from: PairCursor }
    /** The money is on its way to rewards. */
    | { readonly kind: 'pay'; readonly intent: TransferIntent }
    /**
     * Rewards is told page by page: it has those before `next`, and nothing when that is absent. `intent` is absent when
     * there is no money.
     */
    | { readonly kind: 'report'; readonly intent?: TransferIntent; readonly next?: bigint }
    | { readonly kind: 'done' };

/** What rewards answered: its settlement of the round. */
export interface Receipt {
    readonly poolE8s: bigint;
    readonly emissionE8s: bigint;
    readonly carryInE8s: bigint;
    readonly carryOutE8s: bigint;
    readonly totalWeight: bigint;
    readonly shares: bigint;
    readonly tradeVolumeE8s: bigint;
    readonly settledAtNs: bigint;
}

/** The frozen books of one window on their way to rewards. */
export interface Settlement {
    readonly window: bigint;
    /** Counts every change: an answer to a call that an older state made is recognised by it. */
    readonly revision: bigint;
    readonly step: Step;
    readonly frozenAtNs: bigint;
    /** Trades that are settled with this window, what they consist of, and their price; 0 once they are carried. */
    readonly trades: bigint;
    readonly tradeCredits: bigint;
    readonly tradeMarketE8s: bigint;
    /** The fees that rewards will take of them, each floored: they must cover the transfer. */
    readonly feesE8s: bigint;
    /** Given back, because the node's own wallet paid. */
    readonly returnedCredits: bigint;
    /** Handed to the next window. */
    readonly carriedCredits: bigint;
    readonly carriedMarketE8s: bigint;
    readonly weights: bigint;
    readonly totalWeight: bigint;
    /** Running digests over the stored pages (src/core/round_pages.ts). */
    readonly tradesDigest: Uint8Array;
    readonly weightsDigest: Uint8Array;
    /** Set when everything is known; identifies the settlement towards rewards. */
    readonly sourceHash?: Uint8Array;
    /** Price of the trades: what rewards is told, and gets less the ledger's fee. */
    readonly moneyE8s: bigint;
    /** Block of the transfer to rewards. */
    readonly blockIndex?: bigint;
    readonly receipt?: Receipt;
}

/** The part of the token economy that a window is settled by: that of its epoch, which never changes any more (R8). */
export interface WindowRules {
    readonly weights: WeightRules;
    /** The share of a trade's price that rewards takes as fee. */
    readonly fee: Ratio;
}

/** The public name of a settlement's state. */
export type WindowState = 'Open' | 'Frozen' | 'Transferring' | 'Settling' | 'Settled';

export function windowState(settlement: Settlement | undefined): WindowState {
    if (settlement === undefined) return 'Open';
    switch (settlement.step.kind) {
        case 'weigh':
        case 'screen':
        case 'carry':
            return 'Frozen';
        case 'pay':
            return 'Transferring';
        case 'report':
            return 'Settling';
        case 'done':
            return 'Settled';
    }
}
