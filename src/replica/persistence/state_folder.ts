/** The folder of a network's state: whose it is, in which format, and with which keys. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '../wire/bytes';
import { failure, success, type Result } from '../wire/result';
import { privateFile, privateFolder } from './files';

/** Folders of networks with several subnets are of format 2, because earlier versions would take them for one subnet. */
const formats = { oneSubnet: 1, severalSubnets: 2 };

/** A folder that this process owns until it is released. */
export interface StateFolder {
    readonly path: string;
    /** All keys come from it. */
    readonly seed: Uint8Array;
    /** Names of the subnets that the network began with, in their order; none for one subnet that has every canister id. */
    readonly subnets: readonly string[];
    release(): void;
}

/**
 * Takes the folder, making it if necessary. `seed` is for a new network; an existing one must have been started with the
 * same, if one is given. `subnets` are for a new network, an existing one keeps its own. The error is a sentence.
 */
export function openStateFolder(
    path: string,
    seed: Uint8Array | undefined,
    subnets: readonly string[] = []
): Result<StateFolder, string> {
    mkdirSync(path, { recursive: true, mode: privateFolder });
    const lock = join(realpathSync(path), 'lock');
    const owner = takeLock(lock);
    if (owner !== undefined) return failure(`${path} is in use by process ${owner}`);
    held.add(lock);
    const release = (): void => {
        held.delete(lock);
        rmSync(lock, { force: true });
    };
    const known = readIdentity(join(path, 'network.json'), { seed, subnets });
    if (!known.ok) {
        release();
        return known;
    }
    return success({ path, ...known.value, release });
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

type Identity = Pick<StateFolder, 'seed' | 'subnets'>;

interface WantedIdentity {
    readonly seed: Uint8Array | undefined;
    readonly subnets: readonly string[];
}

function readIdentity(path: string, { seed, subnets }: WantedIdentity): Result<Identity, string> {
    const text = readIfThere(path);
    if (text === undefined) {
        const fresh = { seed: seed ?? new Uint8Array(randomBytes(32)), subnets };
        writeIdentity(path, fresh);
        return success(fresh);
    }
    const saved: { readonly format?: unknown; readonly seed?: unknown; readonly subnets?: unknown } = JSON.parse(text);
    const known = saved.format === formats.severalSubnets ? saved.subnets : [];
    const isReadable = saved.format === formats.oneSubnet || saved.format === formats.severalSubnets;
    if (!isReadable || typeof saved.seed !== 'string' || !Array.isArray(known)) {
        return failure(
            `${path} is of format ${String(saved.format)}, this version reads up to ${formats.severalSubnets}`
        );
    }
    if (seed !== undefined && toHex(seed) !== saved.seed) {
        return failure(`${path} belongs to a network with another seed`);
    }
    return success({ seed: fromHex(saved.seed), subnets: known.map(String) });
}

function writeIdentity(path: string, { seed, subnets }: Identity): void {
    const format = subnets.length === 0 ? formats.oneSubnet : formats.severalSubnets;
    const identity = { format, seed: toHex(seed), ...(subnets.length === 0 ? {} : { subnets }) };
    writeFileSync(`${path}.new`, `${JSON.stringify(identity)}\n`, { mode: privateFile });
    renameSync(`${path}.new`, path);
}

function readIfThere(path: string): string | undefined {
    try {
        return readFileSync(path, 'utf8');
    } catch (error) {
        if (isSystemError(error, 'ENOENT')) return undefined;
        throw error;
    }
}
