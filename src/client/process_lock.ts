import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, realpath, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { parseJson } from '../core/json';

const holderSchema = z.object({
    /** Told apart from every other attempt, also of the same process. */
    id: z.string(),
    pid: z.int().positive(),
    host: z.string(),
    /** Which process of that number it is, where the system tells (`processStart`). */
    start: z.string().optional(),
    /** RFC 3339, for people. */
    since: z.string()
});

/** Who holds a lock, as its file says. */
export type LockHolder = z.infer<typeof holderSchema>;

/** Another process works with the same file, or its lock cannot be judged; the message says what to do. */
export class AlreadyRunning extends Error {
    constructor(
        readonly lockFile: string,
        readonly holder: LockHolder | undefined
    ) {
        const who =
            holder === undefined
                ? 'somebody who cannot be read'
                : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
        super(`${lockFile} is held by ${who}; stop it, or delete that file when it is certain that nobody runs`);
        this.name = 'AlreadyRunning';
    }
}

/** A lock that is held; releasing it twice does no harm. */
export interface ProcessLock {
    release(): Promise<void>;
}

/** Others take a dead process's lock over within microseconds. */
const TAKEOVER_TRIES = 40;
const TAKEOVER_PAUSE_MS = 25;

/**
 * Makes this process the only one that works with a file, through a lock file beside it (`FILE.lock`), which a dead process
 * of this machine leaves to its successor.
 * @throws {@link AlreadyRunning} while its holder lives, or may live on another machine
 */
export async function lockFile(path: string): Promise<ProcessLock> {
    await mkdir(dirname(path), { recursive: true });
    // The same file by another name, such as through a linked folder, has the same lock.
    const lock = `${join(await realpath(dirname(path)), basename(path))}.lock`;
    const own = JSON.stringify(await describeOwn());
    for (let tries = 0; tries < TAKEOVER_TRIES; tries++) {
        if (await createWhole(lock, own)) return { release: () => removeIf(lock, own) };
        const found = await readText(lock);
        if (found === undefined) continue;
        const holder = parseHolder(found);
        if (holder === undefined || (await mayLive(holder))) throw new AlreadyRunning(lock, holder);
        await removeStale(lock, found, own);
    }
    throw new AlreadyRunning(lock, parseHolder((await readText(lock)) ?? ''));
}

/** Between two looks at a lock that others hold. */
const TURN_PAUSE_MS = 200;

/**
 * The same, after whoever holds the lock, or waits for it with more luck.
 * @throws {@link AlreadyRunning} when it is not free in time
 */
export async function lockFileInTurn(path: string, limitMs: number): Promise<ProcessLock> {
    const endMs = performance.now() + limitMs;
    for (;;) {
        try {
            return await lockFile(path);
        } catch (failure) {
            if (!(failure instanceof AlreadyRunning) || performance.now() >= endMs) throw failure;
            await wait(TURN_PAUSE_MS);
        }
    }
}

/** Runs the work while every one of the files is locked by this process. */
export async function whileLocked(paths: readonly string[], work: () => Promise<void>): Promise<void> {
    const held: ProcessLock[] = [];
    try {
        for (const path of new Set(paths)) held.push(await lockFile(path));
        await work();
    } finally {
        for (const lock of held.reverse()) await lock.release();
    }
}

/**
 * Removes a dead process's lock. Only who holds the takeover file may, and looks again first: otherwise the second of two
 * who found the same dead holder would remove the lock that the first one has just taken. Whoever dies in between leaves the
 * takeover file, and then a person decides.
 */
async function removeStale(lock: string, stale: string, own: string): Promise<void> {
    const takeover = `${lock}.takeover`;
    if (!(await createWhole(takeover, own))) {
        const other = parseHolder((await readText(takeover)) ?? '');
        if (other !== undefined && !(await mayLive(other))) throw new AlreadyRunning(takeover, other);
        await wait(TAKEOVER_PAUSE_MS);
        return;
    }
    try {
        await removeIf(lock, stale);
    } finally {
        await unlink(takeover);
    }
}

/** Creates a file with its whole content, or not at all; false when it exists. */
async function createWhole(path: string, text: string): Promise<boolean> {
    const temporary = `${path}.${randomUUID()}`;
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    try {
        await link(temporary, path);
        return true;
    } catch (failure) {
        if (hasCode(failure, 'EEXIST')) return false;
        throw failure;
    } finally {
        await unlink(temporary);
    }
}

async function removeIf(path: string, text: string): Promise<void> {
    if ((await readText(path)) === text) await unlink(path);
}

async function readText(path: string): Promise<string | undefined> {
    return readFile(path, 'utf8').catch((failure: unknown) => {
        if (hasCode(failure, 'ENOENT')) return undefined;
        throw failure;
    });
}

async function describeOwn(): Promise<LockHolder> {
    return {
        id: randomUUID(),
        pid: process.pid,
        host: hostname(),
        start: await processStart(process.pid),
        since: new Date().toISOString()
    };
}

function parseHolder(text: string): LockHolder | undefined {
    return holderSchema.safeParse(parseJson(text)).data;
}

/** Whether the holder may be running: of another machine's process nothing is known. */
async function mayLive({ pid, host, start }: LockHolder): Promise<boolean> {
    if (host !== hostname()) return true;
    if (start !== undefined) return (await processStart(pid)) === start;
    try {
        process.kill(pid, 0);
        return true;
    } catch (failure) {
        return !hasCode(failure, 'ESRCH');
    }
}

/** What follows the name in /proc/PID/stat (proc_pid_stat(5)): the state is its first field, the start time its twentieth. */
const START_FIELD = 19;

/**
 * What tells a process from others that had or will have its number: the machine's boot and the process's start in ticks
 * since then. Undefined where the system does not tell, or no such process runs; one that has ended and is only waited for
 * does not run.
 */
async function processStart(pid: number): Promise<string | undefined> {
    try {
        const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${boot} ${fields[START_FIELD]}`;
    } catch {
        return undefined;
    }
}

function hasCode(failure: unknown, code: string): boolean {
    return typeof failure === 'object' && failure !== null && 'code' in failure && failure.code === code;
}
