import { MemoryTables } from '../../../src/core/table';
import { bytesKey, u64Key } from '../../../src/core/codec';
import { Agenda } from '../../../canisters/token_icrc1/domain/agenda';
import { TransactionWindow } from '../../../canisters/token_icrc1/domain/window';
import { account, ALICE, BOB, CAROL, DAY_NS, FEE, MINTER, ok, refused, subaccount, T0, TestLedger } from './fixture';

const DRIFT_NS = 60_000_000_000n;
const funded = (): TestLedger => new TestLedger().with(ALICE, 1_000_000_000n).with(BOB, 1_000_000n);
const order = { from: ALICE, to: BOB, amount: 10n, createdAtNs: T0 };
const duplicate = (duplicateOf: bigint) => refused({ kind: 'duplicate', duplicateOf });

test.each([
    ['24 h old', T0 - DAY_NS, ok(2n)],
    ['24 h and 1 ns old', T0 - DAY_NS - 1n, refused({ kind: 'too_old' })],
    ['60 s ahead', T0 + DRIFT_NS, ok(2n)],
    ['60 s and 1 ns ahead', T0 + DRIFT_NS + 1n, refused({ kind: 'created_in_future', ledgerTimeNs: T0 })],
    ['at the end of time', 2n ** 64n - 1n, refused({ kind: 'created_in_future', ledgerTimeNs: T0 })]
])('a request %s is judged by the ledger clock', (_, createdAtNs, expected) => {
    expect(funded().transfer({ ...order, createdAtNs })).toEqual(expected);
});

test('a repetition is a duplicate for exactly 24 h, then too old', () => {
    const ledger = funded();
    expect(ledger.transfer(order)).toEqual(ok(2n));
    ledger.nowNs = T0 + DAY_NS;
    expect(ledger.transfer(order)).toEqual(duplicate(2n));
    ledger.nowNs = T0 + DAY_NS + 1n;
    expect(ledger.transfer(order)).toEqual(refused({ kind: 'too_old' }));
    expect(ledger.balance(BOB)).toBe(1_000_010n);
});

test('without a time of creation nothing is a repetition', () => {
    const ledger = funded();
    const undated = { ...order, createdAtNs: undefined };
    expect(ledger.transfer(undated)).toEqual(ok(2n));
    expect(ledger.transfer(undated)).toEqual(ok(3n));
});

test('requests that differ only in what was left out are different requests', () => {
    const ledger = funded();
    const variants = [
        order,
        { ...order, memo: new Uint8Array(0) },
        { ...order, memo: Uint8Array.of(1, 2, 3) },
        { ...order, from: { ...ALICE, subaccount: subaccount(0) } },
        { ...order, to: { ...BOB, subaccount: subaccount(0) } },
        { ...order, fee: FEE },
        { ...order, amount: 11n },
        { ...order, createdAtNs: T0 + 1n }
    ];
    variants.forEach((variant, i) => expect(ledger.transfer(variant)).toEqual(ok(BigInt(i) + 2n)));
    variants.forEach((variant, i) => expect(ledger.transfer(variant)).toEqual(duplicate(BigInt(i) + 2n)));
});

test('a mint or burn with fee 0 is the same request as one without a fee', () => {
    const ledger = funded();
    const mint = { from: MINTER, to: CAROL, amount: 7n, createdAtNs: T0 };
    const burn = { from: ALICE, to: MINTER, amount: FEE, createdAtNs: T0 };
    expect(ledger.transfer(mint)).toEqual(ok(2n));
    expect(ledger.transfer({ ...mint, fee: 0n })).toEqual(duplicate(2n));
    expect(ledger.transfer({ ...burn, fee: 0n })).toEqual(ok(3n));
    expect(ledger.transfer(burn)).toEqual(duplicate(3n));
});

test('callers, methods and spenders keep requests apart', () => {
    const ledger = funded();
    expect(ledger.transfer(order).ok).toBe(true);
    expect(ledger.transfer({ ...order, from: BOB, to: BOB }).ok).toBe(true);
    const approval = { from: ALICE, spender: CAROL, amount: 10n * FEE, createdAtNs: T0 };
    expect(ledger.approve(approval)).toEqual(ok(4n));
    expect(ledger.approve(approval)).toEqual(duplicate(4n));
    expect(ledger.transferFrom({ ...order, spender: CAROL })).toEqual(ok(5n));
    expect(ledger.transferFrom({ ...order, spender: CAROL })).toEqual(duplicate(5n));
    const otherSpender = account(3, 1);
    expect(ledger.approve({ from: ALICE, spender: otherSpender, amount: 10n * FEE }).ok).toBe(true);
    expect(ledger.transferFrom({ ...order, spender: otherSpender })).toEqual(ok(7n));
});

test('a repetition is told before funds, allowance and expected allowance are looked at', () => {
    const ledger = new TestLedger().with(ALICE, 2n * FEE);
    const approval = { from: ALICE, spender: BOB, amount: FEE, expectedAllowance: 0n, createdAtNs: T0 };
    expect(ledger.approve(approval)).toEqual(ok(1n));
    expect(ledger.approve(approval)).toEqual(duplicate(1n));
    expect(ledger.transfer({ from: ALICE, to: MINTER, amount: FEE, createdAtNs: T0 })).toEqual(ok(2n));
    expect(ledger.balance(ALICE)).toBe(0n);
    expect(ledger.transfer({ from: ALICE, to: CAROL, amount: 1n, createdAtNs: 0n })).toEqual(
        refused({ kind: 'too_old' })
    );
});

test('a refused request is not remembered', () => {
    const ledger = new TestLedger().with(BOB, 1n);
    expect(ledger.transfer(order)).toEqual(refused({ kind: 'insufficient_funds', balance: 0n }));
    ledger.with(ALICE, 1_000_000n);
    expect(ledger.transfer(order)).toEqual(ok(2n));
});

test('the window forgets what is older than a day, a bounded number per call', () => {
    const ledger = funded();
    for (let i = 0n; i < 40n; i++) ledger.transfer({ ...order, createdAtNs: T0 + i });
    expect(ledger.storage.books.window.size()).toBe(40);
    ledger.nowNs = T0 + DAY_NS + 20n;
    const undated = { from: ALICE, to: BOB, amount: 1n };
    ledger.transfer(undated);
    expect(ledger.storage.books.window.size()).toBe(24);
    ledger.transfer(undated);
    // The first 20 are older than a day by now, the others are not.
    expect(ledger.storage.books.window.size()).toBe(20);
    ledger.transfer(undated);
    expect(ledger.storage.books.window.size()).toBe(20);
    expect(ledger.transfer({ ...order, createdAtNs: T0 + 20n })).toMatchObject({ error: { kind: 'duplicate' } });
});

test('a full window refuses new dated requests, but still recognises repetitions', () => {
    const agenda = new Agenda(new MemoryTables().ordered(0, bytesKey, u64Key));
    const window = new TransactionWindow(agenda, 2);
    for (const tag of [1, 2]) {
        const slot = window.admit(Uint8Array.of(tag), T0, T0);
        if (slot.ok) window.remember(slot.value, BigInt(tag));
    }
    expect(window.admit(Uint8Array.of(3), T0, T0)).toEqual(refused({ kind: 'temporarily_unavailable' }));
    expect(window.admit(Uint8Array.of(2), T0, T0)).toEqual(duplicate(2n));
    expect(window.admit(Uint8Array.of(3), undefined, T0)).toEqual({ ok: true, value: undefined });
    window.purge(T0 + DAY_NS + 1n, 1);
    expect(window.size()).toBe(1);
});
