/** ICRC-107: who takes the fees, from when on. */
import { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { account, ALICE, BOB, CAROL, DAY_NS, FEE, MINTER, ok, refused, T0, TestLedger } from './fixture';

const COLLECTOR = account(7, 1);
const OPERATOR = account(9).owner;
const funded = (): TestLedger => new TestLedger().with(ALICE, 1_000_000n);
const order = (ledger: TestLedger, feeCollector: Account | undefined, createdAtNs: bigint) =>
    ledger.storage.ledger.setFeeCollector({ caller: OPERATOR, feeCollector, createdAtNs }, ledger.nowNs);
const set = (ledger: TestLedger, feeCollector = COLLECTOR, createdAtNs = T0) =>
    order(ledger, feeCollector, createdAtNs);
const unset = (ledger: TestLedger, createdAtNs = T0) => order(ledger, undefined, createdAtNs);

test('fees of transfers, of transfers by others and of approvals go to the collector; supply keeps them', () => {
    const ledger = funded();
    expect(set(ledger)).toEqual(ok(1n));
    expect(ledger.transfer({ from: ALICE, to: BOB, amount: 5n }).ok).toBe(true);
    expect(ledger.approve({ from: ALICE, spender: CAROL, amount: 3n * FEE }).ok).toBe(true);
    expect(ledger.transferFrom({ spender: CAROL, from: ALICE, to: BOB, amount: 5n }).ok).toBe(true);
    expect(ledger.balance(COLLECTOR)).toBe(3n * FEE);
    expect(ledger.supply()).toBe(1_000_000n);
});

test('mints and burns are free, so the collector gets nothing of them', () => {
    const ledger = funded();
    set(ledger);
    ledger.with(BOB, 10n);
    expect(ledger.transfer({ from: ALICE, to: MINTER, amount: FEE }).ok).toBe(true);
    expect(ledger.balance(COLLECTOR)).toBe(0n);
    expect(ledger.supply()).toBe(1_000_010n - FEE);
});

test('a collector who pays or is paid keeps the books balanced', () => {
    const ledger = funded();
    set(ledger, ALICE);
    expect(ledger.transfer({ from: ALICE, to: BOB, amount: 5n }).ok).toBe(true);
    expect(ledger.balance(ALICE)).toBe(999_995n);
    set(ledger, BOB, T0 + 1n);
    expect(ledger.transfer({ from: ALICE, to: BOB, amount: 5n }).ok).toBe(true);
    expect([ledger.balance(ALICE), ledger.balance(BOB)]).toEqual([999_990n - FEE, 10n + FEE]);
    expect(ledger.transfer({ from: BOB, to: BOB, amount: 10n }).ok).toBe(true);
    expect(ledger.supply()).toBe(1_000_000n);
});

test('without a collector fees are burned again; the change is a block of its own and survives upgrades', () => {
    const ledger = funded();
    set(ledger);
    ledger.upgrade();
    expect(ledger.storage.books.token.settings().feeCollector).toEqual(COLLECTOR);
    expect(unset(ledger, T0 + 1n)).toEqual(ok(2n));
    ledger.transfer({ from: ALICE, to: BOB, amount: 5n });
    expect([ledger.balance(COLLECTOR), ledger.supply()]).toEqual([0n, 1_000_000n - FEE]);
    expect(ledger.block(1n)?.transaction).toEqual({
        kind: 'fee_collector',
        caller: OPERATOR,
        feeCollector: COLLECTOR,
        createdAtNs: T0
    });
});

test('the minting account and the anonymous principal collect nothing', () => {
    const ledger = funded();
    for (const account of [MINTER, { owner: Principal.anonymous() }]) {
        expect(set(ledger, account)).toEqual(refused({ kind: 'invalid_account' }));
    }
    expect(ledger.blocks()).toBe(1n);
});

test('a change is deduplicated by its time of creation, as any request', () => {
    const ledger = funded();
    expect(set(ledger)).toEqual(ok(1n));
    expect(set(ledger)).toEqual(refused({ kind: 'duplicate', duplicateOf: 1n }));
    expect(unset(ledger)).toEqual(ok(2n));
    expect(set(ledger, COLLECTOR, T0 - DAY_NS - 1n)).toEqual(refused({ kind: 'too_old' }));
    expect(set(ledger, COLLECTOR, T0 + 60_000_000_001n)).toMatchObject({ error: { kind: 'created_in_future' } });
});

test('income from fees is no entry of a history', () => {
    const ledger = funded();
    set(ledger);
    ledger.transfer({ from: ALICE, to: BOB, amount: 5n });
    const { accounts } = ledger.storage.books;
    const key = Uint8Array.from([...[29], ...COLLECTOR.owner.toUint8Array(), ...(COLLECTOR.subaccount ?? [])]);
    expect([accounts.balance(key), accounts.historyLength(accounts.row(key))]).toEqual([FEE, 0]);
});
