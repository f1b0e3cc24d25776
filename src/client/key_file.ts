import type { Ed25519KeyIdentity } from '@dfinity/identity';
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { equalBytes } from '../core/bytes';
import { FastIdentity, PKCS8_PREFIX } from './fast_identity';

/** A key file that cannot be used; `reason` says why. */
export class BadKeyFile extends Error {
    constructor(
        readonly path: string,
        readonly reason: string
    ) {
        super(`${path}: ${reason}`);
        this.name = 'BadKeyFile';
    }
}

const SEED_BYTES = 32;
const OTHERS_MASK = 0o077;

/** Reads the identity of a PEM file, or makes one; the file is readable by its owner only. */
export async function loadOrCreateIdentity(path: string): Promise<Ed25519KeyIdentity> {
    const existing = await readFile(path, 'utf8').catch(() => undefined);
    if (existing !== undefined) return loadIdentity(path);
    await createKeyFile(path);
    return loadIdentity(path);
}

/** Reads an existing identity. @throws {@link BadKeyFile} */
export async function loadIdentity(path: string): Promise<Ed25519KeyIdentity> {
    const pem = await readFile(path, 'utf8').catch(() => undefined);
    if (pem === undefined) throw new BadKeyFile(path, 'no such key file');
    if (process.platform !== 'win32' && ((await stat(path)).mode & OTHERS_MASK) !== 0) {
        throw new BadKeyFile(path, 'readable by others; run chmod 600 on it');
    }
    const seed = seedOfPem(pem);
    if (seed === undefined) throw new BadKeyFile(path, 'not an unencrypted Ed25519 PKCS #8 PEM file');
    return new FastIdentity(seed);
}

/** Linked into place when it is complete, so that nobody reads half a key and the loser of a race keeps the winner's. */
async function createKeyFile(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
    const temporary = `${path}.${randomUUID()}`;
    await writeFile(temporary, pemOfSeed(seed), { mode: 0o600, flag: 'wx' });
    await link(temporary, path).catch(() => undefined);
    await unlink(temporary);
}

/** PEM text of a seed. */
export function pemOfSeed(seed: Uint8Array): string {
    const der = Buffer.concat([PKCS8_PREFIX, seed]).toString('base64');
    return `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
}

/** The 32-byte seed in a PEM text; undefined when it holds anything else. */
export function seedOfPem(pem: string): Uint8Array | undefined {
    const body = /^-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*$/.exec(pem.trim());
    const der = Uint8Array.from(Buffer.from(body?.[1] ?? '', 'base64'));
    const isEd25519 = equalBytes(der.slice(0, PKCS8_PREFIX.length), PKCS8_PREFIX);
    return isEd25519 && der.length >= PKCS8_PREFIX.length + SEED_BYTES
        ? der.slice(PKCS8_PREFIX.length, PKCS8_PREFIX.length + SEED_BYTES)
        : undefined;
}
