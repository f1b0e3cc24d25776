/** Verifiably encrypted threshold keys on BLS12-381 (interface specification, "VetKD"; ePrint 2023/616). */
import { createHash } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381';
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve';
import { sha256 } from '@noble/hashes/sha2';
import { concatBytes, utf8 } from '../wire/bytes';
import { fromBytes, toBytes } from './scalars';

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;
type G1Point = InstanceType<typeof G1>;

const VETKD_ORDER: bigint = bls12_381.fields.Fr.ORDER;
const SCALAR_BYTES = 32;
/** Enough bytes that the remainder is uniform (RFC 9380, section 5.2). */
const WIDE_SCALAR_BYTES = 48;
const CANISTER_DOMAIN = 'ic-vetkd-bls12-381-g2-canister-id';
const CONTEXT_DOMAIN = 'ic-vetkd-bls12-381-g2-context';
/** BLS signatures with the public key in front of the message. */
const AUGMENTED_DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_';

function prefixed(bytes: Uint8Array): Uint8Array {
    return concatBytes(toBytes(BigInt(bytes.length), 8), bytes);
}

function offset(publicKey: Uint8Array, input: Uint8Array, domain: string): bigint {
    return hashToVetkdScalar(concatBytes(prefixed(publicKey), prefixed(input)), domain);
}

/** RFC 9380's `hash_to_field`, into the scalars. */
export function hashToVetkdScalar(message: Uint8Array, domain: string): bigint {
    return fromBytes(expand_message_xmd(message, domain, WIDE_SCALAR_BYTES, sha256)) % VETKD_ORDER;
}

function publicKeyOf(secret: bigint): Uint8Array {
    return G2.BASE.multiplyUnsafe(secret).toBytes(true);
}

/** A key of a canister and a context. */
export interface VetKey {
    readonly secret: bigint;
    /** A point of G2, 96 bytes. */
    readonly publicKey: Uint8Array;
}

/** The key of a canister and a context; an empty context is the canister's own key. */
export function deriveVetKey(master: bigint, canisterId: Uint8Array, context: Uint8Array): VetKey {
    let secret = (master + offset(publicKeyOf(master), canisterId, CANISTER_DOMAIN)) % VETKD_ORDER;
    if (context.length > 0) secret = (secret + offset(publicKeyOf(secret), context, CONTEXT_DOMAIN)) % VETKD_ORDER;
    return { secret, publicKey: publicKeyOf(secret) };
}

/** The point of G1 that 48 bytes stand for; undefined when they stand for none of the right order. */
function transportPoint(bytes: Uint8Array): G1Point | undefined {
    try {
        const point = G1.fromBytes(bytes);
        point.assertValidity();
        return point;
    } catch {
        return undefined;
    }
}

/**
 * The signature of the derived key on `input`, encrypted to the transport key: points of G1, G2 and G1, 192 bytes. Undefined for
 * a malformed transport key.
 */
export function encryptedVetKey(key: VetKey, input: Uint8Array, transportKey: Uint8Array): Uint8Array | undefined {
    const transport = transportPoint(transportKey);
    if (transport === undefined) return undefined;
    const hashed = bls12_381.G1.hashToCurve(concatBytes(key.publicKey, input), { DST: AUGMENTED_DOMAIN });
    const signature = G1.fromAffine(hashed.toAffine()).multiply(key.secret);
    const r = blinding(key, input, transportKey);
    const blinded = transport.multiply(r).add(signature);
    return concatBytes(G1.BASE.multiply(r).toBytes(true), publicKeyOf(r), blinded.toBytes(true));
}

/** A function of everything that it hides, as in deterministic signatures: replays of the journal must give the same bytes. */
function blinding(key: VetKey, input: Uint8Array, transportKey: Uint8Array): bigint {
    const parts = [utf8('emc-replica vetkd'), toBytes(key.secret, SCALAR_BYTES), transportKey, input];
    const digest = createHash('sha512');
    for (const part of parts) digest.update(prefixed(part));
    return (fromBytes(digest.digest()) % (VETKD_ORDER - 1n)) + 1n;
}
