/** Compute sockets on a network with the real hub: bought, used, transferred; the node is paid at completion. */
import { Principal } from '@dfinity/principal';
import { purseOf } from '../../canisters/compute_gateway/domain/socket';
import { accepted, code, idOf, type Answer } from '../support/compute_market';
import { JobMarket, OUTPUT, type Gateway, type Lease } from '../support/job_market';
import { toPicPrincipal } from '../support/pic_actor';
import type { Suite } from '../support/suite';

let market: JobMarket;
let suite: Suite;
let NODE: Principal;
let app: string;
let user: Principal;
let other: Principal;

beforeAll(async () => {
    market = await JobMarket.open('node a');
    ({ suite } = market);
    [NODE] = market.nodes as [Principal];
});
afterAll(() => suite.close());

beforeEach(async () => {
    await market.renew({ Chat: null });
    ({ user, app } = market);
    other = idOf(`other than ${app}`);
});

const gateway = (who?: Principal): Gateway => market.as(who);
const job: JobMarket['order'] = (changes) => market.order(changes);
const claim = (): Promise<Lease> => market.claim(NODE);
const account = (who: Principal) => suite.as('hub', who).get_account(who);
const purse = (id: bigint) => suite.as('hub', suite.deployer).get_account(purseOf(id));
const units = async (id: bigint) => {
    const { units_left: left, units_reserved: reserved } = accepted(await gateway().get_socket(id));
    return { left, reserved };
};
const at = (owner: Principal) => ({ owner, subaccount: [] as [] });

/** Buys a socket and lets the hub fund its purse. */
async function mint(amount = 25n): Promise<bigint> {
    const { socket_id } = accepted(await gateway(user).mint_socket({ app_id: app, units: amount, to: [] }));
    await suite.advance(1);
    expect(accepted(await gateway().get_socket(socket_id)).funded).toBe(true);
    return socket_id;
}

const transfer = (who: Principal, tokenId: bigint, to: Principal, created: [] | [bigint] = []) =>
    gateway(who).icrc7_transfer([
        { from_subaccount: [], to: at(to), token_id: tokenId, memo: [], created_at_time: created }
    ]);
const first = (results: readonly ([] | [Answer<bigint>])[]): string => {
    const [answer] = results[0] ?? [];
    return answer === undefined ? 'none' : code(answer);
};

test('a socket is paid when it is bought; a use pays the node at completion, to the credit, and the books balance', async () => {
    const id = await mint();
    expect(await account(user)).toMatchObject({ available: 50n, held: 0n, spent: 0n });
    expect(await purse(id)).toMatchObject({ available: 50n, held: 0n });
    const { job_id, owner } = accepted(await gateway(user).use_socket(id, job()));
    expect(owner.toText()).toBe(user.toText());
    expect(await units(id)).toEqual({ left: 15n, reserved: 10n });
    expect(await purse(id)).toMatchObject({ available: 30n, held: 20n });
    await suite.upgrade('compute_gateway');
    await suite.upgrade('hub');
    const lease = await claim();
    const names = { job_id, attempt: lease.attempt, token: lease.token };
    const result = {
        ...names,
        output: OUTPUT,
        units: 4n,
        model_hash: market.modelHash,
        output_hash: [],
        details: [],
        ack: []
    };
    accepted(await gateway(NODE).complete_job(result as Parameters<Gateway['complete_job']>[0]));
    await suite.advance(1);
    expect(await units(id)).toEqual({ left: 21n, reserved: 0n });
    expect(await purse(id)).toMatchObject({ available: 42n, held: 0n, spent: 0n });
    // The trade is the user's: spent by the user, earned by the node.
    expect(await account(user)).toMatchObject({ available: 50n, spent: 8n });
    const [request] = await suite.as('hub', user).get_request(job_id);
    expect(request).toMatchObject({ status: { Success: null }, credits_used: 8n });
    expect(request?.node[0]?.toText()).toBe(NODE.toText());
});

test('units and credits come back when the job fails; what the socket does not have is refused', async () => {
    const id = await mint(12n);
    const { job_id } = accepted(await gateway(user).use_socket(id, job()));
    accepted(await gateway(user).use_socket(id, job()));
    expect(code(await gateway(user).use_socket(id, job()))).toBe('Exhausted');
    const lease = await claim();
    expect(lease.job_id).toBe(job_id);
    const names = { job_id, attempt: 1, token: lease.token };
    accepted(await gateway(NODE).fail_job({ ...names, code: 'context_too_long', retryable: false, no_penalty: [] }));
    await suite.advance(1);
    expect(await units(id)).toEqual({ left: 10n, reserved: 2n });
    expect(await purse(id)).toMatchObject({ available: 20n, held: 4n });
    expect(code(await gateway(user).use_socket(id, job({ app_id: 'other' })))).toBe('AppMismatch');
    expect(code(await gateway(user).mint_socket({ app_id: app, units: 1_000n, to: [] }))).toBe('InsufficientCredits');
    expect(code(await gateway(user).mint_socket({ app_id: 'none', units: 1n, to: [] }))).toBe('AppNotFound');
});

