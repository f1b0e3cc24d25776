/** The hub's market, withdrawals, key limits and probes on a network with the real ledger, rewards and state machine. */
import { Principal } from '@dfinity/principal';
import { sha256 } from '../../src/core/hash';
import type { _SERVICE } from '../../src/declarations/hub';
import {
    accepted,
    activateNode,
    admitValidators,
    buyCredits,
    code,
    createApiKey,
    holderOf,
    idOf
} from '../support/compute_market';
import {
    expectSoundBooks,
    fundForHub,
    passMinutes,
    playGateway,
    reportNode,
    tag,
    withoutLedger
} from '../support/hub_books';
import { toPicPrincipal, type PicActor } from '../support/pic_actor';
import { deploySuite, type Suite } from '../support/suite';

type Hub = PicActor<_SERVICE>;

const FEE = 100_000n;
const PRICE = 100_000n;
const UNIT = 2_000_000_000n;
const HOUR = 3_600;
const GATEWAY = idOf('gateway');
const BUYER = idOf('buyer');
const STRANGER = idOf('stranger');
const NOT_LIMITED = { apps: [] as [], nodes: [] as [], requests_per_minute: [] as [], max_credits: [] as [] };

/** One network serves all tests; each makes listings of its own. */
let suite: Suite;
let NODE: Principal;
let nextRequest = 1n;

const hub = (who: Principal = STRANGER): Hub => suite.as('hub', who);
const seller = (): Hub => hub(suite.deployer);
const ledger = (who: Principal) => suite.as('token_icrc1', who);
const account = (owner: Principal) => ({ owner, subaccount: [] as [] });
const balance = (owner: Principal): Promise<bigint> => ledger(owner).icrc1_balance_of(account(owner));

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, windowGraceS: 60n, pocSpacingS: 0n });
    await admitValidators(suite);
    NODE = await activateNode(suite, holderOf('node'));
    await nameGateway();
    await fundForHub(suite, BUYER, 1_000_000_000_000n);
    await suite.advance(61);
});
/** A node that is silent for half an hour is Inactive for good. */
beforeEach(async () => {
    await suite.advance(1);
    await reportStatus();
});
afterAll(() => suite.close());

const nameGateway = () => playGateway(suite, GATEWAY);
const reportStatus = () => reportNode(suite, NODE);
const minutes = (count: number) => passMinutes(suite, count);
const nowNs = async (): Promise<bigint> => BigInt(Math.round(await suite.pic.getTime())) * 1_000_000n;

/** AS-63: 50 E at 20 EMC each. */
async function list(units = 50n, deliveryS = 24n * 3_600n): Promise<bigint> {
    const expires = (await nowNs()) + 30n * 86_400_000_000_000n;
    const offer = { node: NODE, units, unit_price_e8s: UNIT, delivery_s: [deliveryS] as [bigint], expires_ns: expires };
    return accepted(await seller().create_listing(offer)).id;
}

const order = (listing: bigint, units = 50n) => ({ listing, units, from_subaccount: [] as [] });
const buy = async (units = 50n) => accepted(await hub(BUYER).buy_compute(order(await list(units), units)));

async function stateOf(id: bigint): Promise<string> {
    const [view] = await hub(BUYER).get_order(id);
    return tag(view?.state);
}

/** Lets hours pass with the node online. */
async function pass(hours: number): Promise<void> {
    for (let third = 0; third < hours * 3; third++) {
        await suite.advance(HOUR / 3);
        await reportStatus();
    }
}

