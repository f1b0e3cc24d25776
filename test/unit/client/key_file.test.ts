import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadKeyFile, loadIdentity, loadOrCreateIdentity, pemOfSeed, seedOfPem } from '../../../src/client/key_file';

let folder: string;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-key-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a key is made once, readable by its owner only, and stays the same', async () => {
    const path = join(folder, 'keys', 'node.pem');
    const first = await loadOrCreateIdentity(path);
    const second = await loadOrCreateIdentity(path);
    expect(second.getPrincipal().toText()).toBe(first.getPrincipal().toText());
    expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('two processes that make the same key end with one', async () => {
    const path = join(folder, 'node.pem');
    const both = await Promise.all([loadOrCreateIdentity(path), loadOrCreateIdentity(path)]);
    const loaded = await loadIdentity(path);
    expect(both.map((identity) => identity.getPrincipal().toText())).toContain(loaded.getPrincipal().toText());
});

test('RFC 8410: the example key of section 10.3 is read', () => {
    const pem =
        '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----';
    const seed = seedOfPem(pem);
    expect(Buffer.from(seed ?? []).toString('hex')).toBe(
        'd4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842'
    );
    expect(seedOfPem(pemOfSeed(seed ?? new Uint8Array()))).toEqual(seed);
});

test.each(['', 'garbage', '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----'])(
    'anything else is refused: %j',
    async (content) => {
        const path = join(folder, 'bad.pem');
        await writeFile(path, content, { mode: 0o600 });
        await expect(loadIdentity(path)).rejects.toBeInstanceOf(BadKeyFile);
    }
);

test('a key that others can read is refused', async () => {
    const path = join(folder, 'node.pem');
    await loadOrCreateIdentity(path);
    await chmod(path, 0o644);
    await expect(loadIdentity(path)).rejects.toBeInstanceOf(BadKeyFile);
});