test('ICRC-7: a socket changes hands with its units; the standard’s queries tell of it', async () => {
    const id = await mint();
    expect((await gateway().icrc10_supported_standards()).map(({ name }) => name)).toEqual([
        'ICRC-7',
        'ICRC-10',
        'ICRC-37'
    ]);
    expect(await gateway().icrc7_symbol()).toBe('EMCS');
    expect(await gateway().icrc7_total_supply()).toBe(id);
    expect((await gateway().icrc7_owner_of([id, 10n ** 30n])).map(([owner]) => owner?.owner.toText())).toEqual([
        user.toText(),
        undefined
    ]);
    const now = BigInt(Math.floor(await suite.pic.getTime())) * 1_000_000n;
    expect(first(await transfer(other, id, user))).toBe('Unauthorized');
    expect(first(await transfer(user, id, other, [now]))).toBe('ok');
    expect(first(await transfer(user, id, other, [now]))).toBe('Duplicate');
    expect([...(await gateway().icrc7_balance_of([at(user), at(other)]))]).toEqual([0n, 1n]);
    expect([...(await gateway().icrc7_tokens_of(at(other), [], []))]).toEqual([id]);
    expect([...(await gateway().icrc7_tokens([id - 1n], [5n]))]).toEqual([id]);
    const [metadata] = await gateway().icrc7_token_metadata([id]);
    expect(metadata?.[0]).toEqual(expect.arrayContaining([['emc:units_left', { Nat: 25n }]]));
    expect(code(await gateway(user).use_socket(id, job()))).toBe('Unauthorized');
    const { job_id } = accepted(await gateway(other).use_socket(id, job()));
    accepted(await gateway(other).cancel_job(job_id));
    const tooMany = Array.from({ length: 33 }, () => ({
        from_subaccount: [] as [],
        to: at(user),
        token_id: id,
        memo: [] as [],
        created_at_time: [] as []
    }));
    expect(first(await gateway(other).icrc7_transfer(tooMany))).toBe('GenericBatchError');
    expect(await gateway(other).icrc7_transfer([])).toEqual([]);
});

test('ICRC-37: an approved spender transfers, of one token or of the collection, until that is revoked', async () => {
    const [one, two] = [await mint(5n), await mint(5n)];
    const spender = idOf(`spender of ${app}`);
    const info = { spender: at(spender), from_subaccount: [] as [], expires_at: [] as [], memo: [] as [] };
    const now = BigInt(Math.floor(await suite.pic.getTime())) * 1_000_000n;
    const approval_info = { ...info, created_at_time: now };
    const take = async (token_id: bigint, who = spender) =>
        first(
            await gateway(who).icrc37_transfer_from([
                { spender_subaccount: [], from: at(user), to: at(other), token_id, memo: [], created_at_time: [] }
            ])
        );
    const approved = async (token_id: bigint) =>
        (await gateway().icrc37_is_approved([{ spender: at(spender), from_subaccount: [], token_id }]))[0];
    expect(await take(one)).toBe('Unauthorized');
    expect(first(await gateway(other).icrc37_approve_tokens([{ token_id: one, approval_info }]))).toBe('Unauthorized');
    expect(first(await gateway(user).icrc37_approve_tokens([{ token_id: one, approval_info }]))).toBe('ok');
    expect([await approved(one), await approved(two)]).toEqual([true, false]);
    expect(await gateway().icrc37_get_token_approvals(one, [], [])).toHaveLength(1);
    expect([await take(two), await take(one)]).toEqual(['Unauthorized', 'ok']);
    expect(first(await gateway(user).icrc37_approve_collection([{ approval_info }]))).toBe('ok');
    expect(await gateway().icrc37_get_collection_approvals(at(user), [], [])).toHaveLength(1);
    expect(await approved(two)).toBe(true);
    const revocation = { spender: [at(spender)] as [ReturnType<typeof at>], from_subaccount: [] as [], memo: [] as [] };
    const revoke = () => gateway(user).icrc37_revoke_collection_approvals([{ ...revocation, created_at_time: [] }]);
    expect([first(await revoke()), first(await revoke())]).toEqual(['ok', 'ApprovalDoesNotExist']);
    expect(await take(two)).toBe('Unauthorized');
    expect(
        first(
            await gateway(user).icrc37_revoke_token_approvals([{ ...revocation, token_id: two, created_at_time: [] }])
        )
    ).toBe('ApprovalDoesNotExist');
});

test('the hub is away while a socket is bought: nothing is left of it', async () => {
    const hub = { canisterId: toPicPrincipal(suite.ids.hub), sender: toPicPrincipal(suite.deployer) };
    const supply = await gateway().icrc7_total_supply();
    await suite.pic.stopCanister(hub);
    expect(code(await gateway(user).mint_socket({ app_id: app, units: 5n, to: [] }))).toBe('TemporarilyUnavailable');
    await suite.pic.startCanister(hub);
    await suite.advance(10);
    expect(await account(user)).toMatchObject({ available: 100n, held: 0n });
    expect(await gateway().icrc7_total_supply()).toBe(supply);
});

