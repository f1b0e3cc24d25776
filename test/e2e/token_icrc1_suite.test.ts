/** The 16 checks of the official ICRC-1 and ICRC-2 suite (github.com/dfinity/ICRC-1, test/suite), told by their names there. */
import type { Principal } from '@dfinity/principal';
import { named, SingleLedger, type LedgerService } from '../support/single_ledger';

type TransferArg = Parameters<LedgerService['icrc1_transfer']>[0];
type ApproveArgs = Parameters<LedgerService['icrc2_approve']>[0];
type TransferFromArgs = Parameters<LedgerService['icrc2_transfer_from']>[0];
type Account = TransferArg['to'];

const ONES = new Uint8Array(32).fill(1);
const ZEROS = new Uint8Array(32);

let ledger: SingleLedger;
let fee: bigint;
let forks = 0;

beforeAll(async () => {
    ledger = await SingleLedger.install();
    await ledger.nameRewards(named('rewards'));
    fee = await ledger.as(named('anyone')).icrc1_fee();
});
afterAll(() => ledger.close());

const funder = (): LedgerService => ledger.as(ledger.controller);
const of = (owner: Principal, subaccount?: Uint8Array): Account => ({
    owner,
    subaccount: subaccount === undefined ? [] : [subaccount]
});
const balance = (owner: Principal, subaccount?: Uint8Array): Promise<bigint> =>
    funder().icrc1_balance_of(of(owner, subaccount));
const allowance = (from: Principal, spender: Account) => funder().icrc2_allowance({ account: of(from), spender });

function transferArg(to: Account, amount: bigint, options: Partial<TransferArg> = {}): TransferArg {
    return { from_subaccount: [], to, amount, fee: [], memo: [], created_at_time: [], ...options };
}

function approveArgs(spender: Account, amount: bigint, options: Partial<ApproveArgs> = {}): ApproveArgs {
    const none = {
        from_subaccount: [],
        expected_allowance: [],
        expires_at: [],
        fee: [],
        memo: [],
        created_at_time: []
    };
    return { ...none, spender, amount, ...options } as ApproveArgs;
}

function transferFromArgs(from: Principal, to: Principal, amount: bigint): TransferFromArgs {
    const none = { spender_subaccount: [], fee: [], memo: [], created_at_time: [] };
    return { ...none, from: of(from), to: of(to), amount } as unknown as TransferFromArgs;
}

/** A principal that nobody has used. */
function fork(): Principal {
    return named(`fork ${forks++}`);
}

/** A new principal that holds `amount`. */
async function setup(amount: bigint): Promise<Principal> {
    const receiver = fork();
    expect(await balance(receiver)).toBe(0n);
    expect(await funder().icrc1_transfer(transferArg(of(receiver), amount))).toHaveProperty('Ok');
    expect(await balance(receiver)).toBe(amount);
    return receiver;
}

const index = (result: object): unknown => ('Ok' in result ? result.Ok : undefined);

test('icrc1:transfer', async () => {
    const p1 = await setup(10_000n + fee);
    const p2 = fork();
    expect(await ledger.as(p1).icrc1_transfer(transferArg(of(p2), 10_000n))).toHaveProperty('Ok');
    expect(await balance(p2)).toBe(10_000n);
    expect(await balance(p2, ZEROS)).toBe(10_000n);
    expect(await balance(p1)).toBe(0n);
});

test('icrc1:burn', async () => {
    const [minter] = await funder().icrc1_minting_account();
    // The suite burns 10 000, which is below this ledger's minimum: the fee.
    const least = fee;
    const p1 = await setup(least);
    expect(minter && (await funder().icrc1_balance_of(minter))).toBe(0n);
    expect(minter && (await ledger.as(p1).icrc1_transfer(transferArg(minter, least)))).toHaveProperty('Ok');
    expect(await balance(p1)).toBe(0n);
    expect(minter && (await funder().icrc1_balance_of(minter))).toBe(0n);
});

