/** C.0, C.9: a pause stops what users begin, and nothing else; decision 0013 says which methods those are. */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { INTERFACES } from '../../src/client/canisters';
import { leastValue } from '../support/candid_samples';
import {
    accepted,
    activateNode,
    admitValidators,
    buyCredits,
    code,
    holderOf,
    idOf,
    type Answer
} from '../support/compute_market';
import { deploySuite, type Suite } from '../support/suite';

/** All methods that a pause stops. */
const STOPPED = {
    hub: [
        'buy_credits',
        'buy_compute',
        'c2c_open_prepaid',
        'c2c_open_request',
        'cancel_listing',
        'create_api_key',
        'create_listing',
        'set_key_limits',
        'submit_probe',
        'withdraw_credits'
    ],
    state_machine: [
        'apply_validator',
        'bind_wallet',
        'create_pool',
        'file_impeachment',
        'join_pool',
        'leave_pool',
        'propose_wallet',
        'rebind_wallet',
        'refresh_stake',
        'register_node',
        'unregister_node'
    ],
    compute_gateway: [
        'attach_node',
        'claim_jobs',
        'mint_socket',
        'open_session',
        'redrive_job',
        'register_app',
        'set_gateway_url',
        'submit_group',
        'submit_job',
        'submit_job_by_reference',
        'use_socket'
    ],
    rewards: [
        'cancel_claim',
        'claim_airdrop',
        'renew_stake',
        'request_claim',
        'stake_node',
        'stake_tokens',
        'top_up_stake'
    ]
} as const;
type Pausable = keyof typeof STOPPED;
const CANISTERS = Object.keys(STOPPED) as Pausable[];

const FEE = 100_000n;
const DAY_S = 86_400;
const TERM_DAYS = 7n;
const APP = 'chat';
const MODEL = new Uint8Array(32);
const OUTPUT = new TextEncoder().encode('the output');
const USER = idOf('user');
const STRANGER = idOf('stranger');
const NOTHING = { from_subaccount: [], fee: [], memo: [], created_at_time: [] } satisfies Record<string, []>;

let suite: Suite;
let NODE: Principal;
let LATER_NODE: Principal;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n });
    await admitValidators(suite);
    NODE = await activateNode(suite, holderOf('node'));
    LATER_NODE = await activateNode(suite, holderOf('later node'));
    await buyCredits(suite, USER, 100n);
    accepted(await suite.as('compute_gateway', USER).register_app(appNamed(APP)));
    accepted(await suite.as('compute_gateway', NODE).attach_node({ apps: [APP], slots: 4, capacity: [] }));
});
afterAll(() => suite.close());
afterEach(async () => {
    for (const canister of CANISTERS) await setPaused(canister, false);
});

const appNamed = (name: string, model = 0) => ({
    app_id: name,
    kind: { Embedding: null },
    model_hash: new Uint8Array(32).fill(model),
    unit: 'input',
    unit_price_credits: 2n,
    max_units: 10n,
    lease_s: 60n,
    exec_limit_s: [] as [],
    requirements: [] as []
});

async function setPaused(canister: Pausable, paused: boolean): Promise<void> {
    accepted(await suite.as(canister, suite.deployer).set_paused(paused));
}

/** Labels of a variant; undefined for other types. */
class Labels extends IDL.Visitor<undefined, ReadonlyMap<string, IDL.Type> | undefined> {
    override visitType(): undefined {
        return undefined;
    }

    override visitVariant(_type: IDL.VariantClass, fields: [string, IDL.Type][]): ReadonlyMap<string, IDL.Type> {
        return new Map(fields);
    }
}

/** Methods whose Candid can refuse with `Paused`, with arguments of their types. */
function stoppedMethods(canister: Pausable): ReadonlyMap<string, readonly unknown[]> {
    const labels = new Labels();
    const stopped = INTERFACES[canister]({ IDL })._fields.filter(([, { retTypes }]) =>
        retTypes[0]?.accept(labels, undefined)?.get('Err')?.accept(labels, undefined)?.has('Paused')
    );
    return new Map(stopped.map(([name, { argTypes }]) => [name, argTypes.map(leastValue)]));
}

