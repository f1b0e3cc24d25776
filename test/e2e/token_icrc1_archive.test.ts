/** The ledger's archives: created, fed and read without a transfer ever noticing. */
import type { ActorMethod } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { verifyChain } from '../../src/core/icrc3/verify';
import { idlFactory, type _SERVICE } from '../../src/declarations/token_icrc1';
import { ARCHIVE_OPTIONS, giveArchiveModule } from '../support/ledger_archives';
import { picActor, toPicPrincipal } from '../support/pic_actor';
import { initArgument, named, SingleLedger, upgradeArgument, type LedgerService } from '../support/single_ledger';

const ALICE = named('alice');
const BOB = named('bob');
const FEE = 100_000n;

const of = (owner: Principal) => ({ owner, subaccount: [] as [] });
const payment = (amount: bigint) => ({
    from_subaccount: [] as [],
    to: of(BOB),
    amount,
    fee: [] as [],
    memo: [] as [],
    created_at_time: [] as []
});
const options = (fields: object = {}) => ({ ...ARCHIVE_OPTIONS, ...fields });

let ledger: SingleLedger;
const anyone = (): LedgerService => ledger.as(named('anyone'));
const open: SingleLedger[] = [];
afterEach(() => open.pop()?.close());

async function install(archive_options = options()): Promise<void> {
    const initial_balances = [[of(ALICE), 100_000_000_000n]];
    ledger = await SingleLedger.install(
        initArgument({ initial_balances: [initial_balances], archive_options: [archive_options] })
    );
    open.push(ledger);
}

const giveModule = () => giveArchiveModule(ledger.as(ledger.controller));

async function transfers(count: number): Promise<void> {
    const first = (await anyone().icrc3_get_blocks([])).log_length;
    for (let i = 0; i < count; i++) {
        expect(await ledger.as(ALICE).icrc1_transfer(payment(BigInt(i)))).toEqual({ Ok: first + BigInt(i) });
    }
}

/** Lets timers run for a while. */
async function settle(seconds = 0): Promise<void> {
    if (seconds > 0) await ledger.pic.advanceTime(seconds * 1_000);
    await ledger.pic.tick(40);
}

/** All blocks, the archived ones from their archives, as a client that follows the callbacks gets them. */
async function everything() {
    const length = (await anyone().icrc3_get_blocks([])).log_length;
    const answer = await anyone().icrc3_get_blocks([{ start: 0n, length }]);
    const archived = await Promise.all(
        answer.archived_blocks.map(({ args, callback: [canister, method] }) => {
            expect(method).toBe('icrc3_get_blocks');
            return archive(canister).icrc3_get_blocks(args);
        })
    );
    return [...archived.flatMap(({ blocks }) => blocks), ...answer.blocks];
}

interface Range {
    start: bigint;
    length: bigint;
}
interface Appending {
    append_blocks: ActorMethod<[object], unknown>;
}
interface OlderQueries {
    get_transactions: ActorMethod<[Range], { transactions: unknown[] }>;
    get_blocks: ActorMethod<[Range], { blocks: unknown[] }>;
}

/** Of an archive's older queries, how many they answer. */
const olderQueries = () => {
    const range = IDL.Record({ start: IDL.Nat, length: IDL.Nat });
    return IDL.Service({
        get_transactions: IDL.Func([range], [IDL.Record({ transactions: IDL.Vec(IDL.Reserved) })], ['query']),
        get_blocks: IDL.Func([range], [IDL.Record({ blocks: IDL.Vec(IDL.Reserved) })], ['query'])
    });
};

const appending = () => {
    const blob = IDL.Vec(IDL.Nat8);
    const blocks = IDL.Vec(IDL.Record({ block: blob, hash: blob }));
    const sent = IDL.Record({ start: IDL.Nat64, parent_hash: IDL.Opt(blob), blocks });
    const answer = IDL.Variant({ Ok: IDL.Nat64, Err: IDL.Variant({ NotLedger: IDL.Null }) });
    return IDL.Service({ append_blocks: IDL.Func([sent], [answer], []) });
};

