import type { KeyLimits } from '../../../canisters/hub/domain/key_limits';
import { receiptHashOf } from '../../../canisters/hub/domain/requests';
import { receiptBody, receiptHash } from '../../../src/core/compute/receipt';
import { sha256 } from '../../../src/core/hash';
import { u64Key } from '../../../src/core/codec';
import { aHub, type TestHub } from './a_hub';
import { principalNamed } from './fake_peers';

const alice = principalNamed('alice');
const bob = principalNamed('bob');
const hash = sha256(Uint8Array.of(1));

/** Alice with 1 000 credits and a key of these limits. */
async function aKey(limits: KeyLimits = {}): Promise<TestHub> {
    const t = await aHub();
    await t.buy(alice, 1_000n);
    await t.hub.registerKey(alice, { hash, label: 'key' });
    t.hub.keys.limit(alice, hash, limits);
    return t;
}

const open = (t: TestHub, requestId: bigint, maxCredits = 10n, appId = 'chat') =>
    t.hub.requests.open({ requestId, payer: { kind: 'ApiKey', hash }, appId, maxCredits }, t.nowNs());
const codeOf = (result: { ok: true } | { ok: false; error: { kind: string } }): string =>
    result.ok ? 'Ok' : result.error.kind;

test('a key without limits is not limited', async () => {
    const t = await aKey();
    for (let id = 1n; id <= 100n; id++) expect(codeOf(open(t, id))).toBe('Ok');
});

test('AS-77: a key is for the apps that it lists', async () => {
    const t = await aKey({ apps: ['chat'] });
    expect([codeOf(open(t, 1n)), codeOf(open(t, 2n, 10n, 'image'))]).toEqual(['Ok', 'AppNotAllowed']);
    t.hub.keys.limit(alice, hash, { apps: [] });
    expect(codeOf(open(t, 3n))).toBe('AppNotAllowed');
    expect(t.hub.credits.account(alice).held).toBe(10n);
});

test('AS-77: a node that the key does not list is not paid, and the reservation returns', async () => {
    const t = await aKey();
    const [good, other] = [t.peers.node('good'), t.peers.node('other')];
    t.hub.keys.limit(alice, hash, { nodes: [good] });
    expect(open(t, 1n)).toMatchObject({ ok: true, value: { nodes: [good] } });
    open(t, 2n);
    expect(codeOf(t.record(1n, other, 'Success', 5n))).toBe('NodeNotAllowed');
    expect(codeOf(t.record(1n, other, 'Success', 5n))).toBe('AlreadyRecorded');
    expect(codeOf(t.record(2n, good, 'Success', 5n))).toBe('Ok');
    expect(t.hub.requests.get(1n)?.outcome).toMatchObject({ status: 'Failed', creditsUsed: 0n, node: other });
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 995n, held: 0n, spent: 5n });
    expect(t.hub.windows.usage({ window: 0n, node: other })).toMatchObject({ records: 1n, successes: 0n, credits: 0n });
});

test('a rate limit counts requests by the minute, repetitions excepted', async () => {
    const t = await aKey({ requestsPerMinute: 2n });
    expect([codeOf(open(t, 1n)), codeOf(open(t, 2n)), codeOf(open(t, 2n))]).toEqual(['Ok', 'Ok', 'Ok']);
    t.at(20n);
    expect(open(t, 3n)).toEqual({ ok: false, error: { kind: 'RateLimited', retryAfterS: 40n } });
    t.at(59n);
    expect(open(t, 3n)).toEqual({ ok: false, error: { kind: 'RateLimited', retryAfterS: 1n } });
    t.at(60n);
    expect([codeOf(open(t, 3n)), codeOf(open(t, 4n)), codeOf(open(t, 5n))]).toEqual(['Ok', 'Ok', 'RateLimited']);
});

test('a credit limit counts what is reserved and what was used', async () => {
    const t = await aKey({ maxCredits: 100n });
    const node = t.peers.node('A');
    expect(codeOf(open(t, 1n, 60n))).toBe('Ok');
    expect(open(t, 2n, 41n)).toEqual({ ok: false, error: { kind: 'KeyLimitReached', left: 40n } });
    t.record(1n, node, 'Success', 25n);
    expect(t.hub.keyUses.of(hash)).toMatchObject({ held: 0n, spent: 25n });
    expect(codeOf(open(t, 2n, 75n))).toBe('Ok');
    expect(open(t, 3n, 1n)).toEqual({ ok: false, error: { kind: 'KeyLimitReached', left: 0n } });
    t.record(2n, node, 'Failed', 75n);
    expect(codeOf(open(t, 3n, 75n))).toBe('Ok');
    expect(t.hub.credits.account(alice).available).toBe(900n);
});

test('only the owner sets limits, and only sound ones', async () => {
    const t = await aKey();
    expect(codeOf(t.hub.keys.limit(bob, hash, {}))).toBe('KeyNotFound');
    const many = Array.from({ length: 51 }, (_, n) => `app ${n}`);
    for (const apps of [many, [''], ['x'.repeat(65)]]) {
        expect(codeOf(t.hub.keys.limit(alice, hash, { apps }))).toBe('InvalidArgument');
    }
    expect(codeOf(t.hub.keys.limit(alice, hash, { nodes: many.map(principalNamed) }))).toBe('InvalidArgument');
});

