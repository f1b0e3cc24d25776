/** Rounds that come in pages: whole or nothing, the same to the last e8s as in one call, and sound between two pages. */
import fc from 'fast-check';
import { audit } from '../../../canisters/rewards/domain/audit/audit';
import { accountRow } from '../../../canisters/rewards/domain/claims/accounts';
import type { StageError } from '../../../canisters/rewards/domain/errors';
import { PURSES, purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import {
    checkMoney,
    expectedE8s,
    moneyBooked,
    type TradeItem
} from '../../../canisters/rewards/domain/settlement/settlement';
import { StagedRounds, type Announcement } from '../../../canisters/rewards/domain/settlement/staged_rounds';
import type { SettlementRow } from '../../../canisters/rewards/domain/state';
import { openStagingTables } from '../../../canisters/rewards/tables/staging_tables';
import { LEDGER_FEE_E8S } from '../../../src/core/amount';
import type { Result } from '../../../src/core/result';
import {
    extendDigest,
    MAX_PAGE_ITEMS,
    NO_PAGES,
    sourceHashOf,
    tradePageCodec,
    weightPageCodec,
    type WeightItem
} from '../../../src/core/round_pages';
import { MemoryTables } from '../../../src/core/table';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { S2_2100M, S3_1000M } from '../../../src/core/tokenomics/profiles';
import { accountOf, expectOk, GENESIS_NS, principalOf, ROUND_NS, World } from '../../model/rewards/world';

const NODES = 6;

interface Pages {
    readonly announced: Announcement;
    readonly bytes: readonly Uint8Array[];
}

/** A world with wallets for all nodes but the last, at the end of round 0. */
class Stage {
    readonly world: World;
    readonly staged: StagedRounds;

    constructor(profile: TokenomicsProfile = S2_2100M) {
        this.world = new World(profile);
        this.staged = new StagedRounds(this.world.state, openStagingTables(new MemoryTables()));
        for (let n = 1; n < NODES; n++) this.world.putNode(n, { wallet: accountOf(100 + n) });
        this.world.putNode(NODES);
        this.world.nowNs = GENESIS_NS + ROUND_NS;
    }

    begin = ({ announced }: Pages) => this.staged.begin(announced, this.world.nowNs);

    page = ({ announced, bytes }: Pages, seq: number) =>
        this.staged.takePage(announced, BigInt(seq), bytes[seq] ?? new Uint8Array(), this.world.nowNs);

    tell(pages: Pages): void {
        expectOk(this.begin(pages));
        pages.bytes.forEach((_, seq) => expectOk(this.page(pages, seq)));
    }

    /** The hub's money arrives. */
    fund({ announced: { moneyE8s } }: Pages): void {
        if (moneyE8s === 0n) return;
        this.world.ledger.fund(purseAccount(this.world.self, 'settlement'), moneyE8s - LEDGER_FEE_E8S);
        this.world.ledger.burnedE8s += LEDGER_FEE_E8S;
    }

    /** One commit as the job makes it: undefined while pages are left. */
    commit({ announced }: Pages): Result<SettlementRow | undefined, StageError> {
        const { world, staged } = this;
        const report = staged.complete(announced, world.nowNs);
        if (!report.ok) return report;
        if ('settlement' in report.value) return { ok: true, value: report.value.settlement };
        if (report.value.staged.paying === undefined) {
            const expected = expectedE8s(announced.moneyE8s);
            const balance = world.purseBalance('settlement');
            const money = checkMoney(world.state, moneyBooked(world.state), balance, expected);
            if (expected > 0n && !money.ok) return money;
            staged.startPaying(report.value.staged);
        }
        return { ok: true, value: staged.payPage(world.nowNs) };
    }

    /** Commits until the round is settled; the books hold after every page. */
    settle(pages: Pages): SettlementRow {
        for (let call = 0; call < 100; call++) {
            const settled = expectOk(this.commit(pages));
            expect(audit(this.world.state)).toMatchObject({ holds: true });
            if (settled !== undefined) return settled;
        }
        throw new Error('never settled');
    }
}

/** Pages of a report with so many items each. */
function pagesOf(weights: readonly WeightItem[], trades: readonly TradeItem[], perPage: number, round = 0n): Pages {
    const cut = <T>(items: readonly T[]): T[][] =>
        Array.from({ length: Math.ceil(items.length / perPage) }, (_, i) =>
            items.slice(i * perPage, (i + 1) * perPage)
        );
    const weightPages = cut(weights).map((page) => weightPageCodec.encode(page));
    const tradePages = cut(trades).map((page) =>
        tradePageCodec.encode(page.map(({ node, ...trade }) => ({ node, trades: [trade] })))
    );
    const moneyE8s = trades.reduce((sum, { priceE8s }) => sum + priceE8s, 0n);
    const header = { round, moneyE8s, weights: BigInt(weights.length), trades: BigInt(trades.length) };
    const digest = (pages: readonly Uint8Array[]): Uint8Array => pages.reduce(extendDigest, NO_PAGES);
    const sourceHash = sourceHashOf(header, digest(weightPages), digest(tradePages));
    const counts = { weightPages: BigInt(weightPages.length), tradePages: BigInt(tradePages.length) };
    return { announced: { ...header, ...counts, sourceHash }, bytes: [...weightPages, ...tradePages] };
}

const weight = (n: number, weightOf: bigint): WeightItem => ({ node: principalOf(n), weight: weightOf });
const trade = (n: number, buyer: number, priceE8s: bigint): TradeItem => ({
    node: principalOf(n),
    buyer: principalOf(buyer),
    priceE8s
});

const WEIGHTS = [1, 2, 3, 4, 5, 6].map((n) => weight(n, BigInt(n * n)));
const TRADES = [trade(1, 50, 700_001n), trade(1, 51, 333_333n), trade(2, 50, 1_000_003n), trade(6, 52, 5n)];
const REPORT = (perPage = 2): Pages => pagesOf(WEIGHTS, TRADES, perPage);
const codeOf = (result: Result<unknown, { readonly code: string }>): string => (result.ok ? 'Ok' : result.error.code);

test('a report in pages is paid page by page, and asking on answers the settlement', () => {
    const stage = new Stage();
    const pages = REPORT();
    stage.tell(pages);
    stage.fund(pages);
    const answers = Array.from({ length: 6 }, () => expectOk(stage.commit(pages)));
    expect(answers.map((answer) => answer !== undefined)).toEqual([false, false, false, false, false, true]);
    const settled = answers[5];
    expect(settled).toMatchObject({ round: 0n, totalWeight: 91n, tradeVolumeE8s: 2_033_342n });
    expect(expectOk(stage.commit(pages))).toEqual(settled);
    expect(expectOk(stage.begin(pages)).settlement).toEqual(settled);
    expect(expectOk(stage.page(pages, 0)).settlement).toEqual(settled);
    expect(stage.world.state.settlements.length()).toBe(1n);
    expect(stage.world.state.shares.length(0n)).toBe(6n);
});

test('nothing is credited before the commit, and the first page only after the money was found', () => {
    const stage = new Stage();
    const pages = REPORT();
    stage.tell(pages);
    expect(codeOf(stage.commit(pages))).toBe('MoneyMissing');
    expect(stage.world.state.accountIndex.length()).toBe(0n);
    expect(stage.world.state.emission.get().emittedE8s).toBe(0n);
    stage.fund(pages);
    stage.settle(pages);
    expect(stage.world.state.accountIndex.length()).toBe(8n);
});

test('pages come in order, repeated ones change nothing, and none is taken without an announcement', () => {
    const stage = new Stage();
    const pages = REPORT();
    expect(codeOf(stage.page(pages, 0))).toBe('NotBegun');
    expect(codeOf(stage.commit(pages))).toBe('NotBegun');
    expectOk(stage.begin(pages));
    expect(stage.page(pages, 1)).toEqual({ ok: false, error: { code: 'WrongPage', detail: { expected: 0n } } });
    expect(expectOk(stage.page(pages, 0)).nextPage).toBe(1n);
    expect(expectOk(stage.page(pages, 0)).nextPage).toBe(1n);
    expect(expectOk(stage.begin(pages)).nextPage).toBe(1n);
    expect(stage.commit(pages)).toEqual({ ok: false, error: { code: 'WrongPage', detail: { expected: 1n } } });
    for (let seq = 1; seq < pages.bytes.length; seq++) expectOk(stage.page(pages, seq));
    expect(codeOf(stage.page(pages, pages.bytes.length))).toBe('WrongPage');
    stage.fund(pages);
    stage.settle(pages);
});

test('AS-27: a node twice, on one page or on two, or a stranger refuses the page', () => {
    const stage = new Stage();
    const twice = pagesOf([weight(1, 1n), weight(1, 2n)], [], 2);
    expectOk(stage.begin(twice));
    expect(codeOf(stage.page(twice, 0))).toBe('DuplicateNode');
    const apart = pagesOf([weight(1, 1n), weight(2, 1n), weight(1, 2n)], [], 2);
    expectOk(stage.begin(apart));
    expectOk(stage.page(apart, 0));
    expect(codeOf(stage.page(apart, 1))).toBe('DuplicateNode');
    for (const stranger of [pagesOf([weight(99, 1n)], [], 2), pagesOf([], [trade(99, 50, 900_000n)], 2)]) {
        expectOk(stage.begin(stranger));
        expect(codeOf(stage.page(stranger, 0))).toBe('UnknownNode');
    }
    expect(stage.world.state.settlements.length()).toBe(0n);
});

test('a page that is no page, or too large, is refused', () => {
    const stage = new Stage();
    const weights = Array.from({ length: MAX_PAGE_ITEMS + 1 }, (_, n) => weight(n, 1n));
    const large = pagesOf(weights, [], MAX_PAGE_ITEMS + 1);
    expectOk(stage.begin(large));
    expect(codeOf(stage.page(large, 0))).toBe('TooManyItems');
    const broken = { ...large, bytes: [new Uint8Array([0, 0, 0, 9, 1])] };
    expect(codeOf(stage.page(broken, 0))).toBe('InvalidArgument');
    const trades = pagesOf([], [trade(1, 50, 900_000n)], 2);
    expectOk(stage.begin(trades));
    expect(codeOf(stage.page({ ...trades, bytes: broken.bytes }, 0))).toBe('InvalidArgument');
});

test('what was told must hash to what was announced', () => {
    const told = REPORT();
    const other = pagesOf([...WEIGHTS.slice(0, 5), weight(6, 35n)], TRADES, 2);
    const changes: Partial<Announcement>[] = [
        { sourceHash: other.announced.sourceHash },
        { weights: 5n },
        { trades: 5n }
    ];
    for (const change of changes) {
        const stage = new Stage();
        const pages = { ...told, announced: { ...told.announced, ...change } };
        stage.tell(pages);
        stage.fund(pages);
        expect(codeOf(stage.commit(pages))).toBe('HashMismatch');
        expect(stage.world.state.emission.get().emittedE8s).toBe(0n);
    }
});

test('the money is the sum of the prices, and its fees bear the transfer', () => {
    const small = pagesOf(WEIGHTS, [trade(1, 50, 400_000n)], 2);
    const stage = new Stage();
    stage.tell(small);
    stage.fund(small);
    expect(codeOf(stage.commit(small))).toBe('MoneyMismatch');
});

test('another report of the same round replaces one that nothing was paid of, and comes too late afterwards', () => {
    const stage = new Stage();
    const first = REPORT();
    const second = pagesOf(WEIGHTS.slice(0, 3), [], 2);
    stage.tell(first);
    stage.tell(second);
    expect(codeOf(stage.page(first, 0))).toBe('NotBegun');
    expect(codeOf(stage.commit(first))).toBe('NotBegun');
    expect(expectOk(stage.commit(second))).toBeUndefined();
    expect(stage.staged.isPaying(0n)).toBe(true);
    expect(codeOf(stage.begin(first))).toBe('AlreadySettled');
    stage.settle(second);
    expect(codeOf(stage.begin(first))).toBe('AlreadySettled');
});

test('AS-26: only the next round, after its end', () => {
    const stage = new Stage();
    expect(stage.begin(pagesOf(WEIGHTS, [], 2, 1n))).toEqual({
        ok: false,
        error: { code: 'WrongRound', detail: { expected: 0n } }
    });
    stage.world.nowNs = GENESIS_NS + ROUND_NS - 1n;
    expect(codeOf(stage.begin(REPORT()))).toBe('RoundNotEnded');
});

const item = { n: fc.integer({ min: 1, max: NODES }), buyer: fc.integer({ min: 50, max: 54 }) };
const rounds = fc.array(
    fc.record({
        weights: fc.uniqueArray(fc.record({ n: item.n, w: fc.nat({ max: 10_000 }) }), { selector: ({ n }) => n }),
        trades: fc.array(fc.record({ ...item, price: fc.integer({ min: 500_000, max: 90_000_000 }) }), {
            maxLength: 9
        }),
        perPage: fc.integer({ min: 1, max: 4 })
    }),
    { minLength: 1, maxLength: 4 }
);

/** All that the books say after some rounds. */
function booksOf({ state }: World) {
    const accounts = [1, 2, 3, 4, 5].map((n) => accountRow(state, accountOf(100 + n)));
    const buyers = [50, 51, 52, 53, 54].map((n) => accountRow(state, accountOf(n)));
    const purses = PURSES.map((purse) => purseOf(state, purse));
    return { accounts, buyers, purses, emission: state.emission.get(), trade: state.trade.get() };
}

test.each([S2_2100M, S3_1000M])(
    'R1, R7: in pages of any size a round comes to the same as in one call: $id',
    (profile) => {
        fc.assert(
            fc.property(rounds, (list) => {
                const [whole, stage] = [new World(profile), new Stage(profile)];
                for (let n = 1; n < NODES; n++) whole.putNode(n, { wallet: accountOf(100 + n) });
                whole.putNode(NODES);
                list.forEach(({ weights, trades, perPage }, index) => {
                    const round = BigInt(index);
                    const items = weights.map(({ n, w }) => weight(n, BigInt(w)));
                    const sold = trades.map(({ n, buyer, price }) => trade(n, buyer, BigInt(price)));
                    const pages = pagesOf(items, sold, perPage, round);
                    stage.world.nowNs = GENESIS_NS + (round + 1n) * ROUND_NS;
                    const told = { ...whole.report(items, sold), sourceHash: pages.announced.sourceHash };
                    const expected = expectOk(whole.settle(told));
                    stage.tell(pages);
                    stage.fund(pages);
                    const settled = stage.settle(pages);
                    expect(settled).toEqual(expected);
                    expect(settled.poolE8s).toBe(settled.emissionE8s + settled.carryInE8s);
                });
                expect(booksOf(stage.world)).toEqual(booksOf(whole));
            }),
            { numRuns: 100 }
        );
    }
);