const archive = (canister: Principal) => picActor<_SERVICE>(ledger.pic, idlFactory, canister, named('anyone'));

test('old blocks move to archives, the log stays whole, and every range is covered once', async () => {
    await install();
    await giveModule();
    await transfers(79);
    const before = (await anyone().icrc3_get_blocks([{ start: 0n, length: 100n }])).blocks.length;
    expect(before).toBeGreaterThan(0);
    await settle();
    const archives = await anyone().icrc3_get_archives({ from: [] });
    expect(archives.map(({ start, end }) => [start, end])).toEqual([
        [0n, 29n],
        [30n, 59n]
    ]);
    const blocks = await everything();
    expect(blocks.map(({ id }) => id)).toEqual(Array.from({ length: 80 }, (_, i) => BigInt(i)));
    expect(verifyChain(blocks).ok).toBe(true);
    expect(await anyone().icrc3_get_archives({ from: [archives[0]!.canister_id] })).toEqual(archives.slice(1));
    expect(await anyone().icrc3_get_archives({ from: [archives[1]!.canister_id] })).toEqual([]);
    expect(await anyone().archives()).toHaveLength(2);
    const older = await anyone().get_transactions({ start: 0n, length: 80n });
    expect([older.first_index, older.transactions.length]).toEqual([60n, 20]);
    expect(older.archived_transactions.map(({ start, length }) => [start, length])).toEqual([
        [0n, 30n],
        [30n, 30n]
    ]);
    const [crossing] = (await anyone().icrc3_get_blocks([{ start: 25n, length: 10n }])).archived_blocks;
    expect(crossing?.args).toEqual([{ start: 25n, length: 5n }]);
    const answer = await anyone().get_account_transactions({ account: of(ALICE), start: [], max_results: 1_000n });
    const history = 'Ok' in answer ? answer.Ok.transactions : [];
    expect(history.map(({ id }) => id)).toEqual(Array.from({ length: 80 }, (_, i) => BigInt(79 - i)));
    expect(history.map(({ transaction }) => transaction.transfer[0]?.amount)).toEqual([
        ...Array.from({ length: 79 }, (_, i) => BigInt(78 - i)),
        undefined
    ]);
    const here = archive(archives[0]!.canister_id);
    expect(await here.icrc3_get_archives({ from: [] })).toEqual([]);
    expect(await here.icrc3_get_tip_certificate()).toEqual([]);
    await ledger.upgrade();
    await settle();
    expect(await everything()).toEqual(blocks);
});

test('without code for archives nothing moves, and transfers work all the same', async () => {
    await install();
    await transfers(40);
    await settle();
    expect(await anyone().icrc3_get_archives({ from: [] })).toEqual([]);
    expect(await everything()).toHaveLength(41);
    await giveModule();
    await settle();
    expect(await anyone().icrc3_get_archives({ from: [] })).toHaveLength(1);
    expect(await everything()).toHaveLength(41);
});

test('an archive that cannot be made is asked for again later; nothing is lost, no transfer fails', async () => {
    await install(options({ cycles_for_archive_creation: [10n ** 19n] }));
    await giveModule();
    await transfers(30);
    await settle(5);
    await transfers(5);
    await settle(10);
    expect(await anyone().icrc3_get_archives({ from: [] })).toEqual([]);
    expect(await everything()).toHaveLength(36);
    await ledger.upgrade(upgradeArgument({ change_archive_options: [options()] }));
    await settle(60);
    expect(await anyone().icrc3_get_archives({ from: [] })).toHaveLength(1);
    const blocks = await everything();
    expect(blocks).toHaveLength(36);
    expect(verifyChain(blocks).ok).toBe(true);
});

