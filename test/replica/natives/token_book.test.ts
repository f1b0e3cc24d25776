import fc from 'fast-check';
import { accountIdentifier, isAccountIdentifier, principalSubaccount } from '../../../src/replica/natives/accounts';
import { party, partyOfIdentifier, type Party } from '../../../src/replica/natives/book_types';
import { TokenBook } from '../../../src/replica/natives/token_book';

const day = 86_400_000_000_000n;
const nowNs = 1_800_000_000_000_000_000n;
const fee = 10n;
const user = (number: number): Uint8Array => new Uint8Array([...Buffer.alloc(28, number), 2]);
const of = (number: number): Party => party({ owner: user(number), subaccount: undefined });
const minter = { owner: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]), subaccount: undefined };
const [alice, bob, carol] = [of(1), of(2), of(3)];

function newBook(options: { readonly faucet?: bigint } = {}): TokenBook {
    return new TokenBook({
        name: 'Test',
        symbol: 'T',
        decimals: 8,
        fee,
        maxAmount: 2n ** 64n - 1n,
        mintingAccount: minter,
        genesis: [[{ owner: user(1), subaccount: undefined }, 1_000n]],
        ...options
    });
}

test('account identifiers: those of the ICP ledger, with their checksum', () => {
    // The anonymous principal's default account, as every ICP tool prints it.
    const anonymous = accountIdentifier({ owner: new Uint8Array([4]), subaccount: undefined });
    expect(Buffer.from(anonymous).toString('hex')).toBe(
        '1c7a48ba6a562aa9eaa2481a9049cdf0433b9738c992d698c31d8abf89cadc79'
    );
    expect(isAccountIdentifier(anonymous)).toBe(true);
    expect(isAccountIdentifier(anonymous.map((byte, index) => (index === 9 ? byte ^ 1 : byte)))).toBe(false);
});

test('subaccounts of principals: length, bytes, zeros', () => {
    expect([...principalSubaccount(new Uint8Array([4]))]).toEqual([1, 4, ...Buffer.alloc(30)]);
});

test('transfer: moves the amount, burns the fee, and counts the blocks', () => {
    const book = newBook();
    expect(book.transfer({ from: alice, to: bob, amount: 100n, nowNs })).toEqual({ kind: 'Ok', value: 1n });
    expect([book.balance(alice), book.balance(bob), book.supply]).toEqual([890n, 100n, 990n]);
    expect(book.transfer({ from: bob, to: alice, amount: 90n, fee, nowNs })).toEqual({ kind: 'Ok', value: 2n });
    expect(book.balance(bob)).toBe(0n);
});

test('transfer: what it refuses, it does not do', () => {
    const book = newBook();
    const outcomes = [
        book.transfer({ from: alice, to: bob, amount: 991n, nowNs }),
        book.transfer({ from: alice, to: bob, amount: 1n, fee: 9n, nowNs }),
        book.transfer({ from: alice, to: bob, amount: 1n, createdAtNs: nowNs - 2n * day, nowNs }),
        book.transfer({ from: alice, to: bob, amount: 1n, createdAtNs: nowNs + day, nowNs }),
        book.transfer({ from: alice, to: party(minter), amount: 9n, nowNs })
    ];
    expect(outcomes.map(({ value }) => (typeof value === 'bigint' ? value : value.kind))).toEqual([
        'InsufficientFunds',
        'BadFee',
        'TooOld',
        'CreatedInFuture',
        'BadBurn'
    ]);
    expect([book.balance(alice), book.length]).toEqual([1_000n, 1n]);
});

test('transfer: the same dated transaction is made once', () => {
    const book = newBook();
    const order = { from: alice, to: bob, amount: 1n, createdAtNs: nowNs, nowNs };
    expect(book.transfer(order).kind).toBe('Ok');
    expect(book.transfer(order)).toEqual({
        kind: 'Err',
        value: { kind: 'Duplicate', value: { duplicate_of: 1n } }
    });
    expect(book.transfer({ ...order, memo: new Uint8Array([1]) }).kind).toBe('Ok');
    expect(book.transfer({ ...order, createdAtNs: undefined }).kind).toBe('Ok');
});

test('minting account: transfers from it mint, transfers to it burn, both without a fee', () => {
    const book = newBook();
    book.transfer({ from: party(minter), to: bob, amount: 500n, nowNs });
    expect([book.balance(bob), book.supply]).toEqual([500n, 1_500n]);
    book.transfer({ from: bob, to: party(minter), amount: 500n, nowNs });
    expect([book.balance(bob), book.supply]).toEqual([0n, 1_000n]);
});

