/** Threshold Ed25519 (interface specification, "Threshold Schnorr"). */
import { createHash, hkdfSync } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519';
import { type DerivedKey, fromBytes, fromBytesLittleEndian, INITIAL_CHAIN_CODE, toBytesLittleEndian } from './scalars';

const { Point } = ed25519;

/** Of the group that the base point makes (RFC 8032). */
export const ED25519_ORDER: bigint = Point.Fn.ORDER;
const OFFSET_BYTES = 64;
const CHAIN_CODE_BYTES = 32;
const SCALAR_BYTES = 32;

interface Walk {
    readonly publicKey: Uint8Array;
    readonly chainCode: Uint8Array;
    /** What the secret of the first key grows by. */
    readonly offset: bigint;
}

/** The public key at `path` below another one: each step adds a scalar from HKDF-SHA-512 over the key so far and the index. */
export function walkEd25519(publicKey: Uint8Array, path: readonly Uint8Array[]): Walk {
    let point = Point.fromBytes(publicKey);
    let offset = 0n;
    let chainCode = INITIAL_CHAIN_CODE;
    for (const index of path) {
        const input = Buffer.concat([point.toBytes(), index]);
        const output = new Uint8Array(hkdfSync('sha512', input, chainCode, 'Ed25519', OFFSET_BYTES + CHAIN_CODE_BYTES));
        const step = fromBytes(output.subarray(0, OFFSET_BYTES)) % ED25519_ORDER;
        point = point.add(Point.BASE.multiplyUnsafe(step));
        offset = (offset + step) % ED25519_ORDER;
        chainCode = output.subarray(OFFSET_BYTES);
    }
    return { publicKey: point.toBytes(), chainCode, offset };
}

/** The key at `path` below a master secret. */
export function deriveEd25519(master: bigint, path: readonly Uint8Array[]): DerivedKey {
    const { offset, ...key } = walkEd25519(Point.BASE.multiply(master).toBytes(), path);
    return { ...key, secret: (master + offset) % ED25519_ORDER };
}

function hashToScalar(...parts: readonly Uint8Array[]): bigint {
    const hash = createHash('sha512');
    for (const part of parts) hash.update(part);
    return fromBytesLittleEndian(hash.digest()) % ED25519_ORDER;
}

/** RFC 8032 with a scalar for a secret: the nonce comes from it and the message. */
export function signEd25519({ secret, publicKey }: DerivedKey, message: Uint8Array): Uint8Array {
    const nonce = hashToScalar(Buffer.from('emc-replica nonce'), toBytesLittleEndian(secret, SCALAR_BYTES), message);
    const commitment = Point.BASE.multiply(nonce).toBytes();
    const challenge = hashToScalar(commitment, publicKey, message);
    const response = (nonce + challenge * secret) % ED25519_ORDER;
    return new Uint8Array(Buffer.concat([commitment, toBytesLittleEndian(response, SCALAR_BYTES)]));
}
