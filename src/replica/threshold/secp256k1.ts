/** Threshold ECDSA and BIP-340 Schnorr on secp256k1 (interface specification, "Threshold ECDSA", "Threshold Schnorr"). */
import { createHmac } from 'node:crypto';
import { schnorr, secp256k1 } from '@noble/curves/secp256k1';
import { type DerivedKey, fromBytes, INITIAL_CHAIN_CODE, toBytes } from './scalars';

const { Point } = secp256k1;
type Point = InstanceType<typeof Point>;

/** Of the curve's group (SEC 2). */
export const SECP256K1_ORDER: bigint = Point.Fn.ORDER;
const SCALAR_BYTES = 32;

interface Walk {
    readonly publicKey: Uint8Array;
    readonly chainCode: Uint8Array;
    /** What the secret of the first key grows by. */
    readonly offset: bigint;
}

/** One step of BIP-32's public derivation, with an index of any bytes. An invalid offset is replaced as SLIP-10 does. */
function step(point: Point, chainCode: Uint8Array, index: Uint8Array): { point: Point } & Omit<Walk, 'publicKey'> {
    let input: Uint8Array = point.toBytes(true);
    for (;;) {
        const digest = createHmac('sha512', chainCode).update(input).update(index).digest();
        const next = new Uint8Array(digest.subarray(SCALAR_BYTES));
        const offset = fromBytes(digest.subarray(0, SCALAR_BYTES));
        if (offset > 0n && offset < SECP256K1_ORDER) {
            const derived = point.add(Point.BASE.multiply(offset));
            if (!derived.equals(Point.ZERO)) return { point: derived, offset, chainCode: next };
        }
        input = Uint8Array.of(1, ...next);
    }
}

/** The public key at `path` below another one, of which the first step is the canister's id. Keys are SEC1, compressed. */
export function walkSecp256k1(publicKey: Uint8Array, path: readonly Uint8Array[]): Walk {
    let point = Point.fromBytes(publicKey);
    let offset = 0n;
    let chainCode = INITIAL_CHAIN_CODE;
    for (const index of path) {
        const next = step(point, chainCode, index);
        point = next.point;
        chainCode = next.chainCode;
        offset = (offset + next.offset) % SECP256K1_ORDER;
    }
    return { publicKey: point.toBytes(true), chainCode, offset };
}

/** The key at `path` below a master secret. */
export function deriveSecp256k1(master: bigint, path: readonly Uint8Array[]): DerivedKey {
    const { offset, ...key } = walkSecp256k1(Point.BASE.multiply(master).toBytes(true), path);
    return { ...key, secret: (master + offset) % SECP256K1_ORDER };
}

/** r and s of 32 bytes each, s in the lower half (RFC 6979 nonces). */
export function signEcdsa({ secret }: DerivedKey, messageHash: Uint8Array): Uint8Array {
    return secp256k1.sign(messageHash, toBytes(secret, SCALAR_BYTES)).toBytes('compact');
}

const NO_AUXILIARY_RANDOMNESS = new Uint8Array(32);

/**
 * BIP-340. With a Merkle root (32 bytes, or none for a key without script paths) the key is tweaked as BIP-341 says, so that the
 * signature spends the Taproot output of the derived key.
 */
export function signBip340({ secret }: DerivedKey, message: Uint8Array, merkleRoot?: Uint8Array): Uint8Array {
    const key = merkleRoot === undefined ? secret : tweaked(secret, merkleRoot);
    return schnorr.sign(message, toBytes(key, SCALAR_BYTES), NO_AUXILIARY_RANDOMNESS);
}

function tweaked(secret: bigint, merkleRoot: Uint8Array): bigint {
    const publicKey = Point.BASE.multiply(secret).toBytes(true);
    const isOdd = publicKey[0] === 3;
    const tweak = fromBytes(schnorr.utils.taggedHash('TapTweak', publicKey.subarray(1), merkleRoot));
    return ((isOdd ? SECP256K1_ORDER - secret : secret) + tweak) % SECP256K1_ORDER;
}
