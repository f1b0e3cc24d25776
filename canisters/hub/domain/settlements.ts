import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import { invariant } from '../../../src/core/assert';
import {
    extendDigest,
    NO_PAGES,
    sourceHashOf,
    tradePageCodec,
    weightPageCodec,
    type RoundHeader,
    type WeightItem
} from '../../../src/core/round_pages';
import { judgePage, type HistoryPage } from '../../../src/core/lost_transfers';
import { samePrincipal } from '../../../src/core/principals';
import type { Cell, Lists, Table } from '../../../src/core/table';
import {
    interrupted,
    openIntent,
    resolveLost,
    type LedgerTransfer,
    type TransferIntent
} from '../../../src/core/transfer_intents';
import type { CreditBook } from './credit_book';
import type { EscrowBook } from './escrow_book';
import { weighNodes, type WeighedNode } from './node_weights';
import { screenPairs, type GroupFacts, type NodeFacts, type Pricing } from './screening';
import type { Receipt, Settlement, Step, WindowRules } from './settlement';
import { FIRST_PAIR, type NodeAhead, type NodeInWindow, type PairGroup, type WindowBook } from './window_book';

export interface SettlementTables {
    readonly settlements: Table<bigint, Settlement>;
    /** Canonical bytes of what rewards is told (src/core/round_pages.ts), by window. */
    readonly weightPages: Lists<bigint, Uint8Array>;
    readonly tradePages: Lists<bigint, Uint8Array>;
    /** The first window that is not settled, counted from 0. */
    readonly nextWindow: Cell<bigint>;
    /** How far the ledger's log was read for a lost payment: blocks from this one on. */
    readonly paymentSearch: Cell<bigint | undefined>;
}

/** Nodes whose facts and stakes one step asks for: what the peers answer at most. */
export const STEP_NODES = 100n;

/** Pairs that one step screens: with theirs the largest page stays far below what a message may cost. */
const STEP_LIMITS = { nodes: Number(STEP_NODES), pairs: 400 };

/** The transfer of so many e8s to rewards, with its memo and date. */
export type TransferOf = (amountE8s: bigint) => LedgerTransfer;

/** A page of the snapshot with the stakes of its nodes, and where the next page starts; absent at the end. */
export interface WeighedPage {
    readonly nodes: readonly WeighedNode[];
    readonly next?: bigint;
}

/** One page of a report: its place, its bytes and the running digest behind it. */
export interface ReportPage {
    readonly seq: bigint;
    readonly bytes: Uint8Array;
}

/**
 * Settlements of windows, one after the other, none skipped (H3, R5). All methods are synchronous and check that the
 * settlement stands where the caller left it: `revision` is the one that was read before the await.
 */
export class Settlements {
    constructor(
        private readonly tables: SettlementTables,
        private readonly credits: CreditBook,
        private readonly escrow: EscrowBook,
        private readonly windows: WindowBook
    ) {}

    nextWindow(): bigint {
        return this.tables.nextWindow.get();
    }

    startAt(window: bigint): void {
        if (this.tables.nextWindow.get() < window) this.tables.nextWindow.set(window);
    }

    get(window: bigint): Settlement | undefined {
        return this.tables.settlements.get(window);
    }

    /** Freezes a window that has ended: nothing is counted into it any more. */
    freeze(window: bigint, nowNs: bigint): Settlement {
        const frozen = this.get(window);
        if (frozen !== undefined) return frozen;
        invariant(window === this.nextWindow(), 'H3', `window ${window} out of order`);
        const settlement = frozenNow(window, nowNs);
        this.tables.settlements.set(window, settlement);
        return settlement;
    }

    /** Weighs a page of the snapshot; the last one begins the screening. */
    weigh(window: bigint, revision: bigint, page: WeighedPage, rules: WindowRules, endNs: bigint): void {
        const settlement = this.at(window, revision, 'weigh');
        if (settlement === undefined) return;
        const items = weighNodes(rules, page.nodes, endNs);
        const bytes = weightPageCodec.encode(items);
        if (items.length > 0) this.tables.weightPages.append(window, bytes);
        const { weightsDigest } = settlement;
        this.store(settlement, {
            step: page.next === undefined ? { kind: 'screen', from: FIRST_PAIR } : { kind: 'weigh', start: page.next },
            weights: settlement.weights + BigInt(items.length),
            totalWeight: items.reduce((sum, { weight }) => sum + weight, settlement.totalWeight),
            weightsDigest: items.length > 0 ? extendDigest(weightsDigest, bytes) : weightsDigest
        });
    }

    /** Credits that a node's calls earned in a window, without what its own wallet paid, cancelled calls included (H6). */
    earnedCredits({ window, node }: NodeInWindow, payee: NodeFacts | undefined): bigint {
        const owner = payee?.walletOwner;
        const own = owner === undefined || samePrincipal(owner, node) ? [node] : [node, owner];
        const returned = own.reduce((sum, buyer) => sum + this.windows.freshCredits({ window, node, buyer }), 0n);
        const { credits } = this.windows.usage({ window, node });
        return returned < credits ? credits - returned : 0n;
    }

