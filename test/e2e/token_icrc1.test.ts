/** The EMC ledger as it is deployed: genesis, upgrades, strangers, hostile input, and the client that wallets use. */
import { HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { IcrcLedgerCanister, IcrcTransferError } from '@dfinity/ledger-icrc';
import { Principal } from '@dfinity/principal';
import { officialInit, officialUpgrade } from '../../bench/ledger/official_init';
import { purseAccount } from '../../src/core/tokenomics/pools';
import { S2_2100M } from '../../src/core/tokenomics/profiles';
import { toPicPrincipal } from '../support/pic_actor';
import { initArgument, named, SingleLedger, upgradeArgument } from '../support/single_ledger';

const ALICE = named('alice');
const BOB = named('bob');
const REWARDS = named('rewards');
const FEE = 100_000n;

type Transfer = Parameters<ReturnType<SingleLedger['as']>['icrc1_transfer']>[0];

const of = (owner: Principal, subaccount?: Uint8Array): Transfer['to'] => ({
    owner,
    subaccount: subaccount === undefined ? [] : [subaccount]
});

function transferArg(to: Principal, amount: bigint, options: Partial<Transfer> = {}): Transfer {
    return { from_subaccount: [], to: of(to), amount, fee: [], memo: [], created_at_time: [], ...options };
}

const approval = (spender: Principal, amount: bigint, expiresAtNs?: bigint) => ({
    from_subaccount: [] as [],
    spender: of(spender),
    amount,
    expected_allowance: [] as [],
    expires_at: (expiresAtNs === undefined ? [] : [expiresAtNs]) as [] | [bigint],
    fee: [] as [],
    memo: [] as [],
    created_at_time: [] as []
});

let ledger: SingleLedger;
const open: SingleLedger[] = [];
afterEach(() => open.pop()?.close());

async function install(arg?: Uint8Array): Promise<SingleLedger> {
    ledger = await SingleLedger.install(arg);
    open.push(ledger);
    return ledger;
}

/** A ledger on which Alice holds 1 000 EMC. */
async function withAlice(fields: object = {}): Promise<SingleLedger> {
    const initial_balances = [[[of(ALICE), 100_000_000_000n]]];
    return install(initArgument({ initial_balances, ...fields }));
}

/** Everything that a refused request must leave as it was. */
async function snapshot(): Promise<unknown> {
    const anyone = ledger.as(named('anyone'));
    return {
        alice: await anyone.icrc1_balance_of(of(ALICE)),
        bob: await anyone.icrc1_balance_of(of(BOB)),
        supply: await anyone.icrc1_total_supply(),
        allowance: await anyone.icrc2_allowance({ account: of(ALICE), spender: of(BOB) }),
        metadata: await anyone.icrc1_metadata(),
        log: await anyone.get_transactions({ start: 0n, length: 1_000n }),
        peers: await anyone.get_peers()
    };
}

test('the default installation waits for the rewards canister, then mints the profile once', async () => {
    await install();
    const anyone = ledger.as(named('anyone'));
    expect([await anyone.is_ledger_ready(), await anyone.icrc1_total_supply()]).toEqual([false, 0n]);
    expect(await anyone.icrc3_get_tip_certificate()).toEqual([]);
    expect(await ledger.nameRewards(REWARDS)).toEqual({ Ok: null });
    expect(await anyone.is_ledger_ready()).toBe(true);
    expect(await anyone.icrc1_total_supply()).toBe(S2_2100M.totalSupplyE8s);
    for (const { pool, amountE8s } of S2_2100M.allocations) {
        const { owner, subaccount } = purseAccount(REWARDS, pool);
        const account = pool === 'public' ? of(ledger.controller) : of(owner, subaccount);
        expect([pool, await anyone.icrc1_balance_of(account)]).toEqual([pool, amountE8s]);
    }
    expect(await ledger.nameRewards(named('other rewards'))).toEqual({ Err: { Unauthorized: null } });
    expect(await ledger.nameRewards(named('other rewards'), REWARDS)).toEqual({ Ok: null });
    await ledger.upgrade();
    expect(await anyone.icrc1_total_supply()).toBe(S2_2100M.totalSupplyE8s);
    expect(await anyone.icrc1_minting_account()).toEqual([of(ledger.id)]);
});

test('a rewards canister that is known at installation gets its pools at once', async () => {
    const fields = { profile: ['s3_1000m'], rewards: [REWARDS], public: [of(BOB)] };
    await install(initArgument(fields));
    const anyone = ledger.as(named('anyone'));
    expect(await anyone.icrc1_total_supply()).toBe(100_000_000_000_000_000n);
    expect(await anyone.icrc1_balance_of(of(BOB))).toBe(10_000_000_000_000_000n);
});

test.each([
    ['unknown_profile', initArgument({ profile: ['nope'] })],
    ['reserved_metadata_key', initArgument({ metadata: [[['icrc1:fee', { Nat: 1n }]]] })],
    ['malformed_subaccount', initArgument({ minting_account: [of(ALICE, new Uint8Array(31))] })],
    ['unsupported_feature', initArgument({ feature_flags: [{ icrc2: true, icrc152: [true] }] })],
    ['upgrade_arguments_at_install', upgradeArgument({})]
])('an installation is refused with %s', async (kind, arg) => {
    await expect(SingleLedger.install(arg)).rejects.toThrow(kind);
});

test('an upgrade in the middle keeps balances, allowances, log, and what was seen in the last day', async () => {
    await withAlice();
    const createdAt = await ledger.nowNs();
    const payment = transferArg(BOB, 5_000_000n, { created_at_time: [createdAt], memo: [Uint8Array.of(7)] });
    expect(await ledger.as(ALICE).icrc1_transfer(payment)).toEqual({ Ok: 1n });
    const expiry = createdAt + 3_600_000_000_000n;
    expect(await ledger.as(ALICE).icrc2_approve(approval(BOB, 9_000_000n, expiry))).toEqual({ Ok: 2n });
    const before = await snapshot();
    await ledger.upgrade();
    expect(await snapshot()).toEqual(before);
    expect(await ledger.as(ALICE).icrc1_transfer(payment)).toEqual({ Err: { Duplicate: { duplicate_of: 1n } } });
    await ledger.pic.advanceTime(3_600_000);
    await ledger.pic.tick();
    expect(await ledger.as(BOB).icrc2_allowance({ account: of(ALICE), spender: of(BOB) })).toEqual({
        allowance: 0n,
        expires_at: []
    });
    expect(await ledger.as(ALICE).icrc1_transfer(transferArg(BOB, 1n))).toEqual({ Ok: 3n });
});

test('an upgrade changes the settings that it names; a refused upgrade changes nothing', async () => {
    await withAlice();
    const metadata: [string, { Text: string }][] = [['icrc1:logo', { Text: 'data:,x' }]];
    await ledger.upgrade(upgradeArgument({ token_name: ['New'], transfer_fee: [5n], metadata: [metadata] }));
    const anyone = ledger.as(named('anyone'));
    expect([await anyone.icrc1_name(), await anyone.icrc1_fee(), await anyone.icrc1_symbol()]).toEqual([
        'New',
        5n,
        'EMC'
    ]);
    expect((await anyone.icrc1_metadata())[0]).toEqual(metadata[0]);
    const before = await snapshot();
    await expect(ledger.upgrade(upgradeArgument({ max_memo_length: [31], token_name: ['Worse'] }))).rejects.toThrow(
        'memo_limit_shrinks'
    );
    expect(await snapshot()).toEqual(before);
    await ledger.upgrade(initArgument({ token_name: ['Ignored'], initial_balances: [[[of(BOB), 1n]]] }));
    expect(await snapshot()).toEqual(before);
});

test("the official ledger's arguments install ours and upgrade it", async () => {
    await install(officialInit(of(BOB), [ALICE, REWARDS]));
    const anyone = ledger.as(named('anyone'));
    const held = 10n ** 12n;
    expect(await anyone.icrc1_minting_account()).toEqual([of(BOB)]);
    expect(await anyone.icrc1_balance_of(of(ALICE))).toBe(held);
    expect(await anyone.icrc1_total_supply()).toBe(2n * held);
    await ledger.upgrade(officialUpgrade('Renamed', 7n, of(REWARDS)));
    expect([await anyone.icrc1_name(), await anyone.icrc1_fee(), await anyone.icrc1_symbol()]).toEqual([
        'Renamed',
        7n,
        'EMC'
    ]);
    expect(await anyone.icrc107_get_fee_collector()).toEqual({ Ok: [of(REWARDS)] });
    expect(await anyone.icrc106_get_index_principal()).toEqual({ Ok: REWARDS });
    expect(new Map(await anyone.icrc1_metadata()).get('icrc106:index_principal')).toEqual({ Text: REWARDS.toText() });
    const standards = (await anyone.icrc1_supported_standards()).map(({ name }) => name);
    expect(standards).toContain('ICRC-2');
    expect(await ledger.as(ALICE).icrc2_allowance({ account: of(ALICE), spender: of(BOB) })).toMatchObject({
        allowance: 0n
    });
    expect(await ledger.as(BOB).icrc1_transfer(transferArg(ALICE, 1n))).toEqual({ Ok: 3n });
    expect(await anyone.icrc1_balance_of(of(ALICE))).toBe(held + 1n);
});

test('strangers and the anonymous principal cannot name peers', async () => {
    await install();
    for (const stranger of [ALICE, Principal.anonymous(), REWARDS]) {
        expect(await ledger.nameRewards(stranger, stranger)).toEqual({ Err: { Unauthorized: null } });
    }
    const anyone = ledger.as(ALICE);
    expect(await anyone.icrc1_total_supply()).toBe(0n);
    expect((await anyone.get_peers()).rewards).toEqual([]);
});

const transferTypes = IDL.Record({
    to: IDL.Record({ owner: IDL.Principal, subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)) }),
    amount: IDL.Nat
});
const wellFormed = new Uint8Array(IDL.encode([transferTypes], [{ to: of(BOB), amount: 5n }]));