test('icrc1:metadata', async () => {
    const metadata = await funder().icrc1_metadata();
    const entries = new Map(metadata);
    expect(entries.size).toBe(metadata.length);
    expect(entries.get('icrc1:name')).toEqual({ Text: await funder().icrc1_name() });
    expect(entries.get('icrc1:symbol')).toEqual({ Text: await funder().icrc1_symbol() });
    expect(entries.get('icrc1:decimals')).toEqual({ Nat: BigInt(await funder().icrc1_decimals()) });
    expect(entries.get('icrc1:fee')).toEqual({ Nat: fee });
});

test('icrc1:supported_standards and icrc2:supported_standards', async () => {
    const names = (await funder().icrc1_supported_standards()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ICRC-1', 'ICRC-2', 'ICRC-10']));
    expect(await funder().icrc10_supported_standards()).toEqual(await funder().icrc1_supported_standards());
});

test('icrc1:tx_deduplication', async () => {
    const amount = 10_000n;
    const p1 = await setup(7n * amount + 7n * fee);
    const p2 = fork();
    const send = (options: Partial<TransferArg> = {}, to = of(p2)) =>
        ledger.as(p1).icrc1_transfer(transferArg(to, amount, options));
    expect(await send()).toHaveProperty('Ok');
    expect(await send()).toHaveProperty('Ok');
    const now = await ledger.nowNs();
    const identities: Partial<TransferArg>[] = [
        { created_at_time: [now] },
        { created_at_time: [now], fee: [fee] },
        { created_at_time: [now], fee: [fee], memo: [Uint8Array.of(1, 2, 3)] }
    ];
    const seen: unknown[] = [];
    for (const identity of identities) {
        const first = index(await send(identity));
        expect(seen).not.toContain(first);
        expect(await send(identity)).toEqual({ Err: { Duplicate: { duplicate_of: first } } });
        seen.push(first);
    }
    expect(await balance(p2)).toBe(5n * amount);
    const later: Partial<TransferArg> = { created_at_time: [now + 1n], memo: [Uint8Array.of(0)] };
    expect(await send(later)).toHaveProperty('Ok');
    expect(await send(later, of(p2, ZEROS))).toHaveProperty('Ok');
    expect(await balance(p2)).toBe(7n * amount);
});

test('icrc1:memo_bytes_length', async () => {
    expect(await funder().icrc1_transfer(transferArg(of(fork()), 1n, { memo: [ONES] }))).toHaveProperty('Ok');
});

test('icrc1:future_transfers', async () => {
    const created_at_time: [bigint] = [2n ** 64n - 1n];
    expect(await funder().icrc1_transfer(transferArg(of(fork()), 1n, { created_at_time }))).toHaveProperty(
        'Err.CreatedInFuture'
    );
});

test('icrc1:bad_fee', async () => {
    expect(await funder().icrc1_transfer(transferArg(of(fork()), 1n, { fee: [fee + 1n] }))).toEqual({
        Err: { BadFee: { expected_fee: fee } }
    });
});

test('icrc2:approve', async () => {
    const p1 = await setup(2n * fee);
    const p2 = fork();
    const approve = (spender: Account, amount: bigint) => ledger.as(p1).icrc2_approve(approveArgs(spender, amount));
    expect(await approve(of(p2), fee)).toHaveProperty('Ok');
    expect(await allowance(p1, of(p2))).toEqual({ allowance: fee, expires_at: [] });
    expect(await allowance(p1, of(p2, ONES))).toEqual({ allowance: 0n, expires_at: [] });
    expect([await balance(p1), await balance(p2), await balance(p2, ONES)]).toEqual([fee, 0n, 0n]);
    expect(await approve(of(p2, ONES), 2n * fee)).toHaveProperty('Ok');
    expect((await allowance(p1, of(p2))).allowance).toBe(fee);
    expect((await allowance(p1, of(p2, ONES))).allowance).toBe(2n * fee);
    expect(await balance(p1)).toBe(0n);
    expect(await approve(of(p2), 3n * fee)).toEqual({ Err: { InsufficientFunds: { balance: 0n } } });
});

test('icrc2:approve_expiration', async () => {
    const p1 = await setup(2n * fee);
    const p2 = fork();
    const approve = (expiry: bigint) => ledger.as(p1).icrc2_approve(approveArgs(of(p2), fee, { expires_at: [expiry] }));
    expect(await approve((await ledger.nowNs()) - 1n)).toHaveProperty('Err.Expired');
    expect(await allowance(p1, of(p2))).toEqual({ allowance: 0n, expires_at: [] });
    expect(await balance(p1)).toBe(2n * fee);
    for (const expiry of [2n ** 64n - 1n, 2n ** 64n - 2n]) {
        expect(await approve(expiry)).toHaveProperty('Ok');
        expect(await allowance(p1, of(p2))).toEqual({ allowance: fee, expires_at: [expiry] });
    }
    expect(await balance(p1)).toBe(0n);
});

test('icrc2:approve_expected_allowance', async () => {
    const p1 = await setup(2n * fee);
    const p2 = of(fork());
    const approve = (amount: bigint, expected: [] | [bigint]) =>
        ledger.as(p1).icrc2_approve(approveArgs(p2, amount, { expected_allowance: expected }));
    expect(await approve(fee, [])).toHaveProperty('Ok');
    expect(await approve(2n * fee, [2n * fee])).toEqual({ Err: { AllowanceChanged: { current_allowance: fee } } });
    expect(await balance(p1)).toBe(fee);
    expect(await approve(2n * fee, [fee])).toHaveProperty('Ok');
    expect((await allowance(p1, p2)).allowance).toBe(2n * fee);
    expect(await balance(p1)).toBe(0n);
});

test('icrc2:transfer_from', async () => {
    const p1 = await setup(4n * fee);
    const [p2, p3] = [fork(), fork()];
    expect(await ledger.as(p1).icrc2_approve(approveArgs(of(p2), 2n * fee))).toHaveProperty('Ok');
    expect(await ledger.as(p2).icrc2_transfer_from(transferFromArgs(p1, p3, fee - 1n))).toHaveProperty('Ok');
    expect([await balance(p1), await balance(p2), await balance(p3)]).toEqual([fee + 1n, 0n, fee - 1n]);
    expect((await allowance(p1, of(p2))).allowance).toBe(1n);
});

test('icrc2:transfer_from_insufficient_funds', async () => {
    const p1 = await setup(2n * fee);
    const [p2, p3] = [fork(), fork()];
    expect(await ledger.as(p1).icrc2_approve(approveArgs(of(p2), 2n * fee))).toHaveProperty('Ok');
    expect(await ledger.as(p2).icrc2_transfer_from(transferFromArgs(p1, p3, fee))).toEqual({
        Err: { InsufficientFunds: { balance: fee } }
    });
    expect([await balance(p1), await balance(p2), await balance(p3)]).toEqual([fee, 0n, 0n]);
    expect((await allowance(p1, of(p2))).allowance).toBe(2n * fee);
});

test('icrc2:transfer_from_insufficient_allowance', async () => {
    const p1 = await setup(2n * fee);
    const [p2, p3] = [fork(), fork()];
    expect(await ledger.as(p2).icrc2_transfer_from(transferFromArgs(p1, p3, fee))).toEqual({
        Err: { InsufficientAllowance: { allowance: 0n } }
    });
    expect([await balance(p1), await balance(p2), await balance(p3)]).toEqual([2n * fee, 0n, 0n]);
});

test('icrc2:transfer_from_self', async () => {
    const p1 = await setup(2n * fee);
    const p2 = fork();
    expect(await ledger.as(p1).icrc2_transfer_from(transferFromArgs(p1, p2, fee))).toHaveProperty('Ok');
    expect([await balance(p1), await balance(p2)]).toEqual([0n, fee]);
});
