import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlreadyRunning, lockFile, whileLocked } from '../../../src/client/process_lock';

let folder: string;
let file: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-lock-'));
    file = join(folder, 'journal');
});

afterEach(async () => {
    children.splice(0).forEach((child) => child.kill('SIGKILL'));
    await rm(folder, { recursive: true, force: true });
});

/** Another process that asks for the lock, and what it says of it. */
async function another(): Promise<{ readonly child: ChildProcess; readonly said: string }> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/lock_holder.ts', file], {
        stdio: ['ignore', 'pipe', 'inherit']
    });
    children.push(child);
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, said: said.toString().trim() };
}

/** A lock as a holder would have left it. */
function leave(holder: object): Promise<void> {
    const full = { id: 'another', pid: process.pid, host: hostname(), since: '2026-01-01T00:00:00.000Z', ...holder };
    return writeFile(`${file}.lock`, JSON.stringify(full));
}

test('of two processes the second is told who holds the file; a killed one leaves it to the next', async () => {
    const first = await another();
    expect(first.said).toBe('held');
    const refused = (await another()).said;
    expect(refused).toContain(`${file}.lock is held by process ${first.child.pid} on ${hostname()} since 20`);
    await expect(lockFile(file)).rejects.toThrow(AlreadyRunning);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    expect((await another()).said).toBe('held');
});

test('within a process, too, a file is locked once, until it is released', async () => {
    const lock = await lockFile(file);
    await expect(lockFile(file)).rejects.toThrow(AlreadyRunning);
    await lock.release();
    const next = await lockFile(file);
    // Releasing twice leaves the lock of the next holder alone.
    await lock.release();
    await expect(lockFile(file)).rejects.toThrow(AlreadyRunning);
    await next.release();
    expect(await readdir(folder)).toEqual([]);
});

test('of many who find a dead holder, one takes over', async () => {
    await leave({ start: 'before the machine was started' });
    const tries = await Promise.allSettled(Array.from({ length: 30 }, () => lockFile(file)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['journal.lock']);
});

test('a process number that another process has now does not hold the file', async () => {
    await leave({ pid: process.ppid, start: 'another start' });
    await (await lockFile(file)).release();
});

test.each([
    ['of another machine', { host: 'elsewhere', pid: 1 }],
    ['of a process whose start nothing tells', { start: undefined }]
])('a lock %s is left alone', async (_of, holder) => {
    await leave(holder);
    await expect(lockFile(file)).rejects.toThrow(AlreadyRunning);
});

test('a lock that cannot be read, and a takeover that nobody ended, wait for a person', async () => {
    await writeFile(`${file}.lock`, 'half');
    await expect(lockFile(file)).rejects.toThrow('cannot be read');
    await leave({ start: 'long ago' });
    await writeFile(`${file}.lock.takeover`, await readFile(`${file}.lock`));
    await expect(lockFile(file)).rejects.toThrow('.lock.takeover is held by');
});

test('a file has one lock, by whatever path it is named', async () => {
    const other = `${folder}-link`;
    await symlink(folder, other);
    const lock = await lockFile(file);
    await expect(lockFile(join(other, 'journal'))).rejects.toThrow(AlreadyRunning);
    await lock.release();
    await rm(other);
});

test('work that fails, or that cannot have all its files, keeps none', async () => {
    const key = join(folder, 'key');
    const failing = whileLocked([key, file, file], () => Promise.reject(new RangeError('no network')));
    await expect(failing).rejects.toThrow(RangeError);
    const lock = await lockFile(file);
    await expect(whileLocked([key, file], () => Promise.resolve())).rejects.toThrow(AlreadyRunning);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
});
