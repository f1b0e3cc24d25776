/** Session leases, routing and inputs by reference, on a network with the real hub, ledger and state machine. */
import { Principal } from '@dfinity/principal';
import {
    firstReceipt,
    nextReceipt,
    sessionPublicKey,
    sessionReceiptHash,
    signSessionReceipt,
    type SessionReceipt
} from '../../src/core/compute/session_receipt';
import { sha256 } from '../../src/core/hash';
import { accepted, code, createApiKey, idOf, type Answer } from '../support/compute_market';
import { bytesOf as text, CREDITS, HTTP_GATEWAY, JobMarket, type Gateway } from '../support/job_market';
import { toPicPrincipal } from '../support/pic_actor';
import type { Suite } from '../support/suite';

type OpenArgs = Parameters<Gateway['open_session']>[0];

let market: JobMarket;
let suite: Suite;
let NODE_A: Principal;
let NODE_B: Principal;
let user: Principal;
let app: string;
let secret: Uint8Array;

beforeAll(async () => {
    market = await JobMarket.open('node a', 'node b');
    ({ suite } = market);
    [NODE_A, NODE_B] = market.nodes as [Principal, Principal];
});
afterAll(() => suite.close());

beforeEach(async () => {
    await market.renew({ Chat: null }, 8);
    ({ user, app } = market);
    secret = sha256(text(`secret of ${app}`));
});

const gateway = (who?: Principal): Gateway => market.as(who);
const account: JobMarket['account'] = () => market.account();

const order = (changes: Partial<OpenArgs> = {}): OpenArgs => ({
    app_id: app,
    max_credits: 80n,
    payer: { Caller: null },
    session_key: sessionPublicKey(secret),
    node: [NODE_A],
    region: [],
    ttl_s: [],
    ...changes
});

async function open(changes: Partial<OpenArgs> = {}) {
    return accepted(await gateway(user).open_session(order(changes)));
}

type Session = Awaited<ReturnType<typeof open>>;

/** The receipt after calls of these units. */
function receiptOf({ session_id }: Session, ...units: bigint[]): SessionReceipt {
    const none = firstReceipt(suite.ids.compute_gateway, session_id);
    return units.reduce((receipt, of) => nextReceipt(receipt, { outputHash: sha256(text('out')), units: of }), none);
}

const signed = (receipt: SessionReceipt, key = secret) => {
    const { calls, units, digest } = receipt;
    return { calls, units, digest, signature: signSessionReceipt(receipt, key) };
};

const settle = (receipt: SessionReceipt, isFinal: boolean, node = NODE_A, key = secret) =>
    gateway(node).settle_session(receipt.sessionId, [signed(receipt, key)], isFinal);

test('a session: credits are held once, calls go past the chain, the last receipt is captured and the node paid by it', async () => {
    const session = await open();
    expect(session).toMatchObject({ max_units: 40n, state: { Open: null }, settled: { units: 0n } });
    expect(await account()).toMatchObject({ available: 20n, held: 80n });
    expect((await gateway(NODE_A).my_sessions()).map(({ session_id }) => session_id)).toEqual([session.session_id]);
    expect(await gateway(NODE_B).my_sessions()).toEqual([]);

    accepted(await settle(receiptOf(session, 5n), false));
    await suite.upgrade('compute_gateway');
    const last = receiptOf(session, 5n, 7n);
    expect(accepted(await settle(last, true))).toMatchObject({
        state: { Ended: null },
        settled: { calls: 2, units: 12n }
    });
    await suite.advance(1);
    expect(await account()).toMatchObject({ available: CREDITS - 24n, held: 0n, spent: 24n });
    const [request] = await suite.as('hub', user).get_request(session.session_id);
    expect(request).toMatchObject({ status: { Success: null }, credits_used: 24n });
    expect(request?.node[0]?.toText()).toBe(NODE_A.toText());
    expect(Uint8Array.from(request?.receipt_hash[0] ?? [])).toEqual(sessionReceiptHash(last));

    // Brought again it is the same success; another one comes too late, and nothing is captured twice.
    accepted(await settle(last, true));
    expect(code(await settle(receiptOf(session, 5n, 7n, 1n), true))).toBe('SessionEnded');
    await suite.advance(10);
    expect(await account()).toMatchObject({ spent: 24n });
});

