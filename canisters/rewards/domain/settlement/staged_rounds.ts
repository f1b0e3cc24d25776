/**
 * Rounds that are too large for one message. The hub announces one, sends its pages in order, and commits: nothing is
 * written before all of it was checked, and then a page of shares is paid with each question. Every step is idempotent by
 * (round, source hash), and an announcement under another hash begins anew as long as nothing was paid.
 */
import type { Principal } from '@dfinity/principal';
import { byteText, equalBytes } from '../../../../src/core/bytes';
import { CorruptBytes } from '../../../../src/core/codec';
import { err, ok, type Result } from '../../../../src/core/result';
import {
    extendDigest,
    MAX_PAGE_ITEMS,
    NO_PAGES,
    sourceHashOf,
    tradePageCodec,
    tradesOn,
    weightPageCodec,
    type TradeGroup,
    type WeightItem
} from '../../../../src/core/round_pages';
import type { Cell, Table } from '../../../../src/core/table';
import { Credits } from './credits';
import { beginRound, endRound, feesOf, payTrades, payWeights, type RoundInProgress } from './distribution';
import { refuse, type StageError } from '../errors';
import { assertSolvent } from '../treasury/purses';
import { checkTurn, keepSettlement, moneyFault, type ReportKey } from './settlement';
import type { RewardsState, SettlementRow } from '../state';

/** What a report announces. */
export interface Announcement extends ReportKey {
    readonly moneyE8s: bigint;
    readonly weights: bigint;
    readonly trades: bigint;
    readonly weightPages: bigint;
    readonly tradePages: bigint;
}

/** What the pages that have come add up to. */
export interface StagedSums {
    readonly weights: bigint;
    readonly trades: bigint;
    readonly totalWeight: bigint;
    readonly pricesE8s: bigint;
    readonly feesE8s: bigint;
    readonly weightsDigest: Uint8Array;
    readonly tradesDigest: Uint8Array;
}

const NOTHING_YET: StagedSums = {
    weights: 0n,
    trades: 0n,
    totalWeight: 0n,
    pricesE8s: 0n,
    feesE8s: 0n,
    weightsDigest: NO_PAGES,
    tradesDigest: NO_PAGES
};

/** The report that is being told or paid. */
export interface StagedRound {
    readonly announced: Announcement;
    /** Tells it from earlier announcements of the same round. */
    readonly attempt: bigint;
    /** Pages before this one have come. */
    readonly nextPage: bigint;
    readonly sums: StagedSums;
    /** Set once all was checked; `nextPaid` is the page that is paid next. */
    readonly paying?: { readonly progress: RoundInProgress; readonly nextPaid: bigint };
}

/** A page of weights or of trades of the round that is being staged. */
export interface PageKey {
    readonly attempt: bigint;
    readonly seq: bigint;
}

/** Tables of the round that is being staged; pages are deleted in the course of its payment. */
export interface StagingTables {
    readonly staged: Cell<StagedRound | undefined>;
    readonly attempts: Cell<bigint>;
    /** Pages that have come and are not paid yet. */
    readonly pages: Table<PageKey, Uint8Array>;
    /** The last attempt in which a node was weighed. */
    readonly weighedIn: Table<Principal, bigint>;
}

/** How far a report is. */
export interface StageProgress {
    readonly nextPage: bigint;
    readonly settlement?: SettlementRow;
}

type Staged<T> = Result<T, StageError>;

/** Rounds that come in pages: announced, staged page by page, checked as a whole, paid page by page. One at a time. */
export class StagedRounds {
    constructor(
        private readonly state: RewardsState,
        private readonly tables: StagingTables
    ) {}

    /** Whether shares of this round are being written: no other report of it counts any more. */
    isPaying(round: bigint): boolean {
        const staged = this.tables.staged.get();
        return staged?.paying !== undefined && staged.announced.round === round;
    }

