import fc from 'fast-check';
import { accountToText, type Account } from '../../../src/core/account';
import { u64Key } from '../../../src/core/codec';
import { verifyChain } from '../../../src/core/icrc3/verify';
import { MemoryTables } from '../../../src/core/table';
import { accountHistory } from '../../../canisters/token_icrc1/domain/account_history';
import { archivedBlockCodec, ArchivedLog, boundsCodec } from '../../../canisters/token_icrc1/domain/archived_log';
import type { Archiving } from '../../../canisters/token_icrc1/domain/archiving';
import { blockValue } from '../../../canisters/token_icrc1/domain/block_value';
import { blockOf, type Block } from '../../../canisters/token_icrc1/domain/journal';
import type { ApproveOrder, TransferFromOrder, TransferOrder } from '../../../canisters/token_icrc1/domain/orders';
import { account, DAY_NS, MINTER, subaccount, TestLedger } from '../../unit/token_icrc1/fixture';
import { NaiveLedger } from './naive_ledger';

const FEE = 10n;
const MINUTE_NS = 60_000_000_000n;

const spelled = (owner: Account): Account[] => [
    owner,
    { ...owner, subaccount: subaccount(0) },
    { ...owner, subaccount: subaccount(1) }
];
const ACCOUNTS = [MINTER, account(1), account(2), account(3)].flatMap(spelled);

const anAccount = fc.constantFrom(...ACCOUNTS);
const amount = fc.oneof(
    fc.constantFrom(0n, 1n, FEE - 1n, FEE, FEE + 1n, 2n ** 64n, 2n ** 100n),
    fc.bigInt({ min: 0n, max: 300n })
);
const maybe = <T>(...values: readonly T[]) =>
    fc.constantFrom<T | undefined>(undefined, undefined, undefined, ...values);
const fee = maybe(0n, FEE, FEE + 1n);
const memo = maybe(new Uint8Array(0), Uint8Array.of(7), new Uint8Array(33));
/** Few distinct times, so that repetitions happen. */
const ageNs = maybe(0n, 0n, 0n, DAY_NS, DAY_NS + 1n, -MINUTE_NS, -MINUTE_NS - 1n);

interface TransferStep {
    readonly kind: 'transfer';
    readonly order: Omit<TransferOrder, 'createdAtNs'>;
    readonly ageNs?: bigint;
}

interface TransferFromStep {
    readonly kind: 'transferFrom';
    readonly order: Omit<TransferFromOrder, 'createdAtNs'>;
    readonly ageNs?: bigint;
}

interface ApproveStep {
    readonly kind: 'approve';
    readonly order: Omit<ApproveOrder, 'createdAtNs' | 'expiresAtNs'>;
    readonly expiresInNs?: bigint;
    readonly ageNs?: bigint;
}

type ArchiveFault = 'none' | 'request lost' | 'answer lost';

type Step =
    | TransferStep
    | TransferFromStep
    | ApproveStep
    | { readonly kind: 'wait'; readonly byNs: bigint }
    | { readonly kind: 'collector'; readonly account: Account | undefined }
    | { readonly kind: 'hash'; readonly limit: bigint }
    | { readonly kind: 'archive'; readonly fault: ArchiveFault }
    | { readonly kind: 'repeat' | 'upgrade' };

const moved = { from: anAccount, to: anAccount, amount, fee, memo };
const transferStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('transfer' as const),
    order: fc.record(moved),
    ageNs
});
const mintStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('transfer' as const),
    order: fc.record({ from: fc.constant(MINTER), to: anAccount, amount: fc.bigInt({ min: 0n, max: 1_000n }) })
});
const transferFromStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('transferFrom' as const),
    order: fc.record({ spender: anAccount, ...moved }),
    ageNs
});
const approveStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('approve' as const),
    order: fc.record({
        from: anAccount,
        spender: anAccount,
        amount,
        expectedAllowance: maybe(0n, 1n, FEE, 50n),
        fee,
        memo
    }),
    expiresInNs: maybe(0n, 1n, MINUTE_NS, DAY_NS),
    ageNs
});
const waitStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('wait' as const),
    byNs: fc.constantFrom(1n, MINUTE_NS, DAY_NS / 2n, DAY_NS)
});
const otherStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('repeat' as const, 'repeat' as const, 'upgrade' as const)
});

const collectorStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('collector' as const),
    account: maybe(...ACCOUNTS)
});
const hashStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('hash' as const),
    limit: fc.constantFrom(1n, 3n, 256n)
});
const archiveStep: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('archive' as const),
    fault: fc.constantFrom('none' as const, 'none' as const, 'request lost' as const, 'answer lost' as const)
});