test('AS-78: a Success needs a receipt of its own; without one it is kept as Failed and costs nothing', async () => {
    const t = await aKey();
    const node = t.peers.node('A');
    for (const id of [1n, 2n, 3n, 4n]) open(t, id);
    const record = (requestId: bigint, receipt?: Uint8Array) =>
        codeOf(t.hub.requests.record({ requestId, node, status: 'Success', creditsUsed: 5n, receipt }, 0n, t.nowNs()));
    const receipt = sha256(u64Key.encode(1n));
    expect([record(1n, receipt), record(1n, receipt)]).toEqual(['Ok', 'Ok']);
    expect([record(2n, receipt), record(3n), record(4n, receipt.subarray(1))]).toEqual([
        'BadReceipt',
        'BadReceipt',
        'BadReceipt'
    ]);
    expect(t.hub.credits.account(alice)).toMatchObject({ available: 995n, held: 0n, spent: 5n });
    expect(t.hub.windows.sums(0n)).toMatchObject({ records: 4n, successes: 1n, credits: 5n });
});

test('AS-78: what a receipt says makes one of its request alone; its hash is computed for whoever asks', async () => {
    const t = await aKey();
    const node = t.peers.node('A');
    for (const id of [1n, 2n, 3n]) open(t, id);
    const said = { attempt: 2, units: 3n, outputHash: sha256(u64Key.encode(9n)) };
    const body = receiptBody(said);
    const record = (requestId: bigint, receipt: Uint8Array) =>
        codeOf(t.hub.requests.record({ requestId, node, status: 'Success', creditsUsed: 5n, receipt }, 0n, t.nowNs()));
    const another = receiptBody({ ...said, units: 4n });
    expect([record(1n, body), record(1n, body), record(1n, another)]).toEqual(['Ok', 'Ok', 'AlreadyRecorded']);
    expect([record(2n, body), record(3n, body.subarray(1))]).toEqual(['Ok', 'BadReceipt']);
    for (const jobId of [1n, 2n]) {
        const request = t.hub.requests.get(jobId);
        expect(request && receiptHashOf(request)).toEqual(receiptHash({ jobId, node, ...said }));
    }
    expect(t.hub.credits.account(alice)).toMatchObject({ held: 0n, spent: 10n });
});

test('requests are found by status, app, node, key and window, newest first, in bounded searches', async () => {
    const t = await aKey();
    const [a, b] = [t.peers.node('A'), t.peers.node('B')];
    for (let id = 1n; id <= 6n; id++) open(t, id, 1n, id % 2n === 0n ? 'chat' : 'image');
    t.record(1n, a, 'Success', 1n);
    t.record(2n, b, 'Success', 1n);
    t.at(7_200n);
    t.record(3n, a, 'Failed', 0n);
    const plain = t.open(alice, 1n, 99n);
    const find = (filter: Parameters<typeof t.hub.requests.find>[1], take = 100n, start = 0n) =>
        t.hub.requests.find(alice, filter, start, take).requests.map(({ requestId }) => requestId);
    expect(find({})).toEqual([plain, 6n, 5n, 4n, 3n, 2n, 1n]);
    expect(find({ status: 'Open', appId: 'chat' })).toEqual([plain, 6n, 4n]);
    expect(find({ status: 'Success' })).toEqual([2n, 1n]);
    expect(find({ node: a })).toEqual([3n, 1n]);
    expect(find({ window: 1n })).toEqual([3n]);
    expect(find({ keyHash: hash, appId: 'image' })).toEqual([5n, 3n, 1n]);
    const first = t.hub.requests.find(alice, { appId: 'image' }, 0n, 2n);
    expect([first.requests.map(({ requestId }) => requestId), first.next]).toEqual([[5n, 3n], 5n]);
    expect(t.hub.requests.find(alice, { appId: 'image' }, 5n, 2n)).toMatchObject({ next: undefined });
    expect(t.hub.requests.find(bob, {}, 0n, 10n)).toEqual({ requests: [], next: undefined });
});

test('AS-77: what a key allows when a request is opened holds for it: nobody works for nothing', async () => {
    const t = await aKey();
    const [a, b] = [t.peers.node('A'), t.peers.node('B')];
    t.hub.keys.limit(alice, hash, { nodes: [a] });
    expect(open(t, 1n)).toMatchObject({ ok: true, value: { nodes: [a] } });
    t.hub.keys.limit(alice, hash, { nodes: [b] });
    expect(open(t, 1n)).toMatchObject({ ok: true, value: { nodes: [a] } });
    expect(open(t, 2n)).toMatchObject({ ok: true, value: { nodes: [b] } });
    expect(codeOf(t.record(1n, a, 'Success', 1n))).toBe('Ok');
    expect(codeOf(t.record(2n, a, 'Success', 1n))).toBe('NodeNotAllowed');
});

test('a key that is revoked meanwhile still pays for what it has opened', async () => {
    const t = await aKey();
    open(t, 1n);
    t.hub.keys.revoke(alice, hash, t.nowNs());
    expect(codeOf(t.record(1n, t.peers.node('A'), 'Success', 1n))).toBe('Ok');
    expect(codeOf(open(t, 2n))).toBe('KeyRevoked');
});
