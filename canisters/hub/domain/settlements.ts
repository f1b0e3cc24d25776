import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { applyRatio, LEDGER_FEE_E8S, type Ratio } from '../../../src/core/amount';
import { invariant } from '../../../src/core/assert';
import type { Cell, Lists, Table } from '../../../src/core/table';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { interrupted, openIntent, type LedgerTransfer, type TransferIntent } from '../../../src/core/transfer_intents';
import type { CreditBook } from './credit_book';
import { weighNodes, type NodeStake, type SnapshotNode } from './node_weights';
import type { Receipt, Settlement, Step, TradeItem, WeightItem } from './settlement';
import { extendDigest, NO_PAGES, sourceHashOf, tradePageCodec, weightPageCodec } from './source_hash';
import type { Pair, PairCredits, WindowBook } from './window_book';

export interface SettlementTables {
    readonly settlements: Table<bigint, Settlement>;
    readonly weightPages: Lists<bigint, readonly WeightItem[]>;
    readonly tradePages: Lists<bigint, readonly TradeItem[]>;
    /** The first window that is not settled, counted from 0. */
    readonly nextWindow: Cell<bigint>;
}

/** Pairs or nodes that one step takes at most; also the page that rewards and the state machine are asked for. */
export const STEP_ITEMS = 100n;

/** Weights and trades together that one report to rewards may hold. */
export const MAX_REPORT_ITEMS = 1_000n;

/** The transfer of so many e8s to rewards, with its memo and date. */
export type TransferOf = (amountE8s: bigint) => LedgerTransfer;

export interface Pricing {
    readonly creditPriceE8s: bigint;
    /** The share of a price that rewards takes as fee. */
    readonly fee: Ratio;
}

/** A page of the snapshot with the stakes of its nodes, and where the next page starts; absent at the end. */
export interface WeighedPage {
    readonly nodes: readonly { readonly facts: SnapshotNode; readonly stake?: NodeStake }[];
    readonly next?: bigint;
}

/** What the state machine knows of a node that served calls. */
export interface NodeFacts {
    /** Absent while no wallet is bound: what the node earns waits for one. */
    readonly walletOwner?: Principal;
}

/** Facts by node; undefined for a node that is not registered. */
export type FactsOf = (node: Principal) => NodeFacts | undefined;

/**
 * Settlements of windows, one after the other, none skipped (H3, R5). All methods are synchronous and check that the
 * settlement stands where the caller left it: `revision` is the one that was read before the await.
 */
export class Settlements {
    constructor(
        private readonly tables: SettlementTables,
        private readonly credits: CreditBook,
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
        const settlement: Settlement = {
            window,
            revision: 0n,
            step: { kind: 'weigh', start: 0n },
            frozenAtNs: nowNs,
            trades: 0n,
            tradeCredits: 0n,
            feesE8s: 0n,
            returnedCredits: 0n,
            carriedCredits: 0n,
            weights: 0n,
            totalWeight: 0n,
            tradesDigest: NO_PAGES,
            weightsDigest: NO_PAGES,
            moneyE8s: 0n
        };
        this.tables.settlements.set(window, settlement);
        return settlement;
    }

    /** Weighs a page of the snapshot; the last one begins the screening. */
    weigh(window: bigint, revision: bigint, page: WeighedPage, profile: TokenomicsProfile, endNs: bigint): void {
        const settlement = this.at(window, revision, 'weigh');
        if (settlement === undefined || settlement.step.kind !== 'weigh') return;
        const items = weighNodes(profile, page.nodes, endNs);
        if (items.length > 0) this.tables.weightPages.append(window, items);
        this.store(settlement, {
            step: page.next === undefined ? { kind: 'screen', pair: 0n } : { kind: 'weigh', start: page.next },
            weights: settlement.weights + BigInt(items.length),
            totalWeight: items.reduce((sum, { weight }) => sum + weight, settlement.totalWeight),
            weightsDigest: extendDigest(settlement.weightsDigest, weightPageCodec, items)
        });
    }