test.each([
    ['nothing', new Uint8Array(0)],
    ['no Candid at all', Uint8Array.of(1, 2, 3, 4, 5)],
    ['no arguments', new Uint8Array(IDL.encode([], []))],
    ['another type', new Uint8Array(IDL.encode([IDL.Text], ['give me all']))],
    ['a negative amount', new Uint8Array(IDL.encode([IDL.Record({ amount: IDL.Int })], [{ amount: -1n }]))],
    ['a truncated record', wellFormed.slice(0, -2)],
    ['a type table that refers to itself', Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 1, 0x6e, 0, 1, 0, 1, 1, 1)]
])('a transfer whose argument is %s is rejected and changes nothing', async (_, arg) => {
    await withAlice();
    const before = await snapshot();
    const call = {
        canisterId: toPicPrincipal(ledger.id),
        sender: toPicPrincipal(ALICE),
        method: 'icrc1_transfer',
        arg
    };
    await expect(ledger.pic.updateCall(call)).rejects.toThrow(/CanisterCalledTrap|CanisterRejectedMessage/);
    expect(await snapshot()).toEqual(before);
    expect(await ledger.as(ALICE).icrc1_transfer(transferArg(BOB, 1n))).toHaveProperty('Ok');
});

test('a message that is longer than any sensible one is refused before it is executed', async () => {
    await withAlice();
    const wide = IDL.Record({ ...Object.fromEntries(transferTypes._fields), surprise: IDL.Text });
    const arg = new Uint8Array(IDL.encode([wide], [{ to: of(BOB), amount: 5n, surprise: '?'.repeat(2_000) }]));
    const call = { canisterId: toPicPrincipal(ledger.id), sender: toPicPrincipal(ALICE), arg };
    for (const method of ['icrc1_transfer', 'icrc1_balance_of', 'upload_archive_chunk']) {
        await expect(ledger.pic.updateCall({ ...call, method })).rejects.toThrow('CanisterRejectedMessage');
    }
});

