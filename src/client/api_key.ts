import { randomBytes } from 'node:crypto';
import { sha256 } from '../core/hash';

/** An API key as it is made: the secret for its user, and the hash, 32 bytes, that the hub is told. */
export interface NewApiKey {
    readonly secret: string;
    readonly hash: Uint8Array;
}

/** Draws a secret of 192 random bits; nobody but its user ever gets it (docs/decisions/0005-api-keys.md). */
export function newApiKey(): NewApiKey {
    const secret = `emc-${randomBytes(24).toString('hex')}`;
    return { secret, hash: sha256(new TextEncoder().encode(secret)) };
}