test('what is not the payer’s, not the latest, too much, or not the node’s to bring is refused', async () => {
    const session = await open();
    accepted(await settle(receiptOf(session, 5n, 5n), false));
    await suite.advance(30);
    const answers = {
        older: await settle(receiptOf(session, 5n), false),
        'another of the same worth': await settle(receiptOf(session, 4n, 6n), false),
        'above the hold': await settle(receiptOf(session, 5n, 5n, 31n), false),
        forged: await settle(receiptOf(session, 5n, 5n, 1n), false, NODE_A, sha256(secret)),
        'of another node': await settle(receiptOf(session, 5n, 5n, 1n), false, NODE_B),
        'of another canister': await settle({ ...receiptOf(session, 5n, 5n, 1n), gateway: suite.ids.hub }, false)
    };
    expect(Object.values(answers).map(code)).toEqual([
        'StaleReceipt',
        'StaleReceipt',
        'UsageTooHigh',
        'BadReceipt',
        'Unauthorized',
        'BadReceipt'
    ]);
    expect(accepted(await gateway(user).get_session(session.session_id)).settled.units).toBe(10n);
});

test('a payer that closes says what it owes; the node has two minutes to show more', async () => {
    const session = await open();
    const { calls, units, digest } = receiptOf(session, 4n);
    const closed = accepted(await gateway(user).close_session(session.session_id, [{ calls, units, digest }]));
    expect(closed).toMatchObject({ state: { Closing: null }, settled: { units: 4n } });
    accepted(await settle(receiptOf(session, 4n, 5n), false));
    await suite.advance(110);
    expect(await account()).toMatchObject({ held: 80n });
    await suite.advance(20);
    expect(await account()).toMatchObject({ held: 0n, spent: 18n });
});

test('a session that nobody settles ends by the timer, and its hold comes back whole', async () => {
    await open({ ttl_s: [60n] });
    await suite.advance(60);
    await suite.advance(110);
    expect(await account()).toMatchObject({ held: 80n });
    await suite.advance(20);
    expect(await account()).toMatchObject({ available: CREDITS, held: 0n, spent: 0n });
});

test('a gateway opens sessions for the owner of an API key; one order is one session, and what cannot be paid is none', async () => {
    const keyHash = await createApiKey(suite, user, `key of ${app}`);
    const payer = { ApiKey: keyHash };
    expect(code(await gateway(user).open_session(order({ payer })))).toBe('Unauthorized');
    const opened = accepted(await gateway(HTTP_GATEWAY).open_session(order({ payer, node: [] })));
    expect(opened.owner.toText()).toBe(user.toText());
    expect(accepted(await gateway(HTTP_GATEWAY).open_session(order({ payer, node: [] }))).session_id).toBe(
        opened.session_id
    );
    const session_key = sessionPublicKey(sha256(secret));
    expect(code(await gateway(user).open_session(order({ session_key })))).toBe('InsufficientCredits');
    expect(await account()).toMatchObject({ available: 20n, held: 80n });
    const node = [idOf('nobody')] as [Principal];
    expect(code(await gateway(user).open_session(order({ session_key, node, max_credits: 2n })))).toBe(
        'NoNodeAvailable'
    );
});

test('the hub is away when a session is opened: nothing is left of it', async () => {
    const hub = { canisterId: toPicPrincipal(suite.ids.hub), sender: toPicPrincipal(suite.deployer) };
    await suite.pic.stopCanister(hub);
    expect(code(await gateway(user).open_session(order()))).toBe('TemporarilyUnavailable');
    await suite.pic.startCanister(hub);
    await suite.advance(10);
    expect(await account()).toMatchObject({ available: CREDITS, held: 0n });
    expect((await gateway(NODE_A).my_sessions()).filter(({ app_id }) => app_id === app)).toEqual([]);
    await open();
});

test('strangers can neither settle nor close nor see a session', async () => {
    const session = await open();
    const id = session.session_id;
    const calls: Record<string, (as: Gateway) => Promise<Answer<unknown>>> = {
        close_session: (as) => as.close_session(id, []),
        get_session: (as) => as.get_session(id),
        settle_session: (as) => as.settle_session(id, [signed(receiptOf(session, 1n))], true),
        open_session: (as) => as.open_session(order({ payer: { ApiKey: new Uint8Array(32) } }))
    };
    const refusals = async (who: Principal) =>
        Promise.all(Object.values(calls).map((call) => call(gateway(who)).then(code, () => 'dropped')));
    expect(await refusals(idOf('stranger'))).toEqual(['Unauthorized', 'Unauthorized', 'dropped', 'Unauthorized']);
    expect(await refusals(Principal.anonymous())).toEqual(['dropped', 'Unauthorized', 'dropped', 'dropped']);
    expect(accepted(await gateway(user).get_session(id)).settled.units).toBe(0n);
});