test('optional fields may be left out of the encoding, unknown ones are ignored', async () => {
    await withAlice();
    const call = { canisterId: toPicPrincipal(ledger.id), sender: toPicPrincipal(ALICE), method: 'icrc1_transfer' };
    await ledger.pic.updateCall({ ...call, arg: wellFormed });
    const wider = IDL.Record({ ...Object.fromEntries(transferTypes._fields), surprise: IDL.Text });
    const arg = new Uint8Array(IDL.encode([wider], [{ to: of(BOB), amount: 5n, surprise: '?' }]));
    await ledger.pic.updateCall({ ...call, arg });
    expect(await ledger.as(ALICE).icrc1_balance_of(of(BOB))).toBe(10n);
});

test("a user's mistakes are answered by codes and change nothing", async () => {
    await withAlice();
    const alice = ledger.as(ALICE);
    const short = new Uint8Array(31);
    const before = await snapshot();
    const code = (error_code: bigint) => ({ Err: { GenericError: expect.objectContaining({ error_code }) } });
    expect(await alice.icrc1_transfer(transferArg(BOB, 1n, { memo: [new Uint8Array(33)] }))).toEqual(code(1n));
    expect(await alice.icrc1_transfer(transferArg(BOB, 1n, { to: of(BOB, short) }))).toEqual(code(2n));
    expect(await alice.icrc1_transfer(transferArg(BOB, 1n, { from_subaccount: [short] }))).toEqual(code(2n));
    expect(await alice.icrc2_approve({ ...approval(BOB, 1n), spender: of(BOB, short) })).toEqual(code(2n));
    expect(await alice.icrc2_approve(approval(BOB, 2n ** 2040n))).toEqual(code(3n));
    expect(await alice.icrc2_approve(approval(ALICE, 1n))).toEqual(code(4n));
    expect(await alice.icrc1_balance_of(of(ALICE, short))).toBe(0n);
    expect(await alice.icrc2_allowance({ account: of(ALICE, short), spender: of(BOB) })).toEqual({
        allowance: 0n,
        expires_at: []
    });
    expect(await snapshot()).toEqual(before);
});