test('allowances: limit the spender, run out, expire, and are not needed for oneself', () => {
    const book = newBook();
    book.approve({ from: alice, spender: bob, amount: 100n, nowNs });
    expect(book.transferFrom({ from: alice, to: carol, spender: bob, amount: 91n, nowNs })).toEqual({
        kind: 'Err',
        value: { kind: 'InsufficientAllowance', value: { allowance: 100n } }
    });
    expect(book.transferFrom({ from: alice, to: carol, spender: bob, amount: 60n, nowNs }).kind).toBe('Ok');
    expect(book.allowance(alice, bob, nowNs).amount).toBe(30n);
    book.approve({ from: alice, spender: bob, amount: 100n, expiresAtNs: nowNs + 5n, nowNs });
    expect(book.allowance(alice, bob, nowNs + 5n).amount).toBe(0n);
    expect(book.transferFrom({ from: alice, to: carol, spender: alice, amount: 1n, nowNs }).kind).toBe('Ok');
});

test('approval: refuses a changed allowance, a past expiry, and who cannot pay', () => {
    const book = newBook();
    const order = { from: alice, spender: bob, amount: 1n, nowNs };
    const outcomes = [
        book.approve({ ...order, expectedAllowance: 5n }),
        book.approve({ ...order, expiresAtNs: nowNs }),
        book.approve({ ...order, from: carol })
    ];
    expect(outcomes.map(({ value }) => (typeof value === 'bigint' ? value : value.kind))).toEqual([
        'AllowanceChanged',
        'Expired',
        'InsufficientFunds'
    ]);
});

test('faucet: users have had their gift before they appear; canisters and subaccounts have none', () => {
    const book = newBook({ faucet: 50n });
    const savings = party({ owner: user(2), subaccount: principalSubaccount(user(2)) });
    const canister = party({ owner: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 9, 1, 1]), subaccount: undefined });
    expect([book.balance(bob), book.balance(savings), book.balance(canister)]).toEqual([50n, 0n, 0n]);
    // Credited under the bare identifier first: the gift comes on top as soon as the owner is known.
    book.transfer({ from: alice, to: partyOfIdentifier(bob.identifier), amount: 7n, nowNs });
    expect(book.balance(bob)).toBe(57n);
    book.transfer({ from: bob, to: carol, amount: 47n, nowNs });
    expect([book.balance(bob), book.balance(carol)]).toEqual([0n, 97n]);
    expect(book.balance(alice)).toBe(983n);
});

test('books: the supply is what the accounts hold, whatever is ordered', () => {
    const parties = [alice, bob, carol, party(minter)];
    const someone = fc.constantFrom(...parties);
    const order = fc.record({
        kind: fc.constantFrom('transfer', 'transferFrom', 'approve', 'burn', 'mint'),
        from: someone,
        to: someone,
        spender: someone,
        amount: fc.bigInt({ min: 0n, max: 400n })
    });
    fc.assert(
        fc.property(fc.array(order, { maxLength: 40 }), fc.boolean(), (orders, hasFaucet) => {
            const book = newBook({ faucet: hasFaucet ? 100n : 0n });
            for (const { kind, from, to, spender, amount } of orders) {
                if (kind === 'transfer') book.transfer({ from, to, amount, nowNs });
                else if (kind === 'transferFrom') book.transferFrom({ from, to, spender, amount, nowNs });
                else if (kind === 'approve') book.approve({ from, spender, amount, nowNs });
                else if (kind === 'burn') book.burn({ from, amount, nowNs });
                else book.mint(to, amount, {}, nowNs);
            }
            // Reading must not draw gifts, drawing must not change what is read.
            const held = parties.map((owner) => book.balance(owner));
            for (const owner of parties) book.mint(owner, 0n, {}, nowNs);
            expect(parties.map((owner) => book.balance(owner))).toEqual(held);
            expect(book.supply).toBe(held.reduce((sum, balance) => sum + balance, 0n));
            expect(parties.map(({ key }) => balancesByLog(book).get(key) ?? 0n)).toEqual(held);
        })
    );
});

/** What somebody who only reads the log makes of it. */
function balancesByLog(book: TokenBook): ReadonlyMap<string, bigint> {
    const balances = new Map<string, bigint>();
    const add = ({ key }: Party, amount: bigint): void => void balances.set(key, (balances.get(key) ?? 0n) + amount);
    for (const { operation } of book.blocks(0n, book.length)) {
        if (operation.kind === 'mint') add(operation.to, operation.amount);
        else if (operation.kind === 'burn') add(operation.from, -operation.amount - (operation.fee ?? 0n));
        else if (operation.kind === 'approve') add(operation.from, -operation.fee);
        else {
            add(operation.from, -operation.amount - operation.fee);
            add(operation.to, operation.amount);
        }
    }
    return balances;
}
