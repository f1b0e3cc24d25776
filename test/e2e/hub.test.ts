/** The hub on a network with the real ledger, rewards and state machine: one story, upgrades, outages, strangers. */
import { Principal } from '@dfinity/principal';
import type { _SERVICE } from '../../src/declarations/hub';
import { sha256 } from '../../src/core/hash';
import { DEFAULT_PROFILE } from '../../src/core/tokenomics/profiles';
import { accepted, code, holderOf, idOf, Refused } from '../support/compute_market';
import { playGateway, reportNode, tag } from '../support/hub_books';
import { toPicPrincipal, type PicActor } from '../support/pic_actor';
import { deploySuite, type Suite } from '../support/suite';

type Hub = PicActor<_SERVICE>;

const account = (owner: Principal) => ({ owner, subaccount: [] as [] });

const GATEWAY = idOf('gateway');
const WALLET = idOf('wallet');
const NODE = idOf('node');
const PRICE = 100_000n;
const FEE = 100_000n;
const ROUND_S = 7_200;

/** One network serves all tests; each brings a user of its own and begins a window of its own. */
let suite: Suite;
let nextRequest = 1n;
let users = 0;
let ALICE: Principal;
let KEY_HASH: Uint8Array;
let current: bigint;

const hub = (who: Principal = GATEWAY): Hub => suite.as('hub', who);
const ledger = (who: Principal) => suite.as('token_icrc1', who);
const stateMachine = (who: Principal) => suite.as('state_machine', who);

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, windowGraceS: 60n });
    await nameGateway();
    await registerNode();
});
afterAll(() => suite.close());

beforeEach(async () => {
    ALICE = idOf(`alice ${users++}`);
    KEY_HASH = sha256(ALICE.toUint8Array());
    await suite.advance(Number(await secondsLeft()) + 61);
    current = await currentWindow();
    expect(await hub().settlement_status()).toMatchObject({ next_window: current, failures: 0n });
});

const nameGateway = () => playGateway(suite, GATEWAY);
const reportStatus = () => reportNode(suite, NODE);

async function currentWindow(): Promise<bigint> {
    const [view] = await hub().current_window();
    if (view === undefined) throw new Refused('NoWindow');
    return view.window;
}

/** Until the end of the current window. */
async function secondsLeft(): Promise<bigint> {
    const nowNs = BigInt(Math.round(await suite.pic.getTime())) * 1_000_000n;
    return ((await window(await currentWindow())).ends_ns - nowNs) / 1_000_000_000n;
}

/** A router with its stake: Active, weighed, and with a wallet that is paid. */
async function registerNode(): Promise<void> {
    const node = stateMachine(NODE);
    const registration = {
        class: { router: null },
        public_key: holderOf('node').publicKey,
        region: 'eu',
        bandwidth_mbps: 100
    };
    accepted(await node.register_node(registration as never));
    accepted(await node.propose_wallet(account(WALLET)));
    accepted(await stateMachine(WALLET).bind_wallet(NODE, []));
    await reportStatus();
    const { minimumE8s, minimumDays } = DEFAULT_PROFILE.nodeClasses.router;
    await approve(suite.deployer, suite.ids.rewards, minimumE8s);
    const order = { node: NODE, term_days: minimumDays, amount_e8s: minimumE8s, from_subaccount: [] as [] };
    await suite.advance(1);
    accepted(await suite.as('rewards', suite.deployer).stake_node(order));
    accepted(await stateMachine(NODE).refresh_stake(NODE));
}

async function approve(owner: Principal, spender: Principal, amount: bigint): Promise<void> {
    accepted(
        await ledger(owner).icrc2_approve({
            ...{ from_subaccount: [], expected_allowance: [], expires_at: [], fee: [], memo: [], created_at_time: [] },
            spender: account(spender),
            amount: amount + FEE
        })
    );
}

/** Gives somebody EMC and the hub the allowance to take the price of so many credits. */
async function fund(owner: Principal, credits: bigint): Promise<void> {
    accepted(
        await ledger(suite.deployer).icrc1_transfer({
            ...{ from_subaccount: [], fee: [], memo: [], created_at_time: [] },
            to: account(owner),
            amount: credits * PRICE + 2n * FEE
        })
    );
    await approve(owner, suite.ids.hub, credits * PRICE);
}

