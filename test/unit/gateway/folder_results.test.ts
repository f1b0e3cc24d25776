/** Results in a folder: what was put is found again by the next process, whole or not at all, within limits. */
import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderResults } from '../../../src/gateway/delivery/folder_results';

let folder: string;
beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'emc-results-')), 'deep');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const LIMITS = { capacityBytes: 10_000, keepMs: 60_000 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a result is found again by the next process, byte for byte, and only its owner can read it', async () => {
    const store = await FolderResults.open(folder, LIMITS);
    const text = { output: bytes('line\nafter line é'), details: bytes('{"a":1}') };
    const image = { output: Uint8Array.from({ length: 300 }, (_, index) => index & 255) };
    await store.put(1n, text);
    await store.put(2n, image);
    await store.put(3n, { output: new Uint8Array() });
    const next = await FolderResults.open(folder, LIMITS);
    expect(await next.get(1n)).toEqual(text);
    expect(await next.get(2n)).toEqual({ ...image, details: undefined });
    expect(await next.get(3n)).toEqual({ output: new Uint8Array(), details: undefined });
    expect(await next.get(4n)).toBeUndefined();
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
    expect((await stat(folder)).mode & 0o077).toBe(0);
});

test('the first result of a job stays, however often it comes', async () => {
    const store = await FolderResults.open(folder, LIMITS);
    await store.put(1n, { output: bytes('first') });
    await store.put(1n, { output: bytes('second') });
    expect((await store.get(1n))?.output).toEqual(bytes('first'));
});

test('what a crash has left half written, or a disk has changed, is no result', async () => {
    const store = await FolderResults.open(folder, LIMITS);
    await store.put(1n, { output: bytes('whole') });
    await writeFile(join(folder, '2.result.new'), '{"sha256":"');
    await writeFile(join(folder, '3.result'), '{"sha256":"00"}\nother bytes');
    await writeFile(join(folder, '4.result'), 'no line at all');
    await appendFile(join(folder, '1.result'), '!');
    const next = await FolderResults.open(folder, LIMITS);
    expect(await Promise.all([1n, 2n, 3n, 4n].map((jobId) => next.get(jobId)))).toEqual(Array(4).fill(undefined));
    expect(await readdir(folder)).not.toContain('2.result.new');
});

test('the oldest results go when there is no more room, and each after its time', async () => {
    let nowMs = Date.now();
    const open = () => FolderResults.open(folder, { capacityBytes: 2_000, keepMs: 60_000 }, () => nowMs);
    const store = await open();
    for (let jobId = 1n; jobId <= 5n; jobId++) await store.put(jobId, { output: new Uint8Array(500) });
    const found = await Promise.all([1n, 2n, 3n, 4n, 5n].map(async (jobId) => (await store.get(jobId)) !== undefined));
    expect(found).toEqual([false, false, true, true, true]);
    expect(await readdir(folder)).toHaveLength(3);
    nowMs += 120_000;
    expect(await store.get(5n)).toBeUndefined();
    await open();
    expect(await readdir(folder)).toEqual([]);
});

test('results that come together keep within the limits together', async () => {
    const store = await FolderResults.open(folder, LIMITS);
    let jobId = 0n;
    const put = (bytes: number): Promise<void> => store.put(++jobId, { output: new Uint8Array(bytes) });
    for (let round = 0; round < 5; round++) {
        for (let small = 0; small < 40; small++) await put(100);
        // Each makes room by many files, while the others do.
        await Promise.all([put(3_000), put(3_000), put(3_000), put(3_000)]);
    }
    const names = await readdir(folder);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(LIMITS.capacityBytes);
    expect(names.length).toBeGreaterThan(0);
});
