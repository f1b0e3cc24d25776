/** The folder of a network's state: whose it is, in which format, and with which keys. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '../wire/bytes';
import { failure, success, type Result } from '../wire/result';
import { privateFile, privateFolder } from './files';

const format = 1;

/** A folder that this process owns until it is released. */
export interface StateFolder {
    readonly path: string;
    /** All keys come from it. */
    readonly seed: Uint8Array;
    release(): void;
}

/**
 * Takes the folder, making it if necessary. `seed` is for a new network; an existing one must have been started with the
 * same, if one is given. The error is a sentence.
 */
export function openStateFolder(path: string, seed: Uint8Array | undefined): Result<StateFolder, string> {
    mkdirSync(path, { recursive: true, mode: privateFolder });
    const lock = join(realpathSync(path), 'lock');
    const owner = takeLock(lock);
    if (owner !== undefined) return failure(`${path} is in use by process ${owner}`);
    held.add(lock);
    const release = (): void => {
        held.delete(lock);
        rmSync(lock, { force: true });
    };
    const known = readIdentity(join(path, 'network.json'), seed);
    if (!known.ok) {
        release();
        return known;
    }
    return success({ path, seed: known.value, release });
}

/** Locks of this process. */
const held = new Set<string>();

/** Undefined when the lock is ours now, otherwise the process that has it. A dead process has nothing. */
function takeLock(path: string): number | undefined {
    try {
        writeFileSync(path, `${process.pid}\n`, { flag: 'wx', mode: privateFile });
        return undefined;
    } catch (error) {
        if (!isSystemError(error, 'EEXIST')) throw error;
    }
    const owner = Number.parseInt(readFileSync(path, 'utf8'), 10);
    // Our own id in a file that we do not hold was left by an earlier process that had the same.
    const isHeld = owner === process.pid ? held.has(path) : Number.isInteger(owner) && isAlive(owner);
    if (isHeld) return owner;
    rmSync(path, { force: true });
    return takeLock(path);
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        // A process of somebody else is one, too.
        return isSystemError(error, 'EPERM');
    }
}

function isSystemError(error: unknown, code: string): boolean {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function readIdentity(path: string, seed: Uint8Array | undefined): Result<Uint8Array, string> {
    const text = readIfThere(path);
    if (text === undefined) {
        const fresh = seed ?? new Uint8Array(randomBytes(32));
        writeFileSync(`${path}.new`, `${JSON.stringify({ format, seed: toHex(fresh) })}\n`, { mode: privateFile });
        renameSync(`${path}.new`, path);
        return success(fresh);
    }
    const saved: { readonly format?: unknown; readonly seed?: unknown } = JSON.parse(text);
    if (saved.format !== format || typeof saved.seed !== 'string') {
        return failure(`${path} is of format ${String(saved.format)}, this version reads format ${format}`);
    }
    if (seed !== undefined && toHex(seed) !== saved.seed) {
        return failure(`${path} belongs to a network with another seed`);
    }
    return success(fromHex(saved.seed));
}

function readIfThere(path: string): string | undefined {
    try {
        return readFileSync(path, 'utf8');
    } catch (error) {
        if (isSystemError(error, 'ENOENT')) return undefined;
        throw error;
    }
}