async function buy(owner: Principal, credits: bigint) {
    await fund(owner, credits);
    return accepted(await hub(owner).buy_credits({ credits, from_subaccount: [] }));
}

const opening = (requestId: bigint, maxCredits: bigint, payer: object = { ApiKey: KEY_HASH }) =>
    ({ request_id: requestId, payer, app_id: 'chat', max_credits: maxCredits }) as never;
const result = (requestId: bigint, used: bigint, status = 'Success') =>
    ({
        ...{ request_id: requestId, node: [NODE], status: { [status]: null }, credits_used: used },
        receipt_hash: [sha256(holderOf(`output of ${requestId}`).publicKey)],
        receipt: []
    }) as never;

/** One request through the gateway's two calls. */
async function call(credits: bigint, status = 'Success'): Promise<bigint> {
    const requestId = nextRequest++;
    accepted(await hub().c2c_open_request(opening(requestId, credits)));
    accepted(await hub().c2c_record_result(result(requestId, credits, status)));
    return requestId;
}

async function aliceWithKey(credits: bigint): Promise<void> {
    await buy(ALICE, credits);
    accepted(await hub(ALICE).create_api_key({ label: 'laptop', key_hash: KEY_HASH }));
}

async function window(index = current) {
    const [view] = await hub().get_window(index);
    if (view === undefined) throw new Refused('NoWindow');
    return view;
}

/** Just before the end of the window with the node still online, then over the end. */
async function passWindow(graceS = 60): Promise<void> {
    await suite.advance(Number(await secondsLeft()) - 30);
    await reportStatus();
    await suite.advance(31 + graceS);
}

/** Σ available + held + captured, at the price, is what the ledger says; the pages add up to the totals. */
async function expectSoundBooks(): Promise<void> {
    const { books, ledger_e8s, in_flight } = accepted(await hub(ALICE).audit());
    const sums = await hub().sum_accounts(0n, 100n);
    expect([in_flight, books.balanced, ledger_e8s]).toEqual([false, true, books.backing_e8s]);
    expect([sums.bought, sums.available, sums.held]).toEqual([books.bought, books.available, books.held]);
}

test('story: deposit, key, calls of every kind, the window settles by its timer, and the provider is credited', async () => {
    await aliceWithKey(1_000n);
    const earnedBefore = await suite.as('rewards').get_reward_balance(account(WALLET));
    expect(accepted(await hub().check_api_key(KEY_HASH))).toMatchObject({ label: 'laptop', origin: { ApiUser: null } });
    for (const status of ['Success', 'Success', 'Success', 'Failed', 'Timeout']) await call(40n, status);
    expect(await hub().get_account(ALICE)).toEqual({
        bought: 1_000n,
        available: 880n,
        held: 0n,
        spent: 120n,
        withdrawn: 0n
    });
    expect(await hub().node_usage(NODE, current)).toMatchObject({ records: 5n, successes: 3n, credits: 120n });
    await expectSoundBooks();

    await passWindow();
    const settled = await window();
    expect(tag(settled.state)).toBe('Settled');
    expect(settled).toMatchObject({ records: 5n, successes: 3n, credits: 120n, trades: 1n, weights: 1n });
    const [settlement] = await suite.as('rewards').get_settlement(current);
    expect(settlement).toMatchObject({ trade_volume_e8s: 120n * PRICE, shares: 1n, emission_e8s: 6_000_000_000_000n });
    expect(settlement?.source_hash).toEqual(settled.source_hash[0]);
    expect(await hub().list_weights(current, 0n)).toMatchObject([{ weight: 1_000_000_000n }]);
    const after = await suite.as('rewards').get_reward_balance(account(WALLET));
    const earned = settlement === undefined ? 0n : settlement.pool_e8s - settlement.carry_out_e8s;
    expect(after.earned_e8s - earnedBefore.earned_e8s).toBe(earned + (120n * PRICE * 80n) / 100n);
    await expectSoundBooks();
});

