import type { Principal } from '@dfinity/principal';
import { comparePrincipals } from '../../../src/core/account';
import { applyRatio, LEDGER_FEE_E8S } from '../../../src/core/amount';
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
            step: { kind: 'screen', pair: 0n },
            frozenAtNs: nowNs,
            trades: 0n,
            tradeCredits: 0n,
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

    /** The pairs that the next screening step decides on. */
    pairsToScreen(settlement: Settlement): readonly (Pair & PairCredits)[] {
        if (settlement.step.kind !== 'screen') return [];
        return this.windows.pairs(settlement.window, settlement.step.pair, STEP_ITEMS);
    }

    /**
     * Screens a page of pairs. What a node's own wallet (or the node itself) paid, and what an unregistered node served,
     * earns nobody anything: the buyer gets those credits back (H6). The rest are the window's trades.
     */
    screen(window: bigint, revision: bigint, factsOf: FactsOf): void {
        const settlement = this.at(window, revision, 'screen');
        if (settlement === undefined || settlement.step.kind !== 'screen') return;
        const pairs = this.pairsToScreen(settlement);
        const trades: TradeItem[] = [];
        let returned = 0n;
        for (const pair of pairs) {
            const back = earns(pair, factsOf(pair.node)) ? 0n : pair.fresh;
            if (back > 0n) this.giveBack(window, pair, back);
            returned += back;
            const credits = pair.fresh - back + pair.carried;
            if (credits > 0n) trades.push({ node: pair.node, buyer: pair.buyer, credits });
        }
        if (trades.length > 0) this.tables.tradePages.append(window, trades);
        this.store(settlement, {
            step: { kind: 'screen', pair: settlement.step.pair + BigInt(pairs.length) },
            trades: settlement.trades + BigInt(trades.length),
            tradeCredits: settlement.tradeCredits + sumCredits(trades),
            returnedCredits: settlement.returnedCredits + returned,
            tradesDigest:
                trades.length > 0
                    ? extendDigest(settlement.tradesDigest, tradePageCodec, trades)
                    : settlement.tradesDigest
        });
    }

    /** All pairs are screened: trades whose fee cannot pay for their transfer wait for the next window. */
    endScreening(window: bigint, revision: bigint, profile: TokenomicsProfile, creditPriceE8s: bigint): void {
        const settlement = this.at(window, revision, 'screen');
        if (settlement === undefined) return;
        const moneyE8s = settlement.tradeCredits * creditPriceE8s;
        const tooSmall = moneyE8s > 0n && applyRatio(moneyE8s, profile.trade.fee) < LEDGER_FEE_E8S;
        const step: Step = tooSmall ? { kind: 'carry', page: 0n } : { kind: 'weigh', start: 0n };
        this.store(settlement, { step, moneyE8s: tooSmall ? 0n : moneyE8s });
    }

    /** Hands one page of trades to the next window. */
    carry(window: bigint, revision: bigint): void {
        const settlement = this.at(window, revision, 'carry');
        if (settlement === undefined || settlement.step.kind !== 'carry') return;
        const { page } = settlement.step;
        const trades = this.tables.tradePages.get(window, page);
        if (trades === undefined) {
            this.store(settlement, { step: { kind: 'weigh', start: 0n }, tradesDigest: NO_PAGES, trades: 0n });
            return;
        }
        for (const { credits, ...pair } of trades) this.windows.carry(window + 1n, pair, credits);
        const carried = sumCredits(trades);
        this.store(settlement, {
            step: { kind: 'carry', page: page + 1n },
            tradeCredits: settlement.tradeCredits - carried,
            carriedCredits: settlement.carriedCredits + carried
        });
    }

    /** Weighs a page of the snapshot; answers the settlement as it stands then. */
    weigh(
        window: bigint,
        revision: bigint,
        page: WeighedPage,
        profile: TokenomicsProfile,
        windowEndNs: bigint
    ): Settlement | undefined {
        const settlement = this.at(window, revision, 'weigh');
        if (settlement === undefined) return undefined;
        const items = weighNodes(profile, page.nodes, windowEndNs);
        if (items.length > 0) this.tables.weightPages.append(window, items);
        return this.store(settlement, {
            step: { kind: 'weigh', start: page.next },
            weights: settlement.weights + BigInt(items.length),
            totalWeight: items.reduce((sum, { weight }) => sum + weight, settlement.totalWeight),
            weightsDigest:
                items.length > 0
                    ? extendDigest(settlement.weightsDigest, weightPageCodec, items)
                    : settlement.weightsDigest
        });
    }

    /**
     * Everything is known: the source hash is fixed, and the payment's intent is written if there is money. Rewards gets
     * the money less the ledger's fee.
     */
    seal(window: bigint, revision: bigint, transferOf: (amountE8s: bigint) => LedgerTransfer): void {
        const settlement = this.at(window, revision, 'weigh');
        if (settlement === undefined) return;
        const { moneyE8s, weightsDigest, tradesDigest } = settlement;
        const sourceHash = sourceHashOf(window, moneyE8s, weightsDigest, tradesDigest);
        const step: Step =
            moneyE8s === 0n
                ? { kind: 'report' }
                : { kind: 'pay', intent: openIntent(transferOf(moneyE8s - LEDGER_FEE_E8S)) };
        this.store(settlement, { step, sourceHash });
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

/** A page of the snapshot with the stakes of its nodes, and where the next page starts. */
export interface WeighedPage {
    readonly nodes: readonly { readonly facts: SnapshotNode; readonly stake?: NodeStake }[];
    readonly next: bigint;
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
