/** What governance changes, from its proposal to the hub that works by it. */
import { IDL } from '@dfinity/candid';
import { sha256 } from '../../src/core/hash';
import { idlFactory } from '../../src/declarations/hub';
import { accepted, activateNode, admitValidators, buyCredits, code, holderOf, idOf } from '../support/compute_market';
import { expectSoundBooks, playGateway, reportNode, tag } from '../support/hub_books';
import { toPicPrincipal } from '../support/pic_actor';
import { deploySuite, type Suite } from '../support/suite';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const ROUNDS_PER_EPOCH = 12n;
const PRICE = 100_000n;
const GATEWAY = idOf('gateway');
const USER = idOf('user');

let suite: Suite;
let nextRequest = 1n;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n, verificationPeriodS: 21_600n });
    await admitValidators(suite);
    await playGateway(suite, GATEWAY);
});
afterAll(() => suite.close());

const hub = () => suite.as('hub', USER);
const rewards = (who = USER) => suite.as('rewards', who);
const nowNs = async (): Promise<bigint> => (await rewards().current_clock()).now_ns;

/** Proposed, voted for by whoever staked for the validators, executed by the timer after its lock. */
async function executed(kind: Parameters<ReturnType<typeof rewards>['submit_proposal']>[0]['kind']): Promise<void> {
    const voter = rewards(suite.deployer);
    const { id } = accepted(await voter.submit_proposal({ title: 'a title', summary: '', kind }));
    accepted(await voter.vote(id, { Yes: null }));
    for (const days of [4, 2]) {
        await suite.advance(days * DAY_S);
        await suite.advance(20);
    }
    const [proposal] = await rewards().get_proposal(id);
    expect(tag(proposal?.state)).toBe('Executed');
}

/** A call that the node served. */
async function serve(node: ReturnType<typeof idOf>, credits: bigint): Promise<void> {
    const request_id = nextRequest++;
    const gateway = suite.as('hub', GATEWAY);
    const payer = { Principal: USER };
    accepted(await gateway.c2c_open_request({ request_id, payer, app_id: 'chat', max_credits: credits }));
    const receipt_hash: [Uint8Array] = [sha256(holderOf(`receipt of ${request_id}`).publicKey)];
    const served = { request_id, node: [node] as [typeof node], status: { Success: null }, credits_used: credits };
    accepted(await gateway.c2c_record_result({ ...served, receipt_hash, receipt: [] }));
}

/** Lets time pass up to an instant; the node stays online. */
async function liveUntil(node: ReturnType<typeof idOf>, untilNs: bigint): Promise<void> {
    for (let now = await nowNs(); now < untilNs; now = await nowNs()) {
        const left = Number((untilNs - now) / 1_000_000_000n) + 1;
        await suite.advance(Math.min(left, 1_200));
        await reportNode(suite, node);
    }
}

async function windowOf(window: bigint) {
    const [view] = await hub().get_window(window);
    const [settlement] = await rewards().get_settlement(window);
    if (view === undefined || settlement === undefined) throw new Error(`window ${window} is not settled`);
    return { view, settlement, weights: await hub().list_weights(window, 0n) };
}

test('a passed change of weights and fee settles the windows from the border of its epoch on, however late the one before is closed', async () => {
    const { profile } = await rewards().get_profile([]);
    const from_epoch = (await rewards().current_clock()).epoch + 8n;
    const weights = { HubCredits: { times_stake: false } };
    const trade = { ...profile.trade, fee: { num: 1n, den: 10n } };
    await executed({ ProfileChange: { from_epoch, profile: { ...profile, weights, trade } } });

    const last = from_epoch * ROUNDS_PER_EPOCH - 1n;
    const genesis = (await rewards().current_clock()).genesis_ns;
    const startNs = (window: bigint): bigint => genesis + window * 7_200_000_000_000n;
    await suite.advance(Number((startNs(last) - (await nowNs())) / 1_000_000_000n) + 60);
    const node = await activateNode(suite, holderOf('node'));
    await buyCredits(suite, USER, 1_000n);
    expect((await hub().current_window())[0]?.window).toBe(last);
    await serve(node, 40n);
    await liveUntil(node, startNs(last + 1n) - 60_000_000_000n);

    // The last window of the old rules cannot be closed before the new ones are in force.
    const stopped = { canisterId: toPicPrincipal(suite.ids.rewards), sender: toPicPrincipal(suite.deployer) };
    await suite.pic.stopCanister(stopped);
    await suite.advance(300);
    await reportNode(suite, node);
    await serve(node, 25n);
    expect(tag((await hub().get_window(last))[0]?.state)).not.toBe('Settled');
    await suite.pic.startCanister(stopped);
    expect((await rewards().get_profile([])).from_epoch).toBe(from_epoch);
    await liveUntil(node, startNs(last + 2n) + 120_000_000_000n);

    const [before, after] = [await windowOf(last), await windowOf(last + 1n)];
    expect(before.view).toMatchObject({ state: { Settled: null }, credits: 40n, money_e8s: 40n * PRICE });
    expect(after.view).toMatchObject({ state: { Settled: null }, credits: 25n, money_e8s: 25n * PRICE });
    const [facts] = await suite.as('state_machine').get_node(node);
    expect(before.weights).toEqual([{ node, weight: facts?.e_value_e8 }]);
    expect(after.weights).toEqual([{ node, weight: 25n }]);
    expect(before.settlement.trade_fees_e8s).toBe((40n * PRICE) / 5n);
    expect(after.settlement.trade_fees_e8s).toBe((25n * PRICE) / 10n);
    await expectSoundBooks(suite, USER);
});

const UNCHANGED = {
    grace_s: [],
    max_keys_per_owner: [],
    allow_self_trade: [],
    probe_min_s: [],
    probe_max_s: [],
    online_window_s: []
} satisfies Record<string, []>;

test('a passed proposal changes the settings of the hub, which nobody else may change, and an upgrade keeps them', async () => {
    const before = await hub().get_settings();
    expect(before).toMatchObject({ grace_s: 60n, allow_self_trade: false, probe_min_s: 3_600n, probe_max_s: 7_200n });
    const change = { ...UNCHANGED, grace_s: [600n] as [bigint], allow_self_trade: [true] as [boolean] };
    for (const who of [USER, GATEWAY, suite.ids.state_machine]) {
        expect(code(await suite.as('hub', who).change_settings(change))).toBe('Unauthorized');
    }
    expect(code(await suite.as('hub').change_settings(change))).toBe('Unauthorized');
    const controller = suite.as('hub', suite.deployer);
    const unsound = { ...UNCHANGED, probe_min_s: [7_201n] as [bigint] };
    expect(code(await controller.change_settings(unsound))).toBe('InvalidArgument');
    expect(await hub().get_settings()).toEqual(before);
    const types = new Map(idlFactory({ IDL })._fields).get('change_settings')?.argTypes ?? [];
    const args = new Uint8Array(IDL.encode(types, [change]));
    await executed({ Call: { canister: 'hub', method: 'change_settings', args } });
    await suite.upgrade('hub');
    expect(await hub().get_settings()).toEqual({ ...before, grace_s: 600n, allow_self_trade: true });
});