test('routing: the node with the least load comes first, and excluded ones not at all', async () => {
    const ask = async (exclude: Principal[] = []) => {
        const answer = await gateway().route({ app_id: app, exclude, region: ['eu-west'] });
        return 'Ok' in answer ? answer.Ok.map(({ node }) => node.toText()) : code(answer);
    };
    await open();
    expect(await ask()).toEqual([NODE_B.toText(), NODE_A.toText()]);
    expect(await ask([NODE_B])).toEqual([NODE_A.toText()]);
    expect(await ask([NODE_A, NODE_B])).toBe('NoNodeAvailable');
});

test('scenario 16: what is too large is refused inline and passes by reference; a node that finds other bytes ends the job', async () => {
    const job = {
        app_id: app,
        input: new Uint8Array(131_073),
        max_credits: 20n,
        idempotency_key: [] as [],
        payer: { Caller: null },
        ttl_s: [] as [],
        priority: [] as [],
        session_key: [] as [],
        ack_hash: [] as []
    };
    expect(code(await gateway(user).submit_job(job))).toBe('PayloadTooLarge');
    const reference = { sha256: sha256(job.input), size: 131_073n, locators: ['https://blobs.example/1'] };
    const empty = { ...job, input: new Uint8Array() };
    for (const broken of [
        { ...reference, sha256: new Uint8Array(31) },
        { ...reference, size: 0n },
        { ...reference, size: (1n << 30n) + 1n },
        { ...reference, locators: [] },
        { ...reference, locators: ['file:///etc/passwd'] }
    ]) {
        expect(code(await gateway(user).submit_job_by_reference(empty, broken))).toBe('InvalidArgument');
    }
    const { job_id } = accepted(await gateway(user).submit_job_by_reference(empty, reference));
    const [lease] = accepted(await gateway(NODE_A).claim_jobs({ max: 1, apps: [[app]] }));
    expect(lease?.job_id).toBe(job_id);
    expect([...(lease?.input ?? [])]).toEqual([]);
    const [told] = lease?.input_ref ?? [];
    expect(told?.locators).toEqual(reference.locators);
    expect(Uint8Array.from(told?.sha256 ?? [])).toEqual(reference.sha256);
    const names = { job_id, attempt: 1, token: lease?.token ?? 0n };
    accepted(await gateway(NODE_A).fail_job({ ...names, code: 'hash_mismatch', retryable: false, no_penalty: [] }));
    await suite.advance(1);
    expect(accepted(await gateway(user).get_job(job_id))).toMatchObject({
        state: { Failed: null },
        error: ['hash_mismatch']
    });
    expect(await account()).toMatchObject({ available: CREDITS, held: 0n });
});

test('a node is told nowhere who pays for what it runs, and the payer is', async () => {
    const queue = gateway(NODE_A);
    const hub = suite.as('hub', NODE_A);
    const session = await open({ max_credits: 20n });
    const jobs = [await market.submit({ idempotency_key: ['key'] }), await market.submit()];
    const [done, failed] = [await market.claim(NODE_A), await market.claim(NODE_A)];
    const sessions = await queue.my_sessions();
    const { job_id, attempt, token } = failed;
    const failure = { job_id, attempt, token, code: 'x', retryable: false, no_penalty: [] as [] };
    const told: unknown[] = [
        [done, failed, sessions, await queue.my_leases(0n)],
        await queue.heartbeat([{ job_id: done.job_id, token: done.token, units: [1n] }]),
        [accepted(await market.complete(NODE_A, done)), accepted(await queue.fail_job(failure))],
        accepted(await settle(receiptOf(session, 2n), true))
    ];
    await suite.advance(1);
    const executed = await hub.list_node_requests(0n, 10n);
    expect(executed.length).toBeGreaterThanOrEqual(2);
    told.push(executed, await queue.get_attachment(NODE_A), await suite.as('hub', NODE_A).get_request(done.job_id));
    for (const id of [...jobs, session.session_id]) {
        told.push(await queue.get_job(id), await queue.get_session(id), await hub.get_request(id));
    }
    told.push(await queue.list_jobs(0n, 10n), await queue.list_jobs_of(user, 0n, 10n), await queue.get_group(0n));
    const inText = (value: unknown): string =>
        JSON.stringify(value, (_key, of: unknown) => (typeof of === 'bigint' ? `${of}` : of));
    expect(sessions.map(({ session_id }) => session_id)).toContain(session.session_id);
    expect(inText(told)).toContain(NODE_A.toText());
    expect(inText(told)).not.toContain(user.toText());
    const own = [accepted(await gateway(user).get_job(done.job_id)), await suite.as('hub', user).list_requests(0n, 9n)];
    expect(own.map(inText).every((text) => text.includes(user.toText()))).toBe(true);
});