test('a call is reserved once and recorded once, whatever is repeated', async () => {
    await aliceWithKey(100n);
    const id = nextRequest++;
    for (let time = 0; time < 2; time++) {
        expect(accepted(await hub().c2c_open_request(opening(id, 60n)))).toMatchObject({ origin: { ApiUser: null } });
    }
    expect(code(await hub().c2c_open_request(opening(id, 61n)))).toBe('DuplicateRequest');
    expect(code(await hub().c2c_open_request(opening(id + 1n, 41n)))).toBe('InsufficientCredits');
    expect(code(await hub().c2c_record_result(result(id, 61n)))).toBe('CreditsExceedReservation');
    for (let time = 0; time < 2; time++) accepted(await hub().c2c_record_result(result(id, 25n)));
    expect(code(await hub().c2c_record_result(result(id, 26n)))).toBe('AlreadyRecorded');
    expect(code(await hub().c2c_record_result(result(id + 1n, 1n)))).toBe('NotFound');
    expect(await hub().get_account(ALICE)).toEqual({
        bought: 100n,
        available: 75n,
        held: 0n,
        spent: 25n,
        withdrawn: 0n
    });
    accepted(await hub(ALICE).revoke_api_key(KEY_HASH));
    expect(code(await hub().c2c_open_request(opening(id + 1n, 1n)))).toBe('KeyRevoked');
    expect(code(await hub().c2c_open_request(opening(id + 1n, 1n, { ApiKey: new Uint8Array(32) })))).toBe(
        'KeyNotFound'
    );
});

test('a cancelled call pays its node what was done, as a trade without weight', async () => {
    await aliceWithKey(100n);
    const id = nextRequest++;
    accepted(await hub().c2c_open_request(opening(id, 60n)));
    accepted(await hub().c2c_record_result(result(id, 25n, 'Cancelled')));
    expect(await hub().get_account(ALICE)).toMatchObject({ available: 75n, held: 0n, spent: 25n });
    expect(await hub().node_usage(NODE, current)).toMatchObject({ successes: 0n, credits: 0n, cancelled_credits: 25n });
    await passWindow();
    expect(await window()).toMatchObject({ state: { Settled: null }, trades: 1n, money_e8s: 25n * PRICE });
    await expectSoundBooks();
});

test('purchases: what the ledger refuses is told with its figures and changes nothing', async () => {
    const order = { credits: 10n, from_subaccount: [] as [] };
    expect(await hub(ALICE).buy_credits(order)).toEqual({ Err: { InsufficientAllowance: { allowance_e8s: 0n } } });
    await fund(ALICE, 10n);
    accepted(
        await ledger(ALICE).icrc1_transfer({
            ...{ from_subaccount: [], fee: [], memo: [], created_at_time: [] },
            to: account(WALLET),
            amount: 10n * PRICE - FEE
        })
    );
    expect(await hub(ALICE).buy_credits(order)).toEqual({ Err: { InsufficientFunds: { balance_e8s: FEE } } });
    expect(code(await hub(ALICE).buy_credits({ ...order, credits: 0n }))).toBe('InvalidArgument');
    const short = { ...order, from_subaccount: [new Uint8Array(31)] as [Uint8Array] };
    expect(code(await hub(ALICE).buy_credits(short))).toBe('InvalidArgument');
    expect(await hub().get_account(ALICE)).toMatchObject({ bought: 0n });
    expect(await hub().books()).toMatchObject({ unresolved_movements: 0n });
});

test('AS-73: anyone settles a window after its end, once', async () => {
    await aliceWithKey(100n);
    await call(50n);
    expect(code(await hub(ALICE).settle_window(current))).toBe('NotEnded');
    await passWindow(0);
    expect(tag((await window()).state)).toBe('Open');
    expect(accepted(await hub(ALICE).settle_window(current))).toMatchObject({ state: { Settled: null }, credits: 50n });
    expect(code(await hub(ALICE).settle_window(current))).toBe('AlreadySettled');
    expect(code(await hub(ALICE).settle_window(current + 1n))).toBe('NotEnded');
    await expectSoundBooks();
});