    /** The pairs that the next screening step decides on; none when all are screened. */
    pairsToScreen(settlement: Settlement): readonly (Pair & PairCredits)[] {
        if (settlement.step.kind !== 'screen') return [];
        return this.windows.pairs(settlement.window, settlement.step.pair, STEP_ITEMS);
    }

    /**
     * Screens a page of pairs. What a node's own wallet (or the node itself) paid, and what an unregistered node served,
     * earns nobody anything: the buyer gets those credits back (H6). The rest are the window's trades; a page that one
     * report to rewards cannot hold any more goes to the next window.
     */
    screen(window: bigint, revision: bigint, factsOf: FactsOf, pricing: Pricing): void {
        const settlement = this.at(window, revision, 'screen');
        if (settlement === undefined || settlement.step.kind !== 'screen') return;
        const pairs = this.pairsToScreen(settlement);
        const screened = pairs.map((pair) => screenPair(pair, factsOf(pair.node)));
        for (const { pair, returned } of screened) if (returned > 0n) this.giveBack(window, pair, returned);
        const trades = screened.flatMap(({ trade }) => (trade.credits > 0n ? [trade] : []));
        const next = {
            step: { kind: 'screen', pair: settlement.step.pair + BigInt(pairs.length) } as const,
            returnedCredits: screened.reduce((sum, { returned }) => sum + returned, settlement.returnedCredits)
        };
        const items = settlement.weights + settlement.trades + BigInt(trades.length);
        if (items > MAX_REPORT_ITEMS) {
            this.handOver(window, trades);
            this.store(settlement, { ...next, carriedCredits: settlement.carriedCredits + sumCredits(trades) });
            return;
        }
        if (trades.length > 0) this.tables.tradePages.append(window, trades);
        const fees = trades.map(({ credits }) => applyRatio(credits * pricing.creditPriceE8s, pricing.fee));
        this.store(settlement, {
            ...next,
            trades: settlement.trades + BigInt(trades.length),
            tradeCredits: settlement.tradeCredits + sumCredits(trades),
            feesE8s: fees.reduce((sum, fee) => sum + fee, settlement.feesE8s),
            tradesDigest: extendDigest(settlement.tradesDigest, tradePageCodec, trades)
        });
    }

    /** All pairs are screened: trades whose fees cannot pay for their transfer wait for the next window. */
    endScreening(window: bigint, revision: bigint, creditPriceE8s: bigint, transferOf: TransferOf): void {
        const settlement = this.at(window, revision, 'screen');
        if (settlement === undefined) return;
        const tooSmall = settlement.trades > 0n && settlement.feesE8s < LEDGER_FEE_E8S;
        if (tooSmall) this.store(settlement, { step: { kind: 'carry', page: 0n } });
        else this.seal(settlement, settlement.tradeCredits * creditPriceE8s, transferOf);
    }

    /** Hands one page of trades to the next window; after the last the window is settled without money. */
    carry(window: bigint, revision: bigint, transferOf: TransferOf): void {
        const settlement = this.at(window, revision, 'carry');
        if (settlement === undefined || settlement.step.kind !== 'carry') return;
        const { page } = settlement.step;
        const trades = this.tables.tradePages.get(window, page);
        if (trades === undefined) {
            this.seal({ ...settlement, trades: 0n, feesE8s: 0n, tradesDigest: NO_PAGES }, 0n, transferOf);
            return;
        }
        this.handOver(window, trades);
        const carried = sumCredits(trades);
        this.store(settlement, {
            step: { kind: 'carry', page: page + 1n },
            tradeCredits: settlement.tradeCredits - carried,
            carriedCredits: settlement.carriedCredits + carried
        });
    }

