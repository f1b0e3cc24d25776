/** ICRC-3 of the deployed ledger: what a client may believe of its log. */
import { HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { IcrcLedgerCanister } from '@dfinity/ledger-icrc';
import { Principal } from '@dfinity/principal';
import { decodeBlock } from '../../src/core/icrc3/block';
import { verifyChain, verifyTip } from '../../src/core/icrc3/verify';
import { toPicPrincipal } from '../support/pic_actor';
import { initArgument, named, SingleLedger, upgradeArgument, type LedgerService } from '../support/single_ledger';

const ALICE = named('alice');
const BOB = named('bob');
const FEE = 100_000n;
const SUPPLY = 100_000_000_000n;

type Account = Parameters<LedgerService['icrc1_balance_of']>[0];
const of = (owner: Principal, subaccount?: Uint8Array): Account => ({
    owner,
    subaccount: subaccount === undefined ? [] : [subaccount]
});
const payment = (to: Principal, amount: bigint) => ({
    from_subaccount: [] as [],
    to: of(to),
    amount,
    fee: [] as [],
    memo: [] as [],
    created_at_time: [] as []
});

let ledger: SingleLedger;
beforeAll(async () => {
    ledger = await SingleLedger.install(initArgument({ initial_balances: [[[of(ALICE), SUPPLY]]] }));
});
afterAll(() => ledger.close());

const anyone = (): LedgerService => ledger.as(named('anyone'));
const blocks = (...args: { start: bigint; length: bigint }[]) => anyone().icrc3_get_blocks(args);
const ids = async (...args: { start: bigint; length: bigint }[]) => (await blocks(...args)).blocks.map(({ id }) => id);
const range = (start: number, end: number) => Array.from({ length: end - start }, (_, i) => BigInt(start + i));

/** The tip as a client proves it to itself, with nothing but the network's root key. */
async function provenTip() {
    const [answer] = await anyone().icrc3_get_tip_certificate();
    const [subnet] = await ledger.pic.getApplicationSubnets();
    if (answer === undefined || subnet === undefined) throw new Error('no tip certificate');
    const verified = verifyTip(
        { certificate: Uint8Array.from(answer.certificate), hash_tree: Uint8Array.from(answer.hash_tree) },
        {
            rootKeyDer: new Uint8Array(await ledger.pic.getPubKey(subnet.id)),
            canisterId: ledger.id.toUint8Array(),
            nowNs: await ledger.nowNs(),
            maxAgeNs: 300_000_000_000n,
            maxAheadNs: 300_000_000_000n
        }
    );
    return verified.ok ? verified.value.tip : verified.error;
}

test('genesis is block 0: it has no parent, and it is certified', async () => {
    await ledger.pic.tick(2);
    const {
        log_length,
        blocks: [genesis],
        archived_blocks
    } = await blocks({ start: 0n, length: 10n });
    expect([log_length, genesis?.id, archived_blocks]).toEqual([1n, 0n, []]);
    const decoded = genesis && decodeBlock(genesis.block);
    expect(decoded).toMatchObject({ ok: true, value: { type: '1mint', amount: SUPPLY, to: { owner: ALICE } } });
    expect(decoded?.ok && decoded.value.parentHash).toBeUndefined();
    expect(await provenTip()).toMatchObject({ index: 0n });
});

test('the certificate follows the log, and an upgrade changes nothing', async () => {
    for (let i = 1n; i <= 120n; i++) {
        expect(await ledger.as(ALICE).icrc1_transfer(payment(BOB, i * FEE))).toEqual({ Ok: i });
    }
    await ledger.pic.tick(2);
    const log = async () => {
        const pages = [await blocks({ start: 0n, length: 100n }), await blocks({ start: 100n, length: 100n })];
        return pages.flatMap((page) => page.blocks);
    };
    const before = await log();
    expect(before.map(({ id }) => id)).toEqual(range(0, 121));
    const tip = await provenTip();
    if (typeof tip === 'string') throw new Error(tip);
    expect(tip.index).toBe(120n);
    expect(verifyChain(before, tip)).toEqual({ ok: true, value: tip.hash });
    await ledger.upgrade();
    expect(await log()).toEqual(before);
    expect(await provenTip()).toEqual(tip);
});

test('a new block is shown at once, and certified a round later at the latest', async () => {
    expect(await ledger.as(ALICE).icrc1_transfer(payment(BOB, 1n))).toEqual({ Ok: 121n });
    const [block] = (await blocks({ start: 121n, length: 1n })).blocks;
    const parent = (await blocks({ start: 120n, length: 1n })).blocks;
    expect(verifyChain([...parent, ...(block ? [block] : [])]).ok).toBe(true);
    const fields = { log_length: IDL.Nat, blocks: IDL.Vec(IDL.Record({ id: IDL.Nat })) };
    const range = IDL.Vec(IDL.Record({ start: IDL.Nat, length: IDL.Nat }));
    const sender = toPicPrincipal(ALICE);
    const call = { canisterId: toPicPrincipal(ledger.id), sender, method: 'icrc3_get_blocks' };
    const arg = new Uint8Array(IDL.encode([range], [[{ start: 121n, length: 1n }]]));
    const certified = IDL.decode([IDL.Record(fields)], await ledger.pic.updateCall({ ...call, arg }));
    expect(certified).toEqual([{ log_length: 122n, blocks: [{ id: 121n }] }]);
    await ledger.pic.tick(2);
    expect(await provenTip()).toMatchObject({ index: 121n });
});

test('ranges: clipped, of any size, repeated as asked for, 100 blocks over all of them in their order', async () => {
    expect(await ids()).toEqual([]);
    expect(await ids({ start: 500n, length: 3n })).toEqual([]);
    expect(await ids({ start: 0n, length: 0n })).toEqual([]);
    expect(await ids({ start: 2n ** 70n, length: 2n ** 90n })).toEqual([]);
    expect(await ids({ start: 120n, length: 2n ** 90n })).toEqual([120n, 121n]);
    expect(await ids({ start: 0n, length: 2n }, { start: 1n, length: 2n })).toEqual([0n, 1n, 1n, 2n]);
    expect(await ids({ start: 0n, length: 50n }, { start: 10n, length: 1_000n })).toEqual([
        ...range(0, 50),
        ...range(10, 60)
    ]);
    expect((await blocks({ start: 500n, length: 3n })).log_length).toBe(122n);
});

test('in an update call there is no certificate, and blocks are the same', async () => {
    const sender = toPicPrincipal(BOB);
    const call = { canisterId: toPicPrincipal(ledger.id), sender };
    const empty = new Uint8Array(IDL.encode([], []));
    const tip = await ledger.pic.updateCall({ ...call, method: 'icrc3_get_tip_certificate', arg: empty });
    const blob = IDL.Vec(IDL.Nat8);
    expect(IDL.decode([IDL.Opt(IDL.Record({ certificate: blob, hash_tree: blob }))], tip)).toEqual([[]]);
    const older = await ledger.pic.updateCall({ ...call, method: 'get_data_certificate', arg: empty });
    expect(IDL.decode([IDL.Record({ certificate: IDL.Opt(blob) })], older)).toEqual([{ certificate: [] }]);
});

test('the older names show the same blocks, with their numbers as nat64', async () => {
    const {
        first_index,
        chain_length,
        certificate,
        blocks: shown
    } = await anyone().get_blocks({ start: 119n, length: 9n });
    expect([first_index, chain_length, certificate.length, shown.length]).toEqual([119n, 122n, 1, 3]);
    const [block] = shown;
    expect(block && 'Map' in block && new Map(block.Map).get('fee')).toEqual({ Nat64: FEE });
    expect((await anyone().get_data_certificate()).certificate).toHaveLength(1);
    expect(await anyone().archives()).toEqual([]);
    expect(await anyone().icrc3_get_archives({ from: [] })).toEqual([]);
    expect((await anyone().icrc3_supported_block_types()).map(({ block_type }) => block_type)).toEqual([
        '1burn',
        '1mint',
        '1xfer',
        '2approve',
        '2xfer',
        '107feecol'
    ]);
});

test('the fee collector: set by a controller, written into the log, paid from then on', async () => {
    const collector = named('collector');
    const created_at_time = await ledger.nowNs();
    const set = (account: Account | undefined, caller = ledger.controller) =>
        ledger.as(caller).icrc107_set_fee_collector({ fee_collector: account ? [account] : [], created_at_time });
    expect(await set(of(collector), ALICE)).toHaveProperty('Err.AccessDenied');
    expect(await set(of(Principal.anonymous()))).toHaveProperty('Err.InvalidAccount');
    expect(await set(of(ledger.id))).toHaveProperty('Err.InvalidAccount');
    expect(await set(of(collector, new Uint8Array(31)))).toHaveProperty('Err.InvalidAccount');
    expect(await anyone().icrc107_get_fee_collector()).toEqual({ Ok: [] });
    expect(await set(of(collector))).toEqual({ Ok: 122n });
    expect(await set(of(collector))).toEqual({ Err: { Duplicate: { duplicate_of: 122n } } });
    expect(await anyone().icrc107_get_fee_collector()).toEqual({ Ok: [of(collector)] });
    const supply = await anyone().icrc1_total_supply();
    await ledger.as(ALICE).icrc1_transfer(payment(BOB, 5n));
    expect(await anyone().icrc1_balance_of(of(collector))).toBe(FEE);
    expect(await anyone().icrc1_total_supply()).toBe(supply);
    const [block] = (await blocks({ start: 122n, length: 1n })).blocks;
    expect(block && decodeBlock(block.block)).toMatchObject({
        value: {
            type: '107feecol',
            feeCollector: { owner: collector },
            caller: ledger.controller,
            createdAtNs: created_at_time
        }
    });
    await ledger.upgrade();
    expect(await anyone().icrc107_get_fee_collector()).toEqual({ Ok: [of(collector)] });
    const { transactions } = await anyone().get_transactions({ start: 122n, length: 1n });
    expect(transactions[0]).toMatchObject({ kind: '107feecol', fee_collector: [{ fee_collector: [of(collector)] }] });
});

test('a fee collector may be named at installation, and changed by an upgrade', async () => {
    const collector = named('collector');
    const fields = { initial_balances: [[[of(ALICE), SUPPLY]]], fee_collector_account: [of(collector)] };
    const other = await SingleLedger.install(initArgument(fields));
    const page = await other.as(ALICE).icrc3_get_blocks([{ start: 0n, length: 9n }]);
    const types = page.blocks.map(({ block }) => decodeBlock(block)).map((block) => block.ok && block.value.type);
    expect(types).toEqual(['107feecol', '1mint']);
    await other.as(ALICE).icrc1_transfer(payment(BOB, 5n));
    expect(await other.as(BOB).icrc1_balance_of(of(collector))).toBe(FEE);
    await other.upgrade(upgradeArgument({ change_fee_collector: [{ Unset: null }] }));
    expect(await other.as(BOB).icrc107_get_fee_collector()).toEqual({ Ok: [] });
    await other.as(ALICE).icrc1_transfer(payment(BOB, 5n));
    expect(await other.as(BOB).icrc1_total_supply()).toBe(SUPPLY - FEE);
    const minter = upgradeArgument({ change_fee_collector: [{ SetTo: of(other.id) }] });
    await expect(other.upgrade(minter)).rejects.toThrow('invalid_fee_collector');
    await other.close();
});

test('@dfinity/ledger-icrc reads the blocks through a verifying agent, certified and not', async () => {
    const identity = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(7));
    const host = `http://127.0.0.1:${await ledger.pic.makeLive()}`;
    const agent = await HttpAgent.create({ host, identity, shouldFetchRootKey: true, verifyQuerySignatures: true });
    const client = IcrcLedgerCanister.create({ agent, canisterId: ledger.id });
    for (const certified of [false, true]) {
        const page = await client.getBlocks({ certified, args: [{ start: 120n, length: 2n }] });
        expect(page.blocks.map(({ id }) => id)).toEqual([120n, 121n]);
    }
    await ledger.pic.stopLive();
});