    /** Begins a report, or tells how far it is. */
    begin(announced: Announcement, nowNs: bigint): Staged<StageProgress> {
        const turn = checkTurn(this.state, announced, nowNs);
        if (!turn.ok) return turn;
        if (turn.value !== undefined) return ok({ nextPage: 0n, settlement: turn.value });
        const staged = this.tables.staged.get();
        if (staged !== undefined && isSame(staged, announced)) return ok({ nextPage: staged.nextPage });
        if (staged?.paying !== undefined) return refuse('AlreadySettled', null);
        if (staged !== undefined) this.forgetPages(staged);
        const attempt = this.tables.attempts.get() + 1n;
        this.tables.attempts.set(attempt);
        this.tables.staged.set({ announced, attempt, nextPage: 0n, sums: NOTHING_YET });
        return ok({ nextPage: 0n });
    }

    /** Takes the next page; one that has come before changes nothing. */
    takePage(key: ReportKey, seq: bigint, bytes: Uint8Array, nowNs: bigint): Staged<StageProgress> {
        const found = this.find(key, nowNs);
        if (!found.ok) return found;
        if ('settlement' in found.value) return ok({ nextPage: 0n, settlement: found.value.settlement });
        const { staged } = found.value;
        if (seq < staged.nextPage) return ok({ nextPage: staged.nextPage });
        const { weightPages, tradePages } = staged.announced;
        if (seq > staged.nextPage || seq >= weightPages + tradePages) {
            return refuse('WrongPage', { expected: staged.nextPage });
        }
        const sums = seq < weightPages ? this.addWeights(staged, bytes) : this.addTrades(staged, bytes);
        if (!sums.ok) return sums;
        this.tables.pages.set({ attempt: staged.attempt, seq }, bytes);
        this.tables.staged.set({ ...staged, nextPage: seq + 1n, sums: sums.value });
        return ok({ nextPage: seq + 1n });
    }

    /** The report if all of its pages have come and add up to what was announced; its settlement if it is settled. */
    complete(key: ReportKey, nowNs: bigint): Staged<{ settlement: SettlementRow } | { staged: StagedRound }> {
        const found = this.find(key, nowNs);
        if (!found.ok || 'settlement' in found.value || found.value.staged.paying !== undefined) return found;
        const { announced, nextPage, sums } = found.value.staged;
        if (nextPage < announced.weightPages + announced.tradePages) return refuse('WrongPage', { expected: nextPage });
        const { round, moneyE8s, weights, trades } = announced;
        const hash = sourceHashOf({ round, moneyE8s, weights, trades }, sums.weightsDigest, sums.tradesDigest);
        const isWhole = sums.weights === weights && sums.trades === trades;
        if (!isWhole || !equalBytes(hash, announced.sourceHash)) return refuse('HashMismatch', null);
        const fault = moneyFault(sums, moneyE8s);
        return fault === undefined ? found : err(fault);
    }

    /** Takes the round into the books: from here on it is certain, and paid page by page. */
    startPaying(staged: StagedRound): void {
        const { round, sourceHash, moneyE8s } = staged.announced;
        const { totalWeight, feesE8s } = staged.sums;
        const progress = beginRound(this.state, { round, sourceHash, moneyE8s, totalWeight, feesE8s });
        this.tables.staged.set({ ...staged, paying: { progress, nextPaid: 0n } });
    }

    /** Pays the next page of the round that is being paid; behind the last one it is settled. */
    payPage(nowNs: bigint): SettlementRow | undefined {
        const staged = this.tables.staged.get();
        if (staged?.paying === undefined) return undefined;
        const { progress, nextPaid } = staged.paying;
        const key = { attempt: staged.attempt, seq: nextPaid };
        const bytes = this.tables.pages.get(key);
        if (bytes === undefined) return this.end(progress, nowNs);
        const paid = this.pay(staged, progress, nextPaid, bytes, nowNs);
        this.tables.pages.delete(key);
        this.tables.staged.set({ ...staged, paying: { progress: paid, nextPaid: nextPaid + 1n } });
        return undefined;
    }