test('an archive that is stopped loses nothing: the same blocks are sent again when it runs', async () => {
    await install(options({ controller_id: [named('controller')], max_blocks_per_archive: [1_000n] }));
    await giveModule();
    await transfers(25);
    await settle();
    const [{ canister_id, end } = { canister_id: ALICE, end: 0n }] = await anyone().icrc3_get_archives({ from: [] });
    expect(end).toBe(5n);
    const target = { canisterId: toPicPrincipal(canister_id), sender: toPicPrincipal(ledger.controller) };
    await ledger.pic.stopCanister(target);
    await transfers(20);
    await settle(5);
    expect((await anyone().icrc3_get_archives({ from: [] }))[0]?.end).toBe(5n);
    await ledger.pic.startCanister(target);
    await settle(3_600);
    expect((await anyone().icrc3_get_archives({ from: [] }))[0]?.end).toBe(25n);
    const blocks = await everything();
    expect(blocks.map(({ id }) => id)).toEqual(Array.from({ length: 46 }, (_, i) => BigInt(i)));
    expect(verifyChain(blocks).ok).toBe(true);
});

test('archives get the controllers and the limit of answers that the options name; an upgrade keeps them', async () => {
    const [one, more] = [named('controller'), named('another controller')];
    await install(
        options({ controller_id: [one], more_controller_ids: [[more]], max_transactions_per_response: [4n] })
    );
    await ledger.upgrade();
    await giveModule();
    await transfers(40);
    await settle();
    const [{ canister_id } = { canister_id: ALICE }] = await anyone().icrc3_get_archives({ from: [] });
    const controllers = await ledger.pic.getControllers(toPicPrincipal(canister_id));
    expect(controllers.map(String).sort()).toEqual([ledger.id, one, more].map(String).sort());
    const asked = { start: 0n, length: 10n };
    const older = picActor<OlderQueries>(ledger.pic, olderQueries, canister_id, named('anyone'));
    expect((await older.get_transactions(asked)).transactions).toHaveLength(4);
    expect((await older.get_blocks(asked)).blocks).toHaveLength(4);
    expect((await archive(canister_id).icrc3_get_blocks([asked])).blocks).toHaveLength(10);
    expect(verifyChain(await everything()).ok).toBe(true);
});

test('only controllers may give code to archives', async () => {
    await install();
    for (const stranger of [ALICE, Principal.anonymous()]) {
        const as = ledger.as(stranger);
        expect(await as.upload_archive_chunk(new Uint8Array(8))).toEqual({ Err: { NotController: null } });
        expect(await as.set_archive_module({ hash: new Uint8Array(32), chunks: [] })).toEqual({
            Err: { NotController: null }
        });
    }
});

test('nobody but its ledger gives an archive blocks, its controllers included', async () => {
    await install(options({ controller_id: [named('controller')] }));
    await giveModule();
    await transfers(25);
    await settle();
    const [{ canister_id, end } = { canister_id: ALICE, end: 0n }] = await anyone().icrc3_get_archives({ from: [] });
    const forged = { block: new Uint8Array(9), hash: new Uint8Array(32) };
    for (const stranger of [ALICE, ledger.controller, Principal.anonymous()]) {
        const as = picActor<Appending>(ledger.pic, appending, canister_id, stranger);
        const sent = { start: end + 1n, parent_hash: [] as [], blocks: [forged] };
        expect(await as.append_blocks(sent)).toEqual({ Err: { NotLedger: null } });
    }
    expect((await archive(canister_id).icrc3_get_blocks([{ start: end + 1n, length: 1n }])).blocks).toEqual([]);
});

test('a balance moves as long as it is there, whatever archives do', async () => {
    await install();
    await giveModule();
    await transfers(60);
    await settle();
    const spent = Array.from({ length: 60 }, (_, i) => BigInt(i)).reduce((sum, amount) => sum + amount + FEE, 0n);
    expect(await anyone().icrc1_balance_of(of(ALICE))).toBe(100_000_000_000n - spent);
});