test('AS-63: escrow, delivery, confirmation; the window settles the order as a trade and the provider is credited', async () => {
    const before = await balance(BUYER);
    const { id, price_e8s } = await buy();
    expect(price_e8s).toBe(100_000_000_000n);
    expect([await stateOf(id), before - (await balance(BUYER))]).toEqual(['Escrowed', price_e8s + FEE]);
    await expectSoundBooks(suite, BUYER);
    accepted(await hub(NODE).deliver_order(id));
    expect(await stateOf(id)).toBe('Delivered');
    const earned = async () => (await suite.as('rewards').get_reward_balance(account(suite.deployer))).earned_e8s;
    const confirmed = accepted(await hub(BUYER).confirm_delivery(id));
    expect(confirmed).toMatchObject({ state: { Settled: null }, provider_e8s: price_e8s, refund_e8s: 0n });
    const [window = 0n] = confirmed.window;
    await expectSoundBooks(suite, BUYER);
    await pass(2);
    const [view] = await hub().get_window(window);
    expect(view).toMatchObject({ state: { Settled: null }, market_e8s: price_e8s, money_e8s: price_e8s, trades: 1n });
    const [settlement] = await suite.as('rewards').get_settlement(window);
    expect(settlement?.trade_volume_e8s).toBe(price_e8s);
    const shared = settlement === undefined ? 0n : settlement.pool_e8s - settlement.carry_out_e8s;
    expect(await earned()).toBeGreaterThanOrEqual(shared + (price_e8s * 80n) / 100n);
    expect(await suite.as('rewards').get_reward_balance(account(BUYER))).toMatchObject({ earned_e8s: price_e8s / 5n });
    await expectSoundBooks(suite, BUYER);
});

test('AS-63: a dispute that governance decides for the buyer returns the price, less the ledger fee', async () => {
    const { id, price_e8s } = await buy();
    accepted(await hub(NODE).deliver_order(id));
    accepted(await hub(BUYER).dispute_order({ order: id, why: 'nothing came' }));
    expect(await stateOf(id)).toBe('Disputed');
    const before = await balance(BUYER);
    accepted(await seller().resolve_dispute({ order: id, provider_e8s: 0n }));
    await minutes(2);
    expect([await stateOf(id), (await balance(BUYER)) - before]).toEqual(['Refunded', price_e8s - FEE]);
    await expectSoundBooks(suite, BUYER);
});

test('upgrades: orders stay as they are in every state, and go on from there', async () => {
    const [escrowed, delivered, disputed] = [await buy(1n), await buy(2n), await buy(3n)];
    for (const { id } of [delivered, disputed]) accepted(await hub(NODE).deliver_order(id));
    accepted(await hub(BUYER).dispute_order({ order: disputed.id, why: 'half' }));
    const story = async () => [
        await hub(BUYER).list_orders(0n, 10n),
        await hub().list_listings(0n, 10n),
        await hub().books()
    ];
    const before = await story();
    await suite.upgrade('hub');
    await nameGateway();
    expect(await story()).toEqual(before);
    accepted(await hub(NODE).deliver_order(escrowed.id));
    accepted(await hub(BUYER).confirm_delivery(delivered.id));
    accepted(await seller().resolve_dispute({ order: disputed.id, provider_e8s: UNIT }));
    accepted(await hub(BUYER).confirm_delivery(escrowed.id));
    await minutes(2);
    expect((await hub(BUYER).list_orders(0n, 3n)).map(({ state }) => tag(state))).toEqual(Array(3).fill('Settled'));
    await expectSoundBooks(suite, BUYER);
});

test('a ledger that is away during a purchase, an upgrade later, takes the price once', async () => {
    const before = await balance(BUYER);
    const listing = await list(5n);
    await withoutLedger(suite, async () => {
        expect(code(await hub(BUYER).buy_compute(order(listing, 5n)))).toBe('TemporarilyUnavailable');
        expect(code(await hub(BUYER).buy_compute(order(listing, 4n)))).toBe('Busy');
        await suite.upgrade('hub');
        await nameGateway();
    });
    await minutes(14);
    const [bought] = await hub(BUYER).list_orders(0n, 1n);
    expect([tag(bought?.state), before - (await balance(BUYER))]).toEqual(['Escrowed', 5n * UNIT + FEE]);
    expect(await hub().get_listing(listing)).toMatchObject([{ units_left: 0n, open: false }]);
    await expectSoundBooks(suite, BUYER);
});