    /** The nodes that the next screening step decides on; none when all pairs are screened. */
    nodesToScreen({ window, step }: Settlement): readonly NodeAhead[] {
        return step.kind === 'screen' ? this.windows.nodesAhead(window, step.from, STEP_LIMITS) : [];
    }

    /**
     * Screens the next pairs: those of {@link nodesToScreen} (a frozen window does not change), with facts in their order.
     * The trades among them become a page.
     */
    screen({ window, revision }: Settlement, nodes: readonly NodeAhead[], facts: GroupFacts, pricing: Pricing): void {
        const settlement = this.at(window, revision, 'screen');
        if (settlement?.step.kind !== 'screen') return;
        const { groups, next } = this.windows.walk(window, settlement.step.from, nodes, STEP_LIMITS);
        const { page, returned, ...sums } = screenPairs(groups, facts, pricing);
        for (const { credits, ...pair } of returned) {
            this.credits.giveBack(pair.buyer, credits);
            this.windows.returnFresh({ window, ...pair });
        }
        const bytes = tradePageCodec.encode(page);
        if (page.length > 0) this.tables.tradePages.append(window, bytes);
        const { tradesDigest } = settlement;
        this.store(settlement, {
            step: { kind: 'screen', from: next },
            trades: settlement.trades + sums.trades,
            tradeCredits: settlement.tradeCredits + sums.credits,
            tradeMarketE8s: settlement.tradeMarketE8s + sums.marketE8s,
            feesE8s: settlement.feesE8s + sums.feesE8s,
            returnedCredits: returned.reduce((sum, { credits }) => sum + credits, settlement.returnedCredits),
            tradesDigest: page.length > 0 ? extendDigest(tradesDigest, bytes) : tradesDigest
        });
    }

    /** All pairs are screened: trades whose fees cannot pay for their transfer wait for the next window. */
    endScreening(window: bigint, revision: bigint, creditPriceE8s: bigint, transferOf: TransferOf): void {
        const settlement = this.at(window, revision, 'screen');
        if (settlement === undefined) return;
        const tooSmall = settlement.trades > 0n && settlement.feesE8s < LEDGER_FEE_E8S;
        const moneyE8s = settlement.tradeCredits * creditPriceE8s + settlement.tradeMarketE8s;
        if (tooSmall) this.store(settlement, { step: { kind: 'carry', from: FIRST_PAIR } });
        else this.seal(settlement, moneyE8s, transferOf);
    }

    /** Hands pairs to the next window; after the last the window is settled without money. */
    carry(window: bigint, revision: bigint, transferOf: TransferOf): void {
        const settlement = this.at(window, revision, 'carry');
        if (settlement?.step.kind !== 'carry') return;
        const nodes = this.windows.nodesAhead(window, settlement.step.from, STEP_LIMITS);
        const { groups, next } = this.windows.walk(window, settlement.step.from, nodes, STEP_LIMITS);
        if (groups.length === 0) {
            const nothing = { trades: 0n, feesE8s: 0n, tradesDigest: NO_PAGES };
            this.seal({ ...settlement, ...nothing }, 0n, transferOf);
            return;
        }
        this.store(settlement, { step: { kind: 'carry', from: next }, ...this.handOver(settlement, groups) });
    }

    /** Stores the payment's progress; a payment that is done is reported next. */
    paymentMoved(window: bigint, revision: bigint, intent: TransferIntent): Settlement | undefined {
        const settlement = this.at(window, revision, 'pay');
        if (settlement === undefined) return undefined;
        if (intent.state.kind !== 'done') return this.store(settlement, { step: { kind: 'pay', intent } });
        this.moneyLeft(settlement);
        return this.store(settlement, { step: { kind: 'report', intent }, blockIndex: intent.state.blockIndex });
    }

    /** The payment is lost: where the ledger's log is read on; undefined for its newest page. */
    paymentSearch(): bigint | undefined {
        return this.tables.paymentSearch.get();
    }

    /** Takes a page of the ledger's log for a lost payment. Answers whether it told anything. */
    searchedPayment(window: bigint, revision: bigint, page: HistoryPage, nowNs: bigint): boolean {
        const settlement = this.at(window, revision, 'pay');
        if (settlement?.step.kind !== 'pay') return true;
        const { intent } = settlement.step;
        const verdict = judgePage(intent.transfer, this.paymentSearch(), page);
        this.tables.paymentSearch.set(verdict.kind === 'older' ? verdict.before : undefined);
        if (verdict.kind === 'older') return true;
        if (verdict.kind === 'unreadable') return false;
        const blockIndex = verdict.kind === 'executed' ? verdict.blockIndex : undefined;
        this.paymentMoved(window, revision, resolveLost(intent, blockIndex, nowNs));
        return true;
    }

    /** Rewards has the pages before `next`; undefined when it has none and must be told from the start. */
    reported(window: bigint, revision: bigint, next: bigint | undefined): void {
        const settlement = this.at(window, revision, 'report');
        if (settlement?.step.kind !== 'report') return;
        this.store(settlement, { step: { ...settlement.step, next } });
    }