async function metricsOf(canister: Pausable): Promise<string> {
    const request = { method: 'GET', url: '/metrics', headers: [], body: new Uint8Array(), certificate_version: [] };
    const { body } = await suite.as(canister).http_request(request as never);
    return new TextDecoder().decode(Uint8Array.from(body));
}

const submitJob = () =>
    suite.as('compute_gateway', USER).submit_job({
        app_id: APP,
        input: Uint8Array.of(1),
        max_credits: 20n,
        idempotency_key: [],
        payer: { Caller: null },
        ttl_s: [],
        priority: [],
        session_key: [],
        ack_hash: []
    });

/** What a user does in each canister, with arguments that are good when nothing is paused. */
const BEGINNINGS: { readonly [Name in Pausable]: () => Promise<Answer<unknown>> } = {
    hub: () => suite.as('hub', USER).create_api_key({ label: 'key', key_hash: new Uint8Array(32).fill(7) }),
    state_machine: () => suite.as('state_machine', NODE).create_pool('pool'),
    compute_gateway: () => suite.as('compute_gateway', USER).register_app(appNamed('another', 1)),
    rewards: () => stakeFor(NODE, new Uint8Array(32).fill(1))
};

/** Stakes for a node for the shortest term, out of an account of the deployer that has nothing else. */
async function stakeFor(node: Principal, from: Uint8Array): Promise<Answer<unknown>> {
    const amount = await stakeOf(node);
    const ledger = suite.as('token_icrc1', suite.deployer);
    const to = { owner: suite.deployer, subaccount: [from] as [Uint8Array] };
    accepted(await ledger.icrc1_transfer({ ...NOTHING, to, amount: amount + 2n * FEE }));
    const spender = { owner: suite.ids.rewards, subaccount: [] as [] };
    const approval = { ...NOTHING, from_subaccount: to.subaccount, spender, amount: amount + FEE };
    accepted(await ledger.icrc2_approve({ ...approval, expected_allowance: [], expires_at: [] }));
    const order = { node, term_days: TERM_DAYS, amount_e8s: amount, from_subaccount: to.subaccount };
    return suite.as('rewards', suite.deployer).stake_node(order);
}

/** What must be staked for a node. */
async function stakeOf(node: Principal): Promise<bigint> {
    const [view] = await suite.as('state_machine').get_node(node);
    const quote = await suite.as('rewards').quote_node_stake({ compute: null }, view?.e_value_e8 ?? 0n, TERM_DAYS, []);
    return quote.required_e8s;
}

test.each(CANISTERS)('%s: the methods that a pause stops are those of the decision', (canister) => {
    expect([...stoppedMethods(canister).keys()].sort()).toEqual([...STOPPED[canister]].sort());
});

test('the ledger knows no pause', () => {
    const methods = INTERFACES.token_icrc1({ IDL })._fields.map(([name]) => name);
    expect(methods).not.toContain('set_paused');
});

test.each(CANISTERS)('%s: paused, it refuses each of them, changes nothing, and answers queries', async (canister) => {
    await setPaused(canister, true);
    const before = await metricsOf(canister);
    expect(before).toContain('emc_canister_paused 1\n');
    const answers: [string, string][] = [];
    for (const [method, args] of stoppedMethods(canister)) {
        const actor = suite.as(canister, NODE) as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
        answers.push([method, code((await actor[method]?.(...args)) as Answer<unknown>)]);
    }
    expect(answers).toEqual([...stoppedMethods(canister).keys()].map((method) => [method, 'Paused']));
    expect(code(await BEGINNINGS[canister]())).toBe('Paused');
    expect(await metricsOf(canister)).toBe(before);
    expect(await suite.as(canister).version()).toBe('0.1.0');
    await setPaused(canister, false);
    expect(await metricsOf(canister)).toContain('emc_canister_paused 0\n');
    expect(code(await BEGINNINGS[canister]())).toBe('ok');
});