    private pay(
        { announced }: StagedRound,
        progress: RoundInProgress,
        seq: bigint,
        bytes: Uint8Array,
        nowNs: bigint
    ): RoundInProgress {
        const credits = new Credits(this.state, announced.round, nowNs);
        let paid = progress;
        if (seq < announced.weightPages) payWeights(this.state, progress, weightPageCodec.decode(bytes), credits);
        else paid = payTrades(this.state, progress, tradePageCodec.decode(bytes), credits);
        credits.commit();
        assertSolvent(this.state, 'node', 'trading', 'settlement');
        return paid;
    }

    private end(progress: RoundInProgress, nowNs: bigint): SettlementRow {
        this.tables.staged.set(undefined);
        return keepSettlement(this.state, endRound(this.state, progress, nowNs));
    }

    private find(key: ReportKey, nowNs: bigint): Staged<{ settlement: SettlementRow } | { staged: StagedRound }> {
        const turn = checkTurn(this.state, key, nowNs);
        if (!turn.ok) return turn;
        if (turn.value !== undefined) return ok({ settlement: turn.value });
        const staged = this.tables.staged.get();
        return staged !== undefined && isSame(staged, key) ? ok({ staged }) : refuse('NotBegun', null);
    }

    private addWeights({ attempt, sums }: StagedRound, bytes: Uint8Array): Staged<StagedSums> {
        const items = decoded(() => weightPageCodec.decode(bytes));
        if (items === undefined) return refuse('InvalidArgument', 'page');
        if (items.length > MAX_PAGE_ITEMS) return refuse('TooManyItems', BigInt(MAX_PAGE_ITEMS));
        const fault = this.weightFault(items, attempt);
        if (fault !== undefined) return err(fault);
        for (const { node } of items) this.tables.weighedIn.set(node, attempt);
        return ok({
            ...sums,
            weights: sums.weights + BigInt(items.length),
            totalWeight: items.reduce((sum, { weight }) => sum + weight, sums.totalWeight),
            weightsDigest: extendDigest(sums.weightsDigest, bytes)
        });
    }

    private weightFault(items: readonly WeightItem[], attempt: bigint): StageError | undefined {
        const onPage = new Set<string>();
        for (const { node } of items) {
            const name = byteText(node.toUint8Array());
            const isTwice = onPage.has(name) || this.tables.weighedIn.get(node) === attempt;
            if (isTwice) return { code: 'DuplicateNode', detail: node };
            if (!this.state.nodes.has(node)) return { code: 'UnknownNode', detail: node };
            onPage.add(name);
        }
        return undefined;
    }

    private addTrades({ sums }: StagedRound, bytes: Uint8Array): Staged<StagedSums> {
        const groups = decoded(() => tradePageCodec.decode(bytes));
        if (groups === undefined) return refuse('InvalidArgument', 'page');
        const trades = tradesOn(groups);
        if (trades > MAX_PAGE_ITEMS) return refuse('TooManyItems', BigInt(MAX_PAGE_ITEMS));
        const stranger = groups.find(({ node }) => !this.state.nodes.has(node));
        if (stranger !== undefined) return refuse('UnknownNode', stranger.node);
        return ok({
            ...sums,
            trades: sums.trades + BigInt(trades),
            pricesE8s: sums.pricesE8s + pricesOf(groups),
            feesE8s: sums.feesE8s + feesOf(this.state, groups),
            tradesDigest: extendDigest(sums.tradesDigest, bytes)
        });
    }

    private forgetPages({ attempt, nextPage }: StagedRound): void {
        for (let seq = 0n; seq < nextPage; seq++) this.tables.pages.delete({ attempt, seq });
    }
}

function isSame({ announced }: StagedRound, { round, sourceHash }: ReportKey): boolean {
    return announced.round === round && equalBytes(announced.sourceHash, sourceHash);
}

function pricesOf(groups: readonly TradeGroup[]): bigint {
    let pricesE8s = 0n;
    for (const { trades } of groups) for (const { priceE8s } of trades) pricesE8s += priceE8s;
    return pricesE8s;
}

/** Undefined for bytes that are no page. */
function decoded<T>(decode: () => T): T | undefined {
    try {
        return decode();
    } catch (thrown) {
        if (thrown instanceof CorruptBytes) return undefined;
        throw thrown;
    }
}