test('a ledger that is away during a refund, an upgrade later, pays it once', async () => {
    const { id } = await buy(5n);
    accepted(await hub(NODE).deliver_order(id));
    accepted(await hub(BUYER).dispute_order({ order: id, why: 'nothing' }));
    const before = await balance(BUYER);
    await withoutLedger(suite, async () => {
        accepted(await seller().resolve_dispute({ order: id, provider_e8s: 0n }));
        await minutes(1);
        expect(await stateOf(id)).toBe('Refunding');
        await suite.upgrade('hub');
        await nameGateway();
        expect(await stateOf(id)).toBe('Refunding');
    });
    await minutes(14);
    expect([await stateOf(id), (await balance(BUYER)) - before]).toEqual(['Refunded', 5n * UNIT - FEE]);
    await expectSoundBooks(suite, BUYER);
});

test('unused credits are paid back, also when the ledger is away at first', async () => {
    const owner = idOf('saver');
    await buyCredits(suite, owner, 100n);
    const before = await balance(owner);
    const paid = accepted(await hub(owner).withdraw_credits({ credits: 40n, to_subaccount: [] }));
    expect(paid).toMatchObject({ paid_e8s: 40n * PRICE - FEE, account: { available: 60n, withdrawn: 40n } });
    expect((await balance(owner)) - before).toBe(40n * PRICE - FEE);
    const short = { credits: 61n, to_subaccount: [] as [] };
    expect(await hub(owner).withdraw_credits(short)).toEqual({ Err: { InsufficientCredits: { available: 60n } } });
    await withoutLedger(suite, async () => {
        const again = await hub(owner).withdraw_credits({ credits: 60n, to_subaccount: [] });
        expect(code(again)).toBe('TemporarilyUnavailable');
        await suite.upgrade('hub');
        await nameGateway();
    });
    await minutes(14);
    expect((await balance(owner)) - before).toBe(100n * PRICE - 2n * FEE);
    expect(await hub().get_account(owner)).toMatchObject({ available: 0n, withdrawn: 100n });
    await expectSoundBooks(suite, BUYER);
});

const opening = (hash: Uint8Array, credits: bigint, app = 'chat') =>
    ({ request_id: nextRequest++, payer: { ApiKey: hash }, app_id: app, max_credits: credits }) as never;

const success = (id: bigint, node: Principal, credits: bigint) =>
    ({
        ...{ request_id: id, node: [node], status: { Success: null }, credits_used: credits },
        receipt_hash: [sha256(holderOf(`receipt of ${id}`).publicKey)],
        receipt: []
    }) as never;

test('AS-77: a key is for its apps, nodes, rate and credits', async () => {
    const owner = idOf('key owner');
    await buyCredits(suite, owner, 100n);
    const hash = await createApiKey(suite, owner, 'limited');
    const limits = { ...NOT_LIMITED, apps: [['chat']] as [string[]], nodes: [[NODE]] as [Principal[]] };
    const bounds = { requests_per_minute: [2n] as [bigint], max_credits: [15n] as [bigint] };
    expect(
        accepted(await hub(owner).set_key_limits({ key_hash: hash, limits: { ...limits, ...bounds } }))
    ).toMatchObject({
        limits: { apps: [['chat']], max_credits: [15n] },
        spent_credits: 0n
    });
    const open = (credits: bigint, app?: string) => hub(GATEWAY).c2c_open_request(opening(hash, credits, app));
    expect(code(await open(1n, 'image'))).toBe('AppNotAllowed');
    expect(await open(16n)).toEqual({ Err: { KeyLimitReached: { left: 15n } } });
    const id = nextRequest;
    expect(accepted(await open(10n)).nodes).toEqual([[NODE]]);
    expect(code(await open(5n))).toBe('ok');
    expect(code(await open(0n))).toBe('RateLimited');
    const result = (node: Principal) => hub(GATEWAY).c2c_record_result(success(id, node, 10n));
    expect(code(await result(STRANGER))).toBe('NodeNotAllowed');
    expect(code(await result(NODE))).toBe('AlreadyRecorded');
    expect(await hub().get_account(owner)).toMatchObject({ available: 95n, held: 5n });
    const filter = { status: [{ Failed: null }], app_id: [], node: [], key_hash: [hash], window: [] };
    const found = await hub(owner).find_requests({ filter, start: 0n, take: 10n } as never);
    expect(found.requests.map(({ request_id }) => request_id)).toEqual([id]);
    expect((await hub(STRANGER).find_requests({ filter, start: 0n, take: 10n } as never)).requests).toEqual([]);
});