test.each(CANISTERS)(
    '%s: an upgrade keeps the pause, and only governance or a controller ends it',
    async (canister) => {
        await setPaused(canister, true);
        await setPaused(canister, true);
        await suite.upgrade(canister);
        expect(await suite.as(canister).status()).toMatchObject({ version: '0.1.0', paused: true });
        expect(code(await suite.as(canister, STRANGER).set_paused(false))).toBe('Unauthorized');
        expect(code(await suite.as(canister, suite.ids.token_icrc1).set_paused(false))).toBe('Unauthorized');
        expect((await suite.as(canister).status()).paused).toBe(true);
        accepted(await suite.as(canister, suite.ids.rewards).set_paused(false));
        await suite.upgrade(canister);
        expect((await suite.as(canister).status()).paused).toBe(false);
        expect(code(await suite.as(canister, STRANGER).set_paused(true))).toBe('Unauthorized');
        expect((await suite.as(canister).status()).paused).toBe(false);
    }
);

test.each(CANISTERS)('%s: its status names the peers, the cycles and the last timer', async (canister) => {
    await suite.advance(120);
    const { schema_version: schema, peers, cycles, last_timer_ns: last } = await suite.as(canister).status();
    const nowNs = BigInt(Math.round(await suite.pic.getTime())) * 1_000_000n;
    expect(schema).toBeGreaterThan(0);
    expect(peers).toEqual(await suite.as(canister).get_peers());
    expect(peers.token_icrc1.map(String)).toEqual([suite.ids.token_icrc1.toText()]);
    expect(cycles).toBeGreaterThan(0n);
    expect(last[0]).toBeGreaterThan(nowNs - 121_000_000_000n);
    expect(last[0]).toBeLessThan(nowNs + 1_000_000_000n);
});

test('a job that runs when everything is paused still ends, and its node is recorded as paid', async () => {
    const { job_id: jobId } = accepted(await submitJob());
    const queue = suite.as('compute_gateway', NODE);
    const [lease] = accepted(await queue.claim_jobs({ max: 1, apps: [] }));
    if (lease === undefined) throw new RangeError('nothing to claim');
    for (const canister of CANISTERS) await setPaused(canister, true);
    const { attempt, token } = lease;
    const beat = await queue.heartbeat([{ job_id: jobId, token, units: [] }]);
    expect([...beat.extended]).toEqual([jobId]);
    const result = { job_id: jobId, attempt, token, output: OUTPUT, units: 3n, model_hash: MODEL };
    accepted(await queue.complete_job({ ...result, output_hash: [], details: [], ack: [] }));
    await suite.advance(1);
    const [request] = await suite.as('hub', USER).get_request(jobId);
    expect(request).toMatchObject({ status: { Success: null }, credits_used: 6n, node: [NODE] });
    accepted(
        await suite.as('state_machine', NODE).report_status({ queue_depth: 0, capacity: 4, apps: [], version: '' })
    );
});

test('a job is not accepted while only the hub is paused: nothing is held, and nothing is left behind', async () => {
    const account = () => suite.as('hub', USER).get_account(USER);
    const before = await account();
    await setPaused('hub', true);
    expect(code(await submitJob())).toBe('TemporarilyUnavailable');
    expect(await account()).toEqual(before);
    await setPaused('hub', false);
    const { job_id: jobId } = accepted(await submitJob());
    expect((await account()).held).toBe(20n);
    await setPaused('compute_gateway', true);
    accepted(await suite.as('compute_gateway', USER).cancel_job(jobId));
    await suite.advance(1);
    expect(await account()).toEqual(before);
});

test('a matured stake is paid while rewards is paused, and no new one is taken', async () => {
    const from = new Uint8Array(32).fill(2);
    const account = { owner: suite.deployer, subaccount: [from] as [Uint8Array] };
    const balance = () => suite.as('token_icrc1').icrc1_balance_of(account);
    const amount = await stakeOf(LATER_NODE);
    accepted(await stakeFor(LATER_NODE, from));
    await setPaused('rewards', true);
    expect(await balance()).toBe(0n);
    await suite.advance(Number(TERM_DAYS) * DAY_S - 60);
    expect(code(await suite.as('rewards', STRANGER).release_stake(LATER_NODE))).toBe('NotMatured');
    await suite.advance(61);
    expect(code(await suite.as('rewards', STRANGER).release_stake(LATER_NODE))).toMatch(/^(ok|AlreadyReleased)$/);
    expect(await balance()).toBe(amount - FEE);
    expect(code(await stakeFor(LATER_NODE, from))).toBe('Paused');
    await setPaused('rewards', false);
    accepted(await stakeFor(LATER_NODE, from));
});
