import { Principal } from '@dfinity/principal';
import { account, ALICE, BOB, CAROL, FEE, invalid, MINTER, ok, refused, subaccount, T0, TestLedger } from './fixture';

const funded = (amount = 1_000_000n): TestLedger => new TestLedger().with(ALICE, amount);

test('a transfer moves the amount and burns the fee', () => {
    const ledger = funded();
    expect(ledger.transfer({ from: ALICE, to: BOB, amount: 1_000n })).toEqual(ok(1n));
    expect(ledger.balance(ALICE)).toBe(1_000_000n - 1_000n - FEE);
    expect(ledger.balance(BOB)).toBe(1_000n);
    expect(ledger.supply()).toBe(1_000_000n - FEE);
});

test('an unknown account holds nothing, and both spellings of the default subaccount are one account', () => {
    const ledger = funded();
    expect(ledger.balance(CAROL)).toBe(0n);
    const explicit = { owner: ALICE.owner, subaccount: subaccount(0) };
    expect(ledger.balance(explicit)).toBe(1_000_000n);
    expect(ledger.transfer({ from: explicit, to: { ...BOB, subaccount: subaccount(0) }, amount: 5n }).ok).toBe(true);
    expect(ledger.balance(BOB)).toBe(5n);
    expect(ledger.balance({ ...ALICE, subaccount: subaccount(1) })).toBe(0n);
});

test('a block keeps the subaccounts as they were spelled', () => {
    const ledger = funded();
    ledger.transfer({ from: { ...ALICE, subaccount: subaccount(0) }, to: BOB, amount: 5n });
    const transaction = ledger.block(1n)?.transaction;
    expect(transaction).toMatchObject({ kind: 'transfer', from: { subaccount: subaccount(0) } });
    expect(transaction?.kind === 'transfer' && transaction.to.subaccount).toBeUndefined();
});

test('a block names the fee once: at its top where the caller left it out, in the transaction where it was given', () => {
    const ledger = funded();
    ledger.transfer({ from: ALICE, to: BOB, amount: 5n });
    ledger.transfer({ from: ALICE, to: BOB, amount: 5n, fee: FEE });
    expect(ledger.block(1n)).toMatchObject({ tsNs: T0, fee: FEE, transaction: { fee: undefined } });
    expect(ledger.block(2n)).toMatchObject({ fee: undefined, transaction: { fee: FEE } });
});

test('amount 0, a transfer to oneself and the special principals are allowed', () => {
    const ledger = funded();
    expect(ledger.transfer({ from: ALICE, to: BOB, amount: 0n }).ok).toBe(true);
    expect(ledger.balance(ALICE)).toBe(1_000_000n - FEE);
    expect(ledger.transfer({ from: ALICE, to: ALICE, amount: 500n }).ok).toBe(true);
    expect(ledger.balance(ALICE)).toBe(1_000_000n - 2n * FEE);
    const anonymous = { owner: Principal.anonymous() };
    expect(ledger.transfer({ from: ALICE, to: anonymous, amount: 2n * FEE }).ok).toBe(true);
    expect(ledger.transfer({ from: anonymous, to: { owner: Principal.managementCanister() }, amount: FEE }).ok).toBe(
        true
    );
    expect(ledger.balance(anonymous)).toBe(0n);
});

test('a transfer of the whole balance to oneself keeps it, less the fee', () => {
    const ledger = funded(FEE + 7n);
    expect(ledger.transfer({ from: ALICE, to: ALICE, amount: 7n }).ok).toBe(true);
    expect(ledger.balance(ALICE)).toBe(7n);
});

test.each([1_000_000n - FEE + 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 100n, 2n ** 5_000n])(
    'amount %d and fee above the balance are refused with the balance',
    (amount) => {
        const ledger = funded();
        const before = ledger.state(ALICE, BOB);
        expect(ledger.transfer({ from: ALICE, to: BOB, amount })).toEqual(
            refused({ kind: 'insufficient_funds', balance: 1_000_000n })
        );
        expect(ledger.state(ALICE, BOB)).toEqual(before);
    }
);

test('AS-81: a balance of amount and fee suffices, one unit less does not', () => {
    const settings = { fee: 100_000n };
    const enough = new TestLedger(settings).with(ALICE, 100_100_000n);
    expect(enough.transfer({ from: ALICE, to: BOB, amount: 100_000_000n })).toEqual(ok(1n));
    expect(enough.balance(ALICE)).toBe(0n);
    const short = new TestLedger(settings).with(ALICE, 100_099_999n);
    expect(short.transfer({ from: ALICE, to: BOB, amount: 100_000_000n })).toMatchObject({
        error: { kind: 'insufficient_funds' }
    });
    expect(short.transfer({ from: ALICE, to: BOB, amount: 1n, fee: 99_999n })).toEqual(
        refused({ kind: 'bad_fee', expectedFee: 100_000n })
    );
});

