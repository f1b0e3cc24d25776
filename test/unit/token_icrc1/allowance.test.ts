import { Principal } from '@dfinity/principal';
import { account, ALICE, BOB, CAROL, FEE, invalid, MINTER, ok, refused, subaccount, T0, TestLedger } from './fixture';

const funded = (amount = 1_000_000n): TestLedger => new TestLedger().with(ALICE, amount);
const insufficientAllowance = (allowance: bigint) => refused({ kind: 'insufficient_allowance', allowance });
const none = { amount: 0n };

test('AS-82: an allowance pays amount and fee, and says what is left', () => {
    const ledger = new TestLedger({ fee: 100_000n }).with(ALICE, 2_000_000_000n);
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 1_000_000_000n })).toEqual(ok(1n));
    expect(ledger.balance(ALICE)).toBe(1_999_900_000n);
    expect(ledger.transferFrom({ spender: BOB, from: ALICE, to: CAROL, amount: 400_000_000n })).toEqual(ok(2n));
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 599_900_000n });
    expect(ledger.balance(CAROL)).toBe(400_000_000n);
    expect(ledger.transferFrom({ spender: BOB, from: ALICE, to: CAROL, amount: 600_000_000n })).toEqual(
        insufficientAllowance(599_900_000n)
    );
});

test('an allowance belongs to exactly one pair of accounts', () => {
    const ledger = funded();
    ledger.approve({ from: ALICE, spender: BOB, amount: 500n });
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 500n });
    expect(ledger.allowance(ALICE, { ...BOB, subaccount: subaccount(0) })).toEqual({ amount: 500n });
    expect(ledger.allowance(ALICE, account(2, 1))).toEqual(none);
    expect(ledger.allowance(account(1, 1), BOB)).toEqual(none);
    expect(ledger.allowance(BOB, ALICE)).toEqual(none);
});

test('an allowance that is used up to the last unit is gone', () => {
    const ledger = funded();
    ledger.approve({ from: ALICE, spender: BOB, amount: 100n + FEE, expiresAtNs: T0 + 5n });
    expect(ledger.transferFrom({ spender: BOB, from: ALICE, to: CAROL, amount: 100n }).ok).toBe(true);
    expect(ledger.allowance(ALICE, BOB)).toEqual(none);
    expect(ledger.storage.books.allowances.size()).toBe(0);
});

test('the expiry of an allowance that was used up does not end a later one', () => {
    const ledger = funded();
    ledger.approve({ from: ALICE, spender: BOB, amount: 100n + FEE, expiresAtNs: T0 + 5n });
    ledger.transferFrom({ spender: BOB, from: ALICE, to: CAROL, amount: 100n });
    ledger.approve({ from: ALICE, spender: BOB, amount: 7n });
    ledger.nowNs = T0 + 10n;
    ledger.transfer({ from: ALICE, to: CAROL, amount: 1n });
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 7n });
});

test('a new approval replaces amount and expiry', () => {
    const ledger = funded();
    ledger.approve({ from: ALICE, spender: BOB, amount: 500n, expiresAtNs: T0 + 5n });
    ledger.approve({ from: ALICE, spender: BOB, amount: 300n });
    ledger.nowNs = T0 + 10n;
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 300n });
    ledger.transfer({ from: ALICE, to: CAROL, amount: 1n });
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 300n });
});

test('approving 0 revokes, costs the fee and makes a block, even where nothing was approved', () => {
    const ledger = funded();
    ledger.approve({ from: ALICE, spender: BOB, amount: 500n });
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 0n, expiresAtNs: T0 + 1n })).toEqual(ok(2n));
    expect(ledger.allowance(ALICE, BOB)).toEqual(none);
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 0n })).toEqual(ok(3n));
    expect(ledger.balance(ALICE)).toBe(1_000_000n - 3n * FEE);
    expect(ledger.storage.books.allowances.size()).toBe(0);
});