const step = fc.oneof(
    { weight: 5, arbitrary: transferStep },
    { weight: 5, arbitrary: transferFromStep },
    { weight: 4, arbitrary: approveStep },
    { weight: 2, arbitrary: mintStep },
    { weight: 2, arbitrary: waitStep },
    { weight: 4, arbitrary: otherStep },
    { weight: 1, arbitrary: collectorStep },
    { weight: 2, arbitrary: hashStep },
    { weight: 3, arbitrary: archiveStep }
);

type Call = (ledger: TestLedger | NaiveLedger, nowNs: bigint) => unknown;

/** The step as a call with fixed times, so that it can be repeated later. */
function callOf(next: TransferStep | TransferFromStep | ApproveStep, madeAtNs: bigint): Call {
    const createdAtNs = next.ageNs === undefined ? undefined : madeAtNs - next.ageNs;
    switch (next.kind) {
        case 'transfer': {
            const order = { ...next.order, createdAtNs };
            return (ledger, nowNs) => ledger.transfer(order, nowNs);
        }
        case 'transferFrom': {
            const order = { ...next.order, createdAtNs };
            return (ledger, nowNs) => ledger.transferFrom(order, nowNs);
        }
        case 'approve': {
            const expiresAtNs = next.expiresInNs === undefined ? undefined : madeAtNs + next.expiresInNs;
            const order = { ...next.order, expiresAtNs, createdAtNs };
            return (ledger, nowNs) => ledger.approve(order, nowNs);
        }
    }
}

/** Runs the real ledger and the naive one side by side. */
class Pair {
    private readonly naive = new NaiveLedger(MINTER, FEE, 32);
    private readonly real = new TestLedger({ fee: FEE });
    private readonly archived = new FaultyArchives();
    private last: Call = () => undefined;

    constructor(private readonly tally: Tally) {
        const options = { triggerThreshold: 5n, blocksPerCall: 3n, blocksPerArchive: 10n, cyclesForCreation: 1n };
        this.real.storage.archiving.configure({ options });
        this.real.storage.archiving.configure({ module: { hash: new Uint8Array(32), chunks: [] } });
    }

    run(next: Step): void {
        this.tally.add(next);
        switch (next.kind) {
            case 'wait':
                this.real.nowNs += next.byNs;
                break;
            case 'upgrade':
                this.real.upgrade();
                break;
            case 'collector': {
                const { nowNs } = this.real;
                const order = { caller: MINTER.owner, feeCollector: next.account, createdAtNs: nowNs };
                expect(this.real.storage.ledger.setFeeCollector(order, nowNs)).toEqual(
                    this.naive.setCollector(next.account, nowNs)
                );
                break;
            }
            case 'hash':
                this.real.storage.books.chain.extend(next.limit);
                break;
            case 'archive':
                this.archived.step(this.real.storage.archiving, next.fault);
                break;
            case 'repeat':
                this.compare(this.last);
                break;
            default:
                this.last = callOf(next, this.real.nowNs);
                this.compare(this.last);
        }
        this.checkBooks();
    }

    private compare(call: Call): void {
        const { nowNs } = this.real;
        expect(call(this.real, nowNs)).toEqual(call(this.naive, nowNs));
    }

    private checkBooks(): void {
        let sum = 0n;
        for (const held of this.naive.balances.values()) sum += held;
        expect([this.real.supply(), this.real.blocks()]).toEqual([sum, this.naive.blocks]);
        expect(this.real.storage.books.journal.totals()).toMatchObject({
            minted: this.naive.minted,
            burned: this.naive.burned
        });
        expect(this.real.balance(MINTER)).toBe(0n);
    }

    /** All balances, allowances and histories, the hash chain over all archives, and the log replayed from nothing. */
    checkAll(): void {
        const { books } = this.real.storage;
        while (books.chain.extend());
        const log = this.log();
        const numbered = log.map((block, i) => ({
            id: BigInt(i),
            block: blockValue(block, books.chain.hashOf(BigInt(i) - 1n))
        }));
        const tip = books.chain.tip();
        expect(verifyChain(numbered, tip)).toEqual({ ok: true, value: tip?.hash });
        const replayed = replay(log);
        for (const one of ACCOUNTS) {
            expect(this.real.balance(one)).toBe(this.naive.balance(one));
            expect(replayed.get(accountToText(one)) ?? 0n).toBe(this.real.balance(one));
            const text = accountToText(one);
            const { transactions } = accountHistory(books, one, undefined, 1_000n);
            const expected = this.naive.histories.get(text) ?? [];
            expect(transactions.map(({ id }) => id)).toEqual([...expected].reverse());
            for (const other of ACCOUNTS) {
                expect(this.real.allowance(one, other)).toEqual(this.naive.allowance(one, other, this.real.nowNs));
            }
        }
    }

