/** The folder of a network's state: whose it is, in which format, and with which keys. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '../wire/bytes';
import { failure, success, type Result } from '../wire/result';
import { privateFile, privateFolder } from './files';

/** Folders of networks with several subnets are of format 2, because earlier versions would take them for one subnet. */
const formats = { oneSubnet: 1, severalSubnets: 2 };

/** Which system canisters a network was begun with: they are part of what its journal is replayed on. */
export type SystemCanisterChoice = 'faucet' | 'plain' | 'none';

/** A folder that this process owns until it is released. */
export interface StateFolder {
    readonly path: string;
    /** All keys come from it. */
    readonly seed: Uint8Array;
    /** Names of the subnets that the network began with, in their order; none for one subnet that has every canister id. */
    readonly subnets: readonly string[];
    release(): void;
}

/** What somebody wants of a folder; a new network takes it over. */
export interface WantedFolder {
    /** An existing network must have been started with the same, if one is given. */
    readonly seed?: Uint8Array | undefined;
    /** An existing network keeps its own. */
    readonly subnets?: readonly string[];
    /** An existing network must have been started with the same, if one is given. */
    readonly systemCanisters?: SystemCanisterChoice;
}

/** Takes the folder, making it if necessary. The error is a sentence. */
export function openStateFolder(path: string, wanted: WantedFolder): Result<StateFolder, string> {
    mkdirSync(path, { recursive: true, mode: privateFolder });
    const lock = join(realpathSync(path), 'lock');
    const owner = takeLock(lock);
    if (owner !== undefined) return failure(`${path} is in use by process ${owner}`);
    held.add(lock);
    const release = (): void => {
        held.delete(lock);
        rmSync(lock, { force: true });
    };
    const known = readIdentity(join(path, 'network.json'), wanted);
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

/** What a folder's file says; nothing of it is believed before it has been looked at. */
interface Saved {
    readonly format?: unknown;
    readonly seed?: unknown;
    readonly subnets?: unknown;
    readonly systemCanisters?: unknown;
}

function readIdentity(path: string, wanted: WantedFolder): Result<Identity, string> {
    const text = readIfThere(path);
    if (text === undefined) {
        const { seed = new Uint8Array(randomBytes(32)), subnets = [], systemCanisters } = wanted;
        writeIdentity(path, { seed, subnets, systemCanisters });
        return success({ seed, subnets });
    }
    const saved: Saved = JSON.parse(text);
    const known = saved.format === formats.severalSubnets ? saved.subnets : [];
    const isReadable = saved.format === formats.oneSubnet || saved.format === formats.severalSubnets;
    if (!isReadable || typeof saved.seed !== 'string' || !Array.isArray(known)) {
        return failure(
            `${path} is of format ${String(saved.format)}, this version reads up to ${formats.severalSubnets}`
        );
    }
    const mismatch = mismatchOf(saved, wanted, known.length);
    if (mismatch !== undefined) return failure(`${path} belongs to a network ${mismatch}`);
    return success({ seed: fromHex(saved.seed), subnets: known.map(String) });
}

const described: Readonly<Record<SystemCanisterChoice, string>> = {
    faucet: 'whose users have been given tokens',
    plain: 'whose users have been given nothing',
    none: 'without system canisters'
};

function mismatchOf(saved: Saved, { seed, systemCanisters }: WantedFolder, subnetCount: number): string | undefined {
    if (seed !== undefined && toHex(seed) !== saved.seed) return 'with another seed';
    // Folders of earlier versions do not tell; those with several subnets were all of the launcher.
    const begun = saved.systemCanisters ?? (subnetCount > 0 ? 'plain' : systemCanisters);
    if (systemCanisters === undefined || begun === systemCanisters) return undefined;
    return described[begun as SystemCanisterChoice] ?? `of another kind (${String(begun)})`;
}

function writeIdentity(path: string, { seed, subnets, systemCanisters }: Identity & WantedFolder): void {
    const format = subnets.length === 0 ? formats.oneSubnet : formats.severalSubnets;
    const identity = { format, seed: toHex(seed), systemCanisters, ...(subnets.length > 0 && { subnets }) };
    writeFileSync(`${path}.new`, `${JSON.stringify(identity)}\n`, { mode: privateFile, flush: true });
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