test('H6: what the wallet of a node pays to its own node comes back when the window closes', async () => {
    await buy(WALLET, 100n);
    const id = nextRequest++;
    accepted(await hub().c2c_open_request(opening(id, 100n, { Principal: WALLET })));
    accepted(await hub().c2c_record_result(result(id, 70n)));
    expect(await hub().get_account(WALLET)).toMatchObject({ available: 30n, spent: 70n });
    await passWindow();
    expect(await window()).toMatchObject({ credits: 70n, returned_credits: 70n, trades: 0n, money_e8s: 0n });
    expect(await hub().get_account(WALLET)).toMatchObject({ available: 100n, spent: 0n });
    expect(await hub().node_usage(NODE, current)).toMatchObject({ credits: 70n, returned: 70n });
    await expectSoundBooks();
});

test('upgrade in mid-window: keys, accounts, open requests and sums stay, and the window still settles by itself', async () => {
    await aliceWithKey(100n);
    await call(30n);
    const id = nextRequest++;
    accepted(await hub().c2c_open_request(opening(id, 20n)));
    const story = async () => ({
        account: await hub().get_account(ALICE),
        keys: await hub(ALICE).list_api_keys(0n, 10n),
        requests: await hub(ALICE).list_requests(0n, 10n),
        window: await window(),
        books: await hub().books()
    });
    const before = await story();
    expect(before.requests.map(({ status }) => tag(status))).toEqual(['Open', 'Success']);
    await suite.upgrade('hub');
    await nameGateway();
    expect(await story()).toEqual(before);
    accepted(await hub().c2c_record_result(result(id, 20n)));
    await passWindow();
    expect(await window()).toMatchObject({ state: { Settled: null }, credits: 50n, money_e8s: 50n * PRICE });
    await expectSoundBooks();
});

test('a ledger that is stopped during the settlement delays it, also over an upgrade, and is paid once', async () => {
    await aliceWithKey(100n);
    await call(50n);
    const token = { canisterId: toPicPrincipal(suite.ids.token_icrc1), sender: toPicPrincipal(suite.deployer) };
    await suite.pic.stopCanister(token);
    await passWindow();
    expect(tag((await window()).state)).toBe('Transferring');
    expect((await hub().settlement_status()).failures).toBeGreaterThan(0n);
    await suite.upgrade('hub');
    await nameGateway();
    expect(tag((await window()).state)).toBe('Transferring');
    await suite.pic.startCanister(token);
    for (let minute = 0; minute < 6; minute++) await suite.advance(60);
    const settled = await window();
    expect(settled).toMatchObject({ state: { Settled: null }, money_e8s: 50n * PRICE });
    expect(await hub().settlement_status()).toMatchObject({ failures: 0n, next_window: current + 1n });
    const [settlement] = await suite.as('rewards').get_settlement(current);
    expect(settlement?.trade_volume_e8s).toBe(50n * PRICE);
    await expectSoundBooks();
});

test('rewards or the state machine away: the window waits in its state, over upgrades, and goes on from there', async () => {
    await aliceWithKey(100n);
    await call(50n);
    await passWindow(0);
    for (const name of ['state_machine', 'rewards'] as const) {
        const peer = { canisterId: toPicPrincipal(suite.ids[name]), sender: toPicPrincipal(suite.deployer) };
        await suite.pic.stopCanister(peer);
        expect(code(await hub(ALICE).settle_window(current))).toBe('TemporarilyUnavailable');
        expect(tag((await window()).state)).toBe('Frozen');
        await suite.upgrade('hub');
        await nameGateway();
        expect(tag((await window()).state)).toBe('Frozen');
        await suite.pic.startCanister(peer);
    }
    expect(accepted(await hub(ALICE).settle_window(current))).toMatchObject({ state: { Settled: null }, trades: 1n });
    await expectSoundBooks();
});

test('missed windows are settled one by one when the hub runs again', async () => {
    await aliceWithKey(100n);
    await call(50n);
    const self = { canisterId: toPicPrincipal(suite.ids.hub), sender: toPicPrincipal(suite.deployer) };
    await suite.pic.stopCanister(self);
    await suite.advance(ROUND_S * 3 + 70);
    await suite.pic.startCanister(self);
    for (let minute = 0; minute < 3; minute++) await suite.advance(60);
    expect((await hub().settlement_status()).next_window).toBe(current + 3n);
    expect(await suite.as('rewards').next_round()).toBe(current + 3n);
    const [first] = await suite.as('rewards').get_settlement(current);
    expect(first?.trade_volume_e8s).toBe(50n * PRICE);
    await expectSoundBooks();
});