test('queries answer as update calls too', async () => {
    await withAlice();
    const call = { canisterId: toPicPrincipal(ledger.id), sender: toPicPrincipal(BOB), method: 'icrc1_total_supply' };
    const answer = await ledger.pic.updateCall({ ...call, arg: new Uint8Array(IDL.encode([], [])) });
    expect(IDL.decode([IDL.Nat], answer)).toEqual([100_000_000_000n]);
});

test('the log shows every kind of transaction with the fee that was charged', async () => {
    await withAlice();
    const [minter] = await ledger.as(BOB).icrc1_minting_account();
    await ledger.as(ALICE).icrc1_transfer(transferArg(BOB, 3_000_000n));
    await ledger.as(ALICE).icrc2_approve(approval(BOB, 2_000_000n));
    const none = { spender_subaccount: [] as [], fee: [] as [], memo: [] as [], created_at_time: [] as [] };
    await ledger.as(BOB).icrc2_transfer_from({ ...none, from: of(ALICE), to: of(BOB), amount: 4n });
    expect(minter).toBeDefined();
    if (minter) await ledger.as(BOB).icrc1_transfer({ ...transferArg(BOB, FEE), to: minter });
    const { log_length, first_index, transactions } = await ledger.as(BOB).get_transactions({ start: 0n, length: 10n });
    expect([log_length, first_index]).toEqual([5n, 0n]);
    expect(transactions.map(({ kind }) => kind)).toEqual(['mint', 'transfer', 'approve', 'transfer', 'burn']);
    expect(transactions[1]?.transfer[0]).toMatchObject({ amount: 3_000_000n, fee: [FEE], spender: [] });
    expect(transactions[2]?.approve[0]).toMatchObject({ amount: 2_000_000n, fee: [FEE], expires_at: [] });
    expect(transactions[3]?.transfer[0]).toMatchObject({ amount: 4n, spender: [of(BOB)] });
});

test('monitoring answers health and metrics', async () => {
    await withAlice();
    const get = (url: string) =>
        ledger
            .as(BOB)
            .http_request({ method: 'GET', url, headers: [], body: new Uint8Array(0), certificate_version: [] });
    expect((await get('/health')).status_code).toBe(200);
    const metrics = new TextDecoder().decode(Uint8Array.from((await get('/metrics')).body));
    expect(metrics).toContain('\nledger_total_supply 100000000000\n');
    expect(metrics).toContain('\nledger_total_transactions 1\n');
});

test('@dfinity/ledger-icrc works over a verifying agent, certified and not', async () => {
    const identity = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(9));
    const me = identity.getPrincipal();
    await install(initArgument({ initial_balances: [[[of(me), 100_000_000_000n]]] }));
    const host = `http://127.0.0.1:${await ledger.pic.makeLive()}`;
    const agent = await HttpAgent.create({ host, identity, shouldFetchRootKey: true, verifyQuerySignatures: true });
    const client = IcrcLedgerCanister.create({ agent, canisterId: ledger.id });
    for (const certified of [false, true]) {
        expect(await client.balance({ owner: me, certified })).toBe(100_000_000_000n);
        expect(await client.transactionFee({ certified })).toBe(FEE);
        expect(await client.totalTokensSupply({ certified })).toBe(100_000_000_000n);
        expect(new Map(await client.metadata({ certified })).get('icrc1:symbol')).toEqual({ Text: 'EMC' });
    }
    expect(await client.transfer({ to: of(BOB), amount: 5_000_000n, memo: Uint8Array.of(1) })).toBe(1n);
    expect(await client.balance({ owner: BOB, certified: true })).toBe(5_000_000n);
    expect(await client.approve({ spender: of(BOB), amount: 7n })).toBe(2n);
    expect(await client.allowance({ account: of(me), spender: of(BOB), certified: true })).toEqual({
        allowance: 7n,
        expires_at: []
    });
    expect(await client.transferFrom({ from: of(me), to: of(BOB), amount: 3n })).toBe(3n);
    const refused = await client.transfer({ to: of(BOB), amount: 10n ** 30n }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(IcrcTransferError);
    expect(refused).toMatchObject({ errorType: { InsufficientFunds: {} } });
    await ledger.pic.stopLive();
});
