/** The scenarios of the hub's windows (domain.md D.8) with their figures, to the second, on the built canisters. */
import type { Principal } from '@dfinity/principal';
import { sha256 } from '../../src/core/hash';
import type { _SERVICE } from '../../src/declarations/hub';
import { accepted, activateNode, admitValidators, buyCredits, code, holderOf, idOf } from '../support/compute_market';
import { expectSoundBooks, playGateway } from '../support/hub_books';
import type { PicActor } from '../support/pic_actor';
import { deploySuite, type Suite } from '../support/suite';

type Recording = Parameters<_SERVICE['c2c_record_result']>[0];

const GATEWAY = idOf('gateway');
const USER = idOf('user');
const STRANGER = idOf('stranger');
const WINDOW_S = 7_200;
const START = { bought: 1_000n, available: 1_000n, held: 0n, spent: 0n, withdrawn: 0n };

/** One network serves all tests, window after window. */
let suite: Suite;
let genesisMs: number;
let NODE: Principal;

const hub = (who: Principal = STRANGER): PicActor<_SERVICE> => suite.as('hub', who);

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n, windowGraceS: 600n });
    await admitValidators(suite);
    NODE = await activateNode(suite, holderOf('node'));
    await playGateway(suite, GATEWAY);
    await buyCredits(suite, USER, 1_000n);
    await suite.advance(61);
    // A clock of milliseconds: the first one after genesis.
    genesisMs = Number((await suite.as('rewards').current_clock()).genesis_ns / 1_000_000n) + 1;
});
afterAll(() => suite.close());

/** So many seconds after genesis. */
async function at(seconds: number): Promise<void> {
    await suite.pic.setTime(genesisMs + seconds * 1_000);
    await suite.pic.tick(3);
}

async function open(request_id: bigint, max_credits: bigint): Promise<void> {
    const payer = { Principal: USER };
    accepted(await hub(GATEWAY).c2c_open_request({ request_id, payer, app_id: 'chat', max_credits }));
}

const receiptOf = (request_id: bigint): Uint8Array => sha256(holderOf(`receipt of ${request_id}`).publicKey);

async function record(request_id: bigint, credits_used: bigint, status: 'Success' | 'Failed' | 'Timeout' = 'Success') {
    const receipt_hash: Recording['receipt_hash'] = [receiptOf(request_id)];
    const outcome = { [status]: null } as unknown as Recording['status'];
    const result = { request_id, node: [NODE] as [Principal], status: outcome, credits_used, receipt_hash };
    accepted(await hub(GATEWAY).c2c_record_result({ ...result, receipt: [] }));
}

const windowOf = async (id: bigint) => (await hub(USER).get_request(id))[0]?.window;

test('AS-71: five requests are kept with node, status and credits; three successes of 40 weigh 120, the others return', async () => {
    const statuses = ['Success', 'Success', 'Success', 'Failed', 'Timeout'] as const;
    for (const [index, status] of statuses.entries()) {
        await open(BigInt(index), 40n);
        await record(BigInt(index), 40n, status);
    }
    const kept = await hub(USER).list_requests(0n, 10n);
    expect(kept.map(({ status }) => Object.keys(status)[0]).reverse()).toEqual(statuses);
    expect(kept.map(({ credits_used }) => credits_used).reverse()).toEqual([40n, 40n, 40n, 0n, 0n]);
    expect(kept.map(({ node }) => node.map(String))).toEqual(Array(5).fill([NODE.toText()]));
    expect(await hub().node_usage(NODE, 0n)).toMatchObject({ records: 5n, successes: 3n, credits: 120n });
    expect(await hub().get_account(USER)).toEqual({ ...START, available: 880n, spent: 120n });
    await expectSoundBooks(suite, USER);
});

test('AS-72: recorded at 7 199 s is window 0, at 7 200 s window 1, wherever the request was opened; none is in two', async () => {
    for (const id of [11n, 12n, 13n]) await open(id, 10n);
    await at(WINDOW_S - 1);
    await record(11n, 10n);
    await at(WINDOW_S);
    await record(12n, 10n);
    await record(11n, 10n);
    await at(WINDOW_S + 1_800);
    await record(13n, 10n);
    expect(await Promise.all([11n, 12n, 13n].map(windowOf))).toEqual([[0n], [1n], [1n]]);
    const records = async (window: bigint) => (await hub().get_window(window))[0]?.records;
    expect([await records(0n), await records(1n)]).toEqual([6n, 2n]);
});

test('AS-73: not at 7 199 s; at 7 200 s one of two calls settles, the other is InProgress; then AlreadySettled, credited once', async () => {
    const close = (window = 1n) => hub().settle_window(window);
    const earned = async () => {
        const account = { owner: suite.deployer, subaccount: [] as [] };
        return (await suite.as('rewards', STRANGER).get_reward_balance(account)).earned_e8s;
    };
    const before = await earned();
    await at(2 * WINDOW_S - 1);
    expect(code(await close())).toBe('NotEnded');
    await at(2 * WINDOW_S);
    expect(code(await close(2n))).toBe('NotEnded');
    expect((await Promise.all([close(), close()])).map(code).sort()).toEqual(['InProgress', 'ok']);
    expect(code(await close())).toBe('AlreadySettled');
    const [settlement] = await suite.as('rewards', STRANGER).get_settlement(1n);
    const shared = settlement === undefined ? 0n : settlement.pool_e8s - settlement.carry_out_e8s;
    // 20 credits at 100 000 e8s, 80 % for the provider.
    const credited = before + shared + 1_600_000n;
    expect([settlement?.trade_volume_e8s, await earned()]).toEqual([2_000_000n, credited]);
    await suite.advance(700);
    expect(await earned()).toBe(credited);
    expect(await hub().settlement_status()).toMatchObject({ next_window: 2n, failures: 0n });
    await expectSoundBooks(suite, USER);
});

test('AS-78: a receipt that was paid is paid for no other request, however often it comes', async () => {
    await open(301n, 5n);
    await record(301n, 5n);
    const { available, spent } = await hub().get_account(USER);
    const receipt_hash: Recording['receipt_hash'] = [receiptOf(301n)];
    for (const request_id of [302n, 303n]) {
        await open(request_id, 5n);
        const status = { Success: null } as const;
        const copied = {
            request_id,
            node: [NODE] as [Principal],
            status,
            credits_used: 5n,
            receipt_hash,
            receipt: [] as []
        };
        expect(code(await hub(GATEWAY).c2c_record_result(copied))).toBe('BadReceipt');
        expect((await hub(USER).get_request(request_id))[0]?.status).toEqual({ Failed: null });
    }
    expect(await hub().get_account(USER)).toMatchObject({ available, held: 0n, spent });
});