test('a window with more trades than one call tells is reported in pages, over an outage of rewards', async () => {
    await pass(2);
    const [{ window } = { window: 0n }] = await hub().current_window();
    for (let n = 0; n < 101; n++) {
        const buyer = idOf(`buyer ${n}`);
        await buyCredits(suite, buyer, 1n);
        const id = nextRequest++;
        const payer = { Principal: buyer };
        accepted(await hub(GATEWAY).c2c_open_request({ request_id: id, payer, app_id: 'chat', max_credits: 1n }));
        accepted(await hub(GATEWAY).c2c_record_result(success(id, NODE, 1n)));
    }
    // Without the ledger the window waits for its payment; then rewards is away when it is to be told.
    const rewards = { canisterId: toPicPrincipal(suite.ids.rewards), sender: toPicPrincipal(suite.deployer) };
    await withoutLedger(suite, async () => {
        await pass(2);
        await minutes(2);
        expect((await hub().get_window(window))[0]?.state).toEqual({ Transferring: null });
        await suite.pic.stopCanister(rewards);
    });
    await minutes(6);
    expect((await hub().get_window(window))[0]?.state).toEqual({ Settling: null });
    expect((await hub().settlement_status()).failures).toBeGreaterThan(0n);
    await suite.upgrade('hub');
    await nameGateway();
    await suite.pic.startCanister(rewards);
    await minutes(6);
    const [view] = await hub().get_window(window);
    expect(view).toMatchObject({ state: { Settled: null }, trades: 101n, trade_pages: 1n, money_e8s: 101n * PRICE });
    const [settlement] = await suite.as('rewards').get_settlement(window);
    expect(settlement).toMatchObject({ trade_volume_e8s: 101n * PRICE, trade_fees_e8s: 101n * (PRICE / 5n) });
    expect(settlement?.source_hash).toEqual(view?.source_hash[0]);
    const rewarded = await suite.as('rewards').get_reward_balance(account(idOf('buyer 7')));
    expect(rewarded.earned_e8s).toBe(PRICE / 5n);
    await expectSoundBooks(suite, BUYER);
});