    /** Rewards has settled the round. */
    complete(window: bigint, revision: bigint, receipt: Receipt): void {
        const settlement = this.at(window, revision, 'report');
        if (settlement?.step.kind !== 'report') return;
        this.store(settlement, { step: { kind: 'done' }, receipt });
        this.tables.nextWindow.set(window + 1n);
    }

    /** The call for the payment will not be answered any more (upgrade): it is in doubt from now on. */
    paymentInterrupted(): void {
        const settlement = this.get(this.nextWindow());
        if (settlement?.step.kind !== 'pay') return;
        this.store(settlement, { step: { kind: 'pay', intent: interrupted(settlement.step.intent) } });
    }

    /** Whether the hub's ledger balance may differ from its books just now. */
    isMoneyMoving(): boolean {
        return this.get(this.nextWindow())?.step.kind === 'pay';
    }

    /** A page of the weights as rewards is told them. */
    weightPage(window: bigint, page: bigint): readonly WeightItem[] {
        const bytes = this.tables.weightPages.get(window, page);
        return bytes === undefined ? [] : weightPageCodec.decode(bytes);
    }

    /** Pages of weights, and of trades: none of the latter when they were carried. */
    pageCounts({ window, trades }: Settlement): { readonly weights: bigint; readonly trades: bigint } {
        const weights = this.tables.weightPages.length(window);
        return { weights, trades: trades === 0n ? 0n : this.tables.tradePages.length(window) };
    }

    /** Page `seq` of a report, weights first; undefined behind the last. */
    reportPage(settlement: Settlement, seq: bigint): ReportPage | undefined {
        const { window } = settlement;
        const counts = this.pageCounts(settlement);
        if (seq >= counts.weights + counts.trades) return undefined;
        const bytes =
            seq < counts.weights
                ? this.tables.weightPages.get(window, seq)
                : this.tables.tradePages.get(window, seq - counts.weights);
        invariant(bytes !== undefined, 'H3', `page ${seq} of window ${window} is gone`);
        return { seq, bytes };
    }

    /** Everything is known: the source hash is fixed, and the payment's intent is written if there is money. */
    private seal(settlement: Settlement, moneyE8s: bigint, transferOf: TransferOf): void {
        const { weightsDigest, tradesDigest } = settlement;
        const sourceHash = sourceHashOf(headerOf({ ...settlement, moneyE8s }), weightsDigest, tradesDigest);
        const step: Step =
            moneyE8s === 0n
                ? { kind: 'report' }
                : { kind: 'pay', intent: openIntent(transferOf(moneyE8s - LEDGER_FEE_E8S)) };
        this.store(settlement, { step, sourceHash, moneyE8s });
    }

    /** Gives pairs to the next window; answers what that changes in the settlement. */
    private handOver(settlement: Settlement, groups: readonly PairGroup[]): Partial<Settlement> {
        let { tradeCredits, tradeMarketE8s, carriedCredits, carriedMarketE8s } = settlement;
        for (const { node, pairs } of groups) {
            for (const { buyer, fresh, carried, marketE8s } of pairs) {
                const credits = fresh + carried;
                if (credits + marketE8s === 0n) continue;
                this.windows.carry(settlement.window + 1n, { node, buyer }, credits, marketE8s);
                tradeCredits -= credits;
                carriedCredits += credits;
                tradeMarketE8s -= marketE8s;
                carriedMarketE8s += marketE8s;
            }
        }
        return { tradeCredits, tradeMarketE8s, carriedCredits, carriedMarketE8s };
    }

    /** The window's money is with rewards. */
    private moneyLeft({ tradeCredits, tradeMarketE8s }: Settlement): void {
        this.credits.settle(tradeCredits);
        this.escrow.settle(tradeMarketE8s);
    }

    private at(window: bigint, revision: bigint, kind: Step['kind']): Settlement | undefined {
        const settlement = this.get(window);
        return settlement?.revision === revision && settlement.step.kind === kind ? settlement : undefined;
    }

    private store(settlement: Settlement, change: Partial<Settlement>): Settlement {
        const next = { ...settlement, ...change, revision: settlement.revision + 1n };
        this.tables.settlements.set(settlement.window, next);
        return next;
    }
}

/** What identifies a settlement's report. */
export function headerOf({ window, moneyE8s, weights, trades }: Settlement): RoundHeader {
    return { round: window, moneyE8s, weights, trades };
}

function frozenNow(window: bigint, nowNs: bigint): Settlement {
    return {
        window,
        revision: 0n,
        step: { kind: 'weigh', start: 0n },
        frozenAtNs: nowNs,
        trades: 0n,
        tradeCredits: 0n,
        tradeMarketE8s: 0n,
        feesE8s: 0n,
        returnedCredits: 0n,
        carriedCredits: 0n,
        carriedMarketE8s: 0n,
        weights: 0n,
        totalWeight: 0n,
        tradesDigest: NO_PAGES,
        weightsDigest: NO_PAGES,
        moneyE8s: 0n
    };
}