test('amounts beyond 64 bits are kept exactly, up to the width of a stored number', () => {
    const ledger = funded();
    ledger.approve({ from: ALICE, spender: BOB, amount: 2n ** 100n });
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 2n ** 100n });
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 2n ** 2040n })).toEqual(invalid('amount_too_large'));
});

test('nobody approves for accounts of the same owner, and the minting account approves nobody', () => {
    const ledger = funded();
    const before = ledger.state(ALICE, BOB);
    expect(ledger.approve({ from: ALICE, spender: ALICE, amount: 1n })).toEqual(invalid('self_approval'));
    expect(ledger.approve({ from: ALICE, spender: account(1, 1), amount: 1n })).toEqual(invalid('self_approval'));
    expect(ledger.approve({ from: MINTER, spender: BOB, amount: 1n })).toEqual(invalid('approval_by_minter'));
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 1n, memo: new Uint8Array(33) })).toEqual(
        invalid('memo_too_long')
    );
    expect(ledger.state(ALICE, BOB)).toEqual(before);
    expect(ledger.approve({ from: ALICE, spender: MINTER, amount: 1n }).ok).toBe(true);
});

test('an approval expires at its instant, not after it', () => {
    const ledger = funded();
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 9n, expiresAtNs: T0 })).toEqual(
        refused({ kind: 'expired', ledgerTimeNs: T0 })
    );
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 9n, expiresAtNs: T0 + 1n }).ok).toBe(true);
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 9n, expiresAtNs: T0 + 1n });
    ledger.nowNs = T0 + 1n;
    expect(ledger.allowance(ALICE, BOB)).toEqual(none);
    expect(ledger.transferFrom({ spender: BOB, from: ALICE, to: CAROL, amount: 0n })).toEqual(
        insufficientAllowance(0n)
    );
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 5n, expectedAllowance: 0n }).ok).toBe(true);
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 5n });
});

test('the expected allowance is compared with the one that counts', () => {
    const ledger = funded();
    const changed = refused({ kind: 'allowance_changed', currentAllowance: 500n });
    ledger.approve({ from: ALICE, spender: BOB, amount: 500n });
    const before = ledger.state(ALICE, BOB);
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 1n, expectedAllowance: 499n })).toEqual(changed);
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 1n, expectedAllowance: 2n ** 70n })).toEqual(changed);
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 1n, expectedAllowance: 2n ** 9000n })).toEqual(changed);
    expect(ledger.state(ALICE, BOB)).toEqual(before);
    expect(ledger.approve({ from: ALICE, spender: BOB, amount: 1n, expectedAllowance: 500n }).ok).toBe(true);
});

test('approve refuses in the order fee, age, funds, expiry, expected allowance', () => {
    const wrong = { from: ALICE, spender: BOB, amount: 1n, expiresAtNs: T0, expectedAllowance: 3n };
    const poor = funded(FEE - 1n);
    expect(poor.approve({ ...wrong, fee: 1n, createdAtNs: 0n })).toMatchObject({ error: { kind: 'bad_fee' } });
    expect(poor.approve({ ...wrong, createdAtNs: 0n })).toMatchObject({ error: { kind: 'too_old' } });
    expect(poor.approve(wrong)).toEqual(refused({ kind: 'insufficient_funds', balance: FEE - 1n }));
    const rich = funded();
    expect(rich.approve(wrong)).toEqual(refused({ kind: 'expired', ledgerTimeNs: T0 }));
    expect(rich.approve({ ...wrong, expiresAtNs: T0 + 1n })).toEqual(
        refused({ kind: 'allowance_changed', currentAllowance: 0n })
    );
    expect(rich.balance(ALICE)).toBe(1_000_000n);
});

test('the anonymous principal may approve', () => {
    const anonymous = { owner: Principal.anonymous() };
    expect(new TestLedger().with(anonymous, FEE).approve({ from: anonymous, spender: BOB, amount: 1n }).ok).toBe(true);
});