test('a request is read by its payer, the gateway canister and controllers, and without its payer by its node; strangers read nothing', async () => {
    await aliceWithKey(100n);
    const requestId = await call(10n);
    const readers = [ALICE, NODE, GATEWAY, suite.deployer, WALLET, Principal.anonymous()];
    const found = await Promise.all(readers.map(async (who) => (await hub(who).get_request(requestId)).length));
    expect(found).toEqual([1, 0, 1, 1, 0, 0]);
    const executed = await hub(NODE).list_node_requests(0n, 1n);
    expect(executed.map((one) => [one.request_id, 'owner' in one])).toEqual([[requestId, false]]);
    const of = hub(idOf('stranger'));
    expect([...(await of.list_requests(0n, 10n)), ...(await of.list_api_keys(0n, 10n))]).toEqual([]);
});

test('strangers: every method that changes something refuses those who may not call it, and nothing changes', async () => {
    await aliceWithKey(100n);
    const id = nextRequest++;
    accepted(await hub().c2c_open_request(opening(id, 10n)));
    const before = [await hub().books(), await hub(ALICE).list_requests(0n, 9n), await hub().get_peers()];
    const anonymous = hub(Principal.anonymous());
    const stranger = hub(idOf('stranger'));
    const peers = await hub().get_peers();
    expect([
        code(await anonymous.create_api_key({ label: 'x', key_hash: sha256(holderOf('x').publicKey) })),
        code(await anonymous.buy_credits({ credits: 1n, from_subaccount: [] })),
        code(await anonymous.revoke_api_key(KEY_HASH)),
        code(await anonymous.settle_window(current)),
        code(await anonymous.audit())
    ]).toEqual(Array.from({ length: 5 }, () => 'Anonymous'));
    for (const who of [anonymous, stranger, hub(ALICE), hub(suite.deployer), hub(suite.ids.rewards)]) {
        expect(code(await who.c2c_open_request(opening(id + 1n, 1n)))).toBe('Unauthorized');
        expect(code(await who.c2c_record_result(result(id, 1n)))).toBe('Unauthorized');
    }
    expect(code(await stranger.revoke_api_key(KEY_HASH))).toBe('KeyNotFound');
    expect(code(await stranger.create_api_key({ label: 'mine', key_hash: KEY_HASH }))).toBe('AlreadyExists');
    for (const who of [anonymous, stranger, hub()]) expect(code(await who.set_peers(peers))).toBe('Unauthorized');
    expect([await hub().books(), await hub(ALICE).list_requests(0n, 9n), await hub().get_peers()]).toEqual(before);
});

test('malformed Candid is refused and changes nothing', async () => {
    const before = await hub().books();
    for (const arg of [new Uint8Array(), new Uint8Array([68, 73, 68, 76, 0, 1, 127]), new Uint8Array(64).fill(255)]) {
        const call = { canisterId: toPicPrincipal(suite.ids.hub), sender: toPicPrincipal(GATEWAY), arg };
        await expect(suite.pic.updateCall({ ...call, method: 'c2c_open_request' })).rejects.toThrow();
        await expect(suite.pic.updateCall({ ...call, method: 'buy_credits' })).rejects.toThrow();
    }
    expect(await hub().books()).toEqual(before);
});

test('monitoring tells the books', async () => {
    await aliceWithKey(100n);
    const request = { method: 'GET', url: '/metrics', headers: [], body: new Uint8Array(), certificate_version: [] };
    const response = await hub().http_request(request as never);
    const text = new TextDecoder().decode(Uint8Array.from(response.body));
    expect(response.status_code).toBe(200);
    expect(text).toContain(`\nhub_credits_bought_total ${(await hub().books()).bought}\n`);
    expect(await hub().version()).toBe('0.1.0');
});
