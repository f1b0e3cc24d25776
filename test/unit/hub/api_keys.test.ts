import { sha256 } from '../../../src/core/hash';
import { aHub, type TestHub } from './a_hub';
import { principalNamed } from './fake_peers';

const alice = principalNamed('alice');
const bob = principalNamed('bob');
const hash = sha256(new TextEncoder().encode('secret'));

const withKey = (t: TestHub, requestId: bigint, keyHash = hash) =>
    t.hub.requests.open(
        { requestId, payer: { kind: 'ApiKey', hash: keyHash }, appId: 'chat', maxCredits: 5n },
        t.nowNs()
    );

test('AS-77: unknown and revoked keys open nothing; a live one spends its owner’s credits', async () => {
    const t = await aHub();
    await t.buy(alice, 10n);
    expect(withKey(t, 1n)).toEqual({ ok: false, error: { kind: 'KeyNotFound' } });
    await t.hub.registerKey(alice, { label: 'laptop', hash });
    expect(withKey(t, 1n)).toMatchObject({ ok: true, value: { owner: alice, origin: 'ApiUser' } });
    expect(t.hub.credits.account(alice).held).toBe(5n);
    expect(t.hub.keys.revoke(alice, hash, 7n).ok).toBe(true);
    expect(withKey(t, 2n)).toEqual({ ok: false, error: { kind: 'KeyRevoked' } });
    expect(t.hub.keys.usable(hash)).toEqual({ ok: false, error: { kind: 'KeyRevoked' } });
});

test('an opening that was answered before the key was revoked is still answered the same', async () => {
    const t = await aHub();
    await t.buy(alice, 10n);
    await t.hub.registerKey(alice, { label: 'laptop', hash });
    const first = withKey(t, 1n);
    t.hub.keys.revoke(alice, hash, 7n);
    expect(withKey(t, 1n)).toMatchObject(first);
});

test('the origin is Validator for owners in the validator set when the key is made', async () => {
    const t = await aHub();
    t.peers.validatorSet.push(bob);
    const key = await t.hub.registerKey(bob, { label: 'probe', hash });
    expect(key).toMatchObject({ ok: true, value: { origin: 'Validator' } });
    t.peers.validatorSet.length = 0;
    expect(t.hub.keys.usable(hash)).toMatchObject({ value: { origin: 'Validator' } });
    expect([t.hub.keys.isProber(bob), t.hub.keys.isProber(alice)]).toEqual([true, false]);
});

test('a hash belongs to one key for good, also after revocation', async () => {
    const t = await aHub();
    await t.hub.registerKey(alice, { label: 'laptop', hash });
    t.hub.keys.revoke(alice, hash, 7n);
    for (const owner of [alice, bob]) {
        expect(await t.hub.registerKey(owner, { label: 'again', hash })).toEqual({
            ok: false,
            error: { kind: 'AlreadyExists' }
        });
    }
});

test('nobody revokes another’s key, nor learns that it exists', async () => {
    const t = await aHub();
    await t.hub.registerKey(alice, { label: 'laptop', hash });
    expect(t.hub.keys.revoke(bob, hash, 7n)).toEqual({ ok: false, error: { kind: 'KeyNotFound' } });
    expect(t.hub.keys.usable(hash).ok).toBe(true);
});

test.each([
    ['a short hash', { label: 'x', hash: hash.slice(1) }],
    ['no label', { label: '', hash }],
    ['a label of 65 characters', { label: 'x'.repeat(65), hash }]
])('%s is refused', async (_, key) => {
    const t = await aHub();
    expect(await t.hub.registerKey(alice, key)).toMatchObject({ ok: false, error: { kind: 'InvalidArgument' } });
});

test('an owner has a bounded number of keys', async () => {
    const t = await aHub();
    t.hub.tables.config.set({ ...t.hub.tables.config.get(), maxKeysPerOwner: 2n });
    const results = [];
    for (let index = 0; index < 3; index++) {
        results.push(await t.hub.registerKey(alice, { label: `key ${index}`, hash: sha256(Uint8Array.of(index)) }));
    }
    expect(results.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(results[2]).toMatchObject({ error: { kind: 'TooManyKeys', max: 2n } });
    expect(t.hub.keys.list(alice, 1n, 10n).map(({ label }) => label)).toEqual(['key 1']);
});