    private log(): readonly Block[] {
        return Array.from({ length: Number(this.real.blocks()) }, (_, i) => {
            const block = this.real.block(BigInt(i)) ?? this.archived.block(BigInt(i));
            if (block === undefined) throw new MissingBlock(i);
            return block;
        });
    }
}

/** Archives of which messages get lost on the way there, or their answers on the way back. */
class FaultyArchives {
    private readonly logs: ArchivedLog[] = [];

    step(archiving: Archiving, fault: ArchiveFault): void {
        const next = archiving.next();
        if (next === undefined || fault === 'request lost') return;
        if (next.kind === 'create') archiving.created(account(80).owner);
        else if (next.kind === 'install') this.install(next.start);
        if (fault === 'answer lost' && next.kind !== 'append') return;
        if (next.kind === 'install') archiving.installed(next.canister, next.start);
        if (next.kind !== 'append') return;
        const answer = this.logs.at(-1)?.append(next);
        if (fault === 'answer lost' || answer === undefined) return;
        expect(answer.ok).toBe(true);
        if (answer.ok) expect(archiving.appended(next, { kind: 'holds', end: answer.value })).toBe(true);
    }

    block(index: bigint): Block | undefined {
        const bytes = this.logs.map((log) => log.bytes(index)).find((found) => found !== undefined);
        return bytes && blockOf(bytes);
    }

    /** An installation whose answer was lost is repeated over the empty archive. */
    private install(start: bigint): void {
        const last = this.logs.at(-1);
        if (last !== undefined && last.bounds().next === start && last.bounds().start === start) this.logs.pop();
        const tables = new MemoryTables();
        const bounds = tables.cell('bounds', boundsCodec, { start: 0n, next: 0n });
        const log = new ArchivedLog(tables.table(0, u64Key, archivedBlockCodec), bounds, () => 10n);
        log.begin(start);
        this.logs.push(log);
    }
}

/** What was run against both ledgers, so that the test can say how much that was. */
class Tally {
    steps = 0;
    private readonly kinds = new Map<string, number>();

    add(step: Step): void {
        this.steps++;
        const kind = step.kind === 'archive' ? step.fault : step.kind;
        this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    }

    of(kind: Step['kind'] | ArchiveFault): number {
        return this.kinds.get(kind) ?? 0;
    }
}

class MissingBlock extends Error {
    constructor(readonly index: number) {
        super(`block ${index} is missing`);
    }
}

/** Balances that follow from the blocks alone. */
function replay(blocks: readonly Block[]): ReadonlyMap<string, bigint> {
    const balances = new Map<string, bigint>();
    const add = (to: Account, change: bigint): void => {
        balances.set(accountToText(to), (balances.get(accountToText(to)) ?? 0n) + change);
    };
    let collector: Account | undefined;
    for (const { transaction, fee: charged } of blocks) {
        if (transaction.kind === 'fee_collector') {
            collector = transaction.feeCollector;
            continue;
        }
        const paid = ('fee' in transaction ? transaction.fee : undefined) ?? charged ?? 0n;
        if (collector !== undefined) add(collector, paid);
        if (transaction.kind === 'approve') add(transaction.from, -paid);
        else {
            if (transaction.kind !== 'mint') add(transaction.from, -transaction.amount - paid);
            if (transaction.kind !== 'burn') add(transaction.to, transaction.amount);
        }
    }
    return balances;
}

/** The measure of an oracle worth the name: commands run against both ledgers, repetitions included. */
const LEAST_STEPS = 10_000;
const SEQUENCES = 170;
const STEPS_PER_SEQUENCE = { minLength: 60, maxLength: 120 };

test('T1, T2, T4, T5, T6, T7: over 10 000 requests, jumps in time, upgrades and archive faults are answered, booked, chained and archived as the naive ledger does', () => {
    const tally = new Tally();
    fc.assert(
        fc.property(fc.array(step, { ...STEPS_PER_SEQUENCE, size: 'max' }), (steps) => {
            const pair = new Pair(tally);
            for (const next of steps) pair.run(next);
            pair.checkAll();
        }),
        { numRuns: SEQUENCES }
    );
    expect(tally.steps).toBeGreaterThanOrEqual(LEAST_STEPS);
    for (const kind of ['wait', 'upgrade', 'collector', 'request lost', 'answer lost'] as const) {
        expect(tally.of(kind)).toBeGreaterThanOrEqual(100);
    }
});