    /** Stores the payment's progress; a payment that is done, or that only rewards can tell about, is reported next. */
    paymentMoved(window: bigint, revision: bigint, intent: TransferIntent): Settlement | undefined {
        const settlement = this.at(window, revision, 'pay');
        if (settlement === undefined) return undefined;
        if (intent.state.kind === 'done') this.credits.settle(settlement.tradeCredits);
        const told = intent.state.kind === 'done' || intent.state.kind === 'lost';
        const blockIndex = intent.state.kind === 'done' ? intent.state.blockIndex : undefined;
        return this.store(settlement, { step: { kind: told ? 'report' : 'pay', intent }, blockIndex });
    }

    /** Rewards does not have the money of a lost payment: it never happened, so it is made again under a new date. */
    paymentNeverHappened(window: bigint, revision: bigint, intent: TransferIntent): void {
        const settlement = this.at(window, revision, 'report');
        if (settlement !== undefined) this.store(settlement, { step: { kind: 'pay', intent } });
    }

    /** Rewards has settled the round. */
    complete(window: bigint, revision: bigint, receipt: Receipt): void {
        const settlement = this.at(window, revision, 'report');
        if (settlement === undefined || settlement.step.kind !== 'report') return;
        if (settlement.step.intent?.state.kind === 'lost') this.credits.settle(settlement.tradeCredits);
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
        const step = this.get(this.nextWindow())?.step;
        return step?.kind === 'pay' || (step?.kind === 'report' && step.intent?.state.kind === 'lost');
    }

    /** A page of the weights as rewards is told them. */
    weightPage(window: bigint, page: bigint): readonly WeightItem[] {
        return this.tables.weightPages.get(window, page) ?? [];
    }

    weightsOf(window: bigint): readonly WeightItem[] {
        return allPages(this.tables.weightPages, window);
    }

    /** Trades that are settled with this window; none when they were carried. */
    tradesOf(settlement: Settlement): readonly TradeItem[] {
        return settlement.trades === 0n ? [] : allPages(this.tables.tradePages, settlement.window);
    }

    /** Everything is known: the source hash is fixed, and the payment's intent is written if there is money. */
    private seal(settlement: Settlement, moneyE8s: bigint, transferOf: TransferOf): void {
        const { window, weightsDigest, tradesDigest } = settlement;
        const sourceHash = sourceHashOf(window, moneyE8s, weightsDigest, tradesDigest);
        const step: Step =
            moneyE8s === 0n
                ? { kind: 'report' }
                : { kind: 'pay', intent: openIntent(transferOf(moneyE8s - LEDGER_FEE_E8S)) };
        this.store(settlement, { step, sourceHash, moneyE8s });
    }

    private handOver(window: bigint, trades: readonly TradeItem[]): void {
        for (const { credits, ...pair } of trades) this.windows.carry(window + 1n, pair, credits);
    }

    private giveBack(window: bigint, pair: Pair, credits: bigint): void {
        this.credits.giveBack(pair.buyer, credits);
        this.windows.markReturned({ window, node: pair.node }, credits);
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

function screenPair(
    { node, buyer, fresh, carried }: Pair & PairCredits,
    facts: NodeFacts | undefined
): { readonly pair: Pair; readonly returned: bigint; readonly trade: TradeItem } {
    const pair = { node, buyer };
    const returned = earns(pair, facts) ? 0n : fresh;
    return { pair, returned, trade: { ...pair, credits: fresh - returned + carried } };
}

function earns(pair: Pair, facts: NodeFacts | undefined): boolean {
    if (facts === undefined) return false;
    const own = [pair.node, ...(facts.walletOwner === undefined ? [] : [facts.walletOwner])];
    return own.every((principal) => comparePrincipals(principal, pair.buyer) !== 0);
}

function sumCredits(trades: readonly TradeItem[]): bigint {
    return trades.reduce((sum, { credits }) => sum + credits, 0n);
}

function allPages<Item>(pages: Lists<bigint, readonly Item[]>, window: bigint): readonly Item[] {
    const items: Item[] = [];
    const length = pages.length(window);
    for (let index = 0n; index < length; index++) items.push(...(pages.get(window, index) ?? []));
    return items;
}