test('expired approvals are pruned in order, a bounded number per call', () => {
    const ledger = funded(100n * FEE);
    for (let i = 0; i < 40; i++) {
        ledger.approve({ from: ALICE, spender: account(50 + i), amount: 1n, expiresAtNs: T0 + 100n - BigInt(i) });
    }
    ledger.nowNs = T0 + 80n;
    ledger.transfer({ from: ALICE, to: BOB, amount: 1n });
    expect(ledger.storage.books.allowances.size()).toBe(24);
    ledger.transfer({ from: ALICE, to: BOB, amount: 1n });
    // 61…80 have expired by now: 20 of 40.
    expect(ledger.storage.books.allowances.size()).toBe(20);
    expect(ledger.allowance(ALICE, account(50 + 19))).toEqual({ amount: 1n, expiresAtNs: T0 + 81n });
    expect(ledger.allowance(ALICE, account(50 + 20))).toEqual(none);
});

test('an account moves its own tokens without an allowance; its owner by another subaccount does not', () => {
    const ledger = funded();
    expect(ledger.transferFrom({ spender: ALICE, from: ALICE, to: BOB, amount: 10n }).ok).toBe(true);
    expect(ledger.block(1n)?.transaction).toMatchObject({ kind: 'transfer', spender: ALICE });
    const explicit = { ...ALICE, subaccount: subaccount(0) };
    expect(ledger.transferFrom({ spender: explicit, from: ALICE, to: BOB, amount: 10n }).ok).toBe(true);
    expect(ledger.transferFrom({ spender: account(1, 1), from: ALICE, to: BOB, amount: 10n })).toEqual(
        insufficientAllowance(0n)
    );
});

test('transfer_from tells a wrong fee first, then the allowance, then the funds, and changes nothing', () => {
    const ledger = funded(FEE + 100n);
    const order = { spender: BOB, from: ALICE, to: CAROL, amount: 200n };
    expect(ledger.transferFrom({ ...order, fee: 1n })).toEqual(refused({ kind: 'bad_fee', expectedFee: FEE }));
    expect(ledger.transferFrom(order)).toEqual(insufficientAllowance(0n));
    ledger.approve({ from: ALICE, spender: BOB, amount: 10n * FEE, expiresAtNs: T0 + 7n });
    const before = ledger.state(ALICE, BOB, CAROL);
    expect(ledger.transferFrom(order)).toEqual(refused({ kind: 'insufficient_funds', balance: 100n }));
    expect(ledger.state(ALICE, BOB, CAROL)).toEqual(before);
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: 10n * FEE, expiresAtNs: T0 + 7n });
});

test('a spender burns within its allowance and pays no fee; minting cannot be delegated', () => {
    const ledger = funded();
    ledger.approve({ from: ALICE, spender: BOB, amount: 2n * FEE });
    expect(ledger.transferFrom({ spender: BOB, from: ALICE, to: MINTER, amount: FEE }).ok).toBe(true);
    expect(ledger.allowance(ALICE, BOB)).toEqual({ amount: FEE });
    expect(ledger.balance(ALICE)).toBe(1_000_000n - 2n * FEE);
    expect(ledger.block(2n)).toMatchObject({ fee: undefined, transaction: { kind: 'burn', spender: BOB } });
    expect(ledger.transferFrom({ spender: BOB, from: MINTER, to: CAROL, amount: 1n })).toEqual(
        invalid('mint_by_spender')
    );
    expect(ledger.transferFrom({ spender: MINTER, from: MINTER, to: CAROL, amount: 1n })).toEqual(
        invalid('mint_by_spender')
    );
});

test('allowances are not passed on', () => {
    const ledger = funded().with(BOB, 10n * FEE);
    ledger.approve({ from: ALICE, spender: BOB, amount: 5n * FEE });
    ledger.approve({ from: BOB, spender: CAROL, amount: 5n * FEE });
    expect(ledger.transferFrom({ spender: CAROL, from: ALICE, to: CAROL, amount: 1n })).toEqual(
        insufficientAllowance(0n)
    );
});