test('strangers cannot use, move, approve or fund sockets, and nobody calls as a purse', async () => {
    const id = await mint();
    const stranger = idOf('stranger');
    expect(code(await gateway(stranger).use_socket(id, job()))).toBe('Unauthorized');
    expect(code(await gateway(stranger).mint_socket({ app_id: app, units: 1n, to: [] }))).toBe('InsufficientCredits');
    const open = { request_id: 10n ** 9n, payer: { Principal: stranger }, app_id: app, max_credits: 1n };
    const hub = suite.as('hub', stranger);
    const refusals = [await hub.c2c_open_prepaid(open, purseOf(id)), await hub.c2c_fund_purse(1n, stranger)];
    expect(refusals.map(code)).toEqual(['Unauthorized', 'Unauthorized']);
    expect([...(await hub.c2c_record_results([]))]).toEqual([]);
    for (const call of [
        gateway(Principal.anonymous()).use_socket(id, job()),
        gateway(Principal.anonymous()).mint_socket({ app_id: app, units: 1n, to: [] }),
        transfer(Principal.anonymous(), id, stranger)
    ]) {
        await expect(call).rejects.toThrow();
    }
    expect(await units(id)).toEqual({ left: 25n, reserved: 0n });
});

test('ICRC-7, ICRC-10 and ICRC-37 describe the collection in their own units, and metadata and methods agree', async () => {
    const collection = gateway();
    const standards = await collection.icrc10_supported_standards();
    expect(standards).toEqual(
        ['ICRC-7', 'ICRC-10', 'ICRC-37'].map((name) => ({ name, url: `https://github.com/dfinity/ICRC/ICRCs/${name}` }))
    );
    const entries = [...(await collection.icrc7_collection_metadata()), ...(await collection.icrc37_metadata())];
    const metadata = Object.fromEntries(entries.map(([key, value]) => [key, Object.values(value)[0]]));
    expect(metadata).toEqual({
        'icrc7:symbol': await collection.icrc7_symbol(),
        'icrc7:name': await collection.icrc7_name(),
        'icrc7:description': (await collection.icrc7_description())[0],
        'icrc7:total_supply': await collection.icrc7_total_supply(),
        'icrc7:max_query_batch_size': (await collection.icrc7_max_query_batch_size())[0],
        'icrc7:max_update_batch_size': (await collection.icrc7_max_update_batch_size())[0],
        'icrc7:default_take_value': (await collection.icrc7_default_take_value())[0],
        'icrc7:max_take_value': (await collection.icrc7_max_take_value())[0],
        'icrc7:max_memo_size': (await collection.icrc7_max_memo_size())[0],
        'icrc7:atomic_batch_transfers': `${(await collection.icrc7_atomic_batch_transfers())[0]}`,
        'icrc7:tx_window': (await collection.icrc7_tx_window())[0],
        'icrc7:permitted_drift': (await collection.icrc7_permitted_drift())[0],
        'icrc37:max_approvals_per_token_or_collection': (
            await collection.icrc37_max_approvals_per_token_or_collection()
        )[0],
        'icrc37:max_revoke_approvals': (await collection.icrc37_max_revoke_approvals())[0]
    });
    // Seconds.
    expect([metadata['icrc7:tx_window'], metadata['icrc7:permitted_drift']]).toEqual([86_400n, 60n]);
});

test('a transfer in a batch is refused by its time to the nanosecond, and one that is too large is not begun', async () => {
    const id = await mint();
    const nowNs = BigInt(await suite.pic.getTime()) * 1_000_000n;
    const HOUR_NS = 3_600_000_000_000n;
    const sent = (created: bigint) => ({
        from_subaccount: [] as [],
        to: at(other),
        token_id: id,
        memo: [] as [],
        created_at_time: [created] as [bigint]
    });
    const [old, future, good, again] = await gateway(user).icrc7_transfer([
        sent(nowNs - 25n * HOUR_NS),
        sent(nowNs + HOUR_NS),
        sent(nowNs),
        sent(nowNs)
    ]);
    expect([old, future, good, again].map((result) => (result?.[0] === undefined ? '' : code(result[0])))).toEqual([
        'TooOld',
        'CreatedInFuture',
        'ok',
        'Duplicate'
    ]);
    const tooMany = Array.from({ length: 33 }, () => sent(nowNs));
    const refused = await gateway(other).icrc7_transfer(tooMany);
    expect(refused).toEqual([
        [{ Err: { GenericBatchError: { error_code: 5n, message: 'a batch has at most 32 items' } } }]
    ]);
    expect((await gateway().icrc7_owner_of([id]))[0]?.[0]?.owner.toText()).toBe(other.toText());
});