test('a memo of 32 bytes is kept, an empty one too; 33 bytes are refused', () => {
    const ledger = funded();
    ledger.transfer({ from: ALICE, to: BOB, amount: 1n, memo: new Uint8Array(32).fill(1) });
    ledger.transfer({ from: ALICE, to: BOB, amount: 1n, memo: new Uint8Array(0) });
    expect(ledger.block(1n)?.transaction).toMatchObject({ memo: new Uint8Array(32).fill(1) });
    expect(ledger.block(2n)?.transaction).toMatchObject({ memo: new Uint8Array(0) });
    const before = ledger.state(ALICE, BOB);
    expect(ledger.transfer({ from: ALICE, to: BOB, amount: 1n, memo: new Uint8Array(33) })).toEqual(
        invalid('memo_too_long')
    );
    expect(ledger.state(ALICE, BOB)).toEqual(before);
});

test('a wrong fee is told before a lack of funds, an old request and a repetition', () => {
    const ledger = funded();
    const badFee = refused({ kind: 'bad_fee', expectedFee: FEE });
    const order = { from: ALICE, to: BOB, amount: 1n, createdAtNs: T0 };
    ledger.transfer({ ...order });
    expect(ledger.transfer({ ...order, fee: FEE + 1n })).toEqual(badFee);
    expect(ledger.transfer({ ...order, fee: 0n, amount: 2n ** 64n })).toEqual(badFee);
    expect(ledger.transfer({ ...order, fee: 0n, createdAtNs: 0n })).toEqual(badFee);
});

test('minting raises the supply, is free, and its block has no sender and no fee', () => {
    const ledger = new TestLedger();
    expect(ledger.transfer({ from: MINTER, to: ALICE, amount: 0n })).toEqual(ok(0n));
    expect(ledger.transfer({ from: MINTER, to: ALICE, amount: 7n, fee: 0n })).toEqual(ok(1n));
    expect(ledger.balance(ALICE)).toBe(7n);
    expect(ledger.balance(MINTER)).toBe(0n);
    expect(ledger.supply()).toBe(7n);
    const block = ledger.block(1n);
    expect(block?.fee).toBeUndefined();
    expect(Object.keys(block?.transaction ?? {})).not.toContain('from');
    expect(ledger.transfer({ from: MINTER, to: ALICE, amount: 7n, fee: FEE })).toEqual(
        refused({ kind: 'bad_fee', expectedFee: 0n })
    );
});

test('minting is bounded only by the width of a stored number', () => {
    const ledger = new TestLedger();
    const most = 2n ** 2040n - 1n;
    expect(ledger.transfer({ from: MINTER, to: ALICE, amount: most + 1n })).toEqual(invalid('amount_too_large'));
    expect(ledger.transfer({ from: MINTER, to: ALICE, amount: most }).ok).toBe(true);
    expect(ledger.transfer({ from: MINTER, to: ALICE, amount: 1n })).toEqual(invalid('amount_too_large'));
    expect(ledger.supply()).toBe(most);
});

test('burning is free and lowers the supply', () => {
    const ledger = funded();
    expect(ledger.transfer({ from: ALICE, to: MINTER, amount: FEE, fee: 0n }).ok).toBe(true);
    expect(ledger.balance(ALICE)).toBe(1_000_000n - FEE);
    expect(ledger.balance(MINTER)).toBe(0n);
    expect(ledger.supply()).toBe(1_000_000n - FEE);
    expect(ledger.block(1n)).toMatchObject({ fee: undefined, transaction: { kind: 'burn', amount: FEE } });
    expect(ledger.transfer({ from: ALICE, to: MINTER, amount: FEE, fee: FEE })).toEqual(
        refused({ kind: 'bad_fee', expectedFee: 0n })
    );
});

const badBurn = (minBurnAmount: bigint) => refused({ kind: 'bad_burn', minBurnAmount });
const insufficient = (balance: bigint) => refused({ kind: 'insufficient_funds', balance });

test.each([
    [FEE, 0n, badBurn(FEE)],
    [FEE, FEE - 1n, badBurn(FEE)],
    [5n, 0n, badBurn(5n)],
    [5n, 4n, badBurn(5n)],
    [5n, 6n, insufficient(5n)],
    [5n, 5n, ok(1n)],
    [0n, 0n, badBurn(FEE)],
    [0n, FEE, insufficient(0n)]
])('a burn from a balance of %d by %d keeps the burn minimum', (balance, amount, expected) => {
    expect(funded(balance).transfer({ from: ALICE, to: MINTER, amount })).toEqual(expected);
});

test('the burn minimum is told before an old request', () => {
    expect(funded().transfer({ from: ALICE, to: MINTER, amount: 0n, createdAtNs: 0n })).toEqual(badBurn(FEE));
});

test('the minting account is one account: its other subaccounts are ordinary, its explicit default spelling is it', () => {
    const ledger = funded();
    const sibling = account(0xaa, 1);
    expect(ledger.transfer({ from: ALICE, to: sibling, amount: 3n * FEE }).ok).toBe(true);
    expect(ledger.balance(sibling)).toBe(3n * FEE);
    expect(ledger.transfer({ from: sibling, to: { ...MINTER, subaccount: subaccount(0) }, amount: FEE }).ok).toBe(true);
    expect(ledger.balance(sibling)).toBe(2n * FEE);
    expect(ledger.transfer({ from: MINTER, to: MINTER, amount: 1n })).toEqual(invalid('minter_to_minter'));
});