test('strangers: every method of market, keys, probes and pages refuses those who may not call it', async () => {
    const listing = await list(3n);
    const { id } = accepted(await hub(BUYER).buy_compute(order(listing, 1n)));
    const hash = await createApiKey(suite, BUYER, 'mine');
    const before = [await hub().books(), await hub(BUYER).list_orders(0n, 3n), await hub().list_listings(0n, 3n)];
    const anonymous = hub(Principal.anonymous());
    const offer = {
        node: NODE,
        units: 1n,
        unit_price_e8s: UNIT,
        delivery_s: [] as [],
        expires_ns: (await nowNs()) + 10n ** 12n
    };
    const dispute = { order: id, why: 'x' };
    const unreachable = { Unreachable: null };
    const probe = { probe_id: 0n, node: NODE, status: unreachable, elapsed_ms: 250n, request_id: [] as [] };
    const limits = { key_hash: hash, limits: NOT_LIMITED };
    expect([
        code(await anonymous.create_listing(offer)),
        code(await anonymous.cancel_listing(listing)),
        code(await anonymous.buy_compute(order(listing, 1n))),
        code(await anonymous.deliver_order(id)),
        code(await anonymous.confirm_delivery(id)),
        code(await anonymous.dispute_order(dispute)),
        code(await anonymous.withdraw_credits({ credits: 5n, to_subaccount: [] })),
        code(await anonymous.set_key_limits(limits)),
        code(await anonymous.submit_probe(probe))
    ]).toEqual(Array(9).fill('Anonymous'));
    for (const who of [STRANGER, BUYER, NODE, GATEWAY]) {
        expect(code(await hub(who).create_listing(offer))).toBe('NotNodeOwner');
        expect(code(await hub(who).cancel_listing(listing))).toBe('NotNodeOwner');
        expect(code(await hub(who).submit_probe(probe))).toBe('NotAValidator');
        expect(code(await hub(who).resolve_dispute({ order: id, provider_e8s: 0n }))).toBe('Unauthorized');
    }
    for (const who of [STRANGER, BUYER]) expect(code(await hub(who).deliver_order(id))).toBe('NotNodeOwner');
    for (const who of [STRANGER, NODE, suite.deployer]) {
        expect(code(await hub(who).confirm_delivery(id))).toBe('NotBuyer');
        expect(code(await hub(who).dispute_order(dispute))).toBe('NotBuyer');
        expect(code(await hub(who).set_key_limits(limits))).toBe('KeyNotFound');
    }
    expect(code(await seller().buy_compute(order(listing, 1n)))).toBe('SelfTrade');
    expect(code(await hub(NODE).buy_compute(order(listing, 1n)))).toBe('SelfTrade');
    expect(code(await hub(STRANGER).buy_compute(order(listing, 1n)))).toBe('InsufficientAllowance');
    const onlooker = hub(idOf('onlooker'));
    expect([await onlooker.get_order(id), await onlooker.list_orders(0n, 9n)]).toEqual([[], []]);
    const after = await hub(BUYER).list_orders(0n, 3n);
    expect([await hub().books(), after, await hub().list_listings(0n, 3n)]).toEqual(before);
});

test('strangers: only the hub reports rounds to rewards', async () => {
    const key = { round: await suite.as('rewards').next_round(), source_hash: new Uint8Array(32) };
    const announced = { ...key, money_e8s: 0n, weights: 0n, trades: 0n, weight_pages: 0n, trade_pages: 0n };
    for (const who of [Principal.anonymous(), STRANGER, suite.deployer, suite.ids.state_machine]) {
        const rewards = suite.as('rewards', who);
        expect([
            code(await rewards.c2c_settle_round_begin(announced)),
            code(await rewards.c2c_settle_round_page({ ...key, seq: 0n, page: new Uint8Array() })),
            code(await rewards.c2c_settle_round_commit(key))
        ]).toEqual(Array(3).fill('Unauthorized'));
    }
});

// From here on the node is Inactive: it is not kept online over three days.
test('deadlines pass by themselves: no delivery refunds, silence for 72 hours settles', async () => {
    const before = await balance(BUYER);
    const missed = accepted(await hub(BUYER).buy_compute(order(await list(1n, 3_600n), 1n)));
    const silent = await buy(1n);
    accepted(await hub(NODE).deliver_order(silent.id));
    await suite.advance(HOUR - 30);
    expect(await stateOf(missed.id)).toBe('Escrowed');
    await suite.advance(60);
    await minutes(1);
    expect(await stateOf(missed.id)).toBe('Refunded');
    expect(before - (await balance(BUYER))).toBe(UNIT + 3n * FEE);
    await suite.advance(71 * HOUR - 120);
    expect(await stateOf(silent.id)).toBe('Delivered');
    await suite.advance(300);
    expect(await stateOf(silent.id)).toBe('Settled');
    await minutes(3);
    await expectSoundBooks(suite, BUYER);
});
