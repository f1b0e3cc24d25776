/**
 * The master keys: those of PocketIC, whose public keys client libraries have built in for derivation without a network
 * (`ic-secp256k1`, `ic-ed25519` and `ic-vetkeys`: `pocketic_key`). All of them, and their secrets, are functions of their names:
 * they are test keys.
 */
import { createHash } from 'node:crypto';
import { ED25519_ORDER, deriveEd25519 } from './ed25519';
import { deriveSecp256k1, SECP256K1_ORDER } from './secp256k1';
import { fromBytes, fromBytesLittleEndian } from './scalars';
import { hashToVetkdScalar } from './vetkd';

/** Kinds of master keys, as the replica spells them. */
export type KeyKind = 'ecdsa:Secp256k1' | 'schnorr:Bip340Secp256k1' | 'schnorr:Ed25519' | 'vetkd:Bls12_381_G2';

/** All kinds that there are. */
export const KEY_KINDS: readonly KeyKind[] = [
    'ecdsa:Secp256k1',
    'schnorr:Bip340Secp256k1',
    'schnorr:Ed25519',
    'vetkd:Bls12_381_G2'
];
/** Of each kind there are these keys: those of test networks, and the name of the real one. */
export const KEY_NAMES: readonly string[] = ['dfx_test_key', 'key_1', 'test_key_1'];

const SEED = new Uint8Array(32).fill(42);

const secrets = new Map<string, bigint>();

/** The secret behind a master key. On the real network no single node has one; here the network is a single node. */
export function masterSecret(kind: KeyKind, name: string): bigint {
    const id = `${kind}:${name}`;
    const secret = secrets.get(id) ?? computeSecret(kind, name);
    secrets.set(id, secret);
    return secret;
}

/** ECDSA and Schnorr on secp256k1 have the same keys there. */
function computeSecret(kind: KeyKind, name: string): bigint {
    const label = new Uint8Array(Buffer.from(name));
    switch (kind) {
        case 'ecdsa:Secp256k1':
        case 'schnorr:Bip340Secp256k1':
            return deriveSecp256k1(secp256k1Root(), [label]).secret;
        case 'schnorr:Ed25519':
            return deriveEd25519(ed25519Root(), [label]).secret;
        case 'vetkd:Bls12_381_G2':
            return hashToVetkdScalar(label, 'ic-crypto-vetkd-test-utils-generate-test-key');
    }
}

function secp256k1Root(): bigint {
    return fromBytes(createHash('sha256').update(SEED).digest()) % SECP256K1_ORDER;
}

const SCALAR_BYTES = 32;

/** The scalar of a secret key by RFC 8032, section 5.1.5. */
function ed25519Root(): bigint {
    const secretKey = createHash('sha512').update(SEED).digest().subarray(0, SCALAR_BYTES);
    const scalar = new Uint8Array(createHash('sha512').update(secretKey).digest().subarray(0, SCALAR_BYTES));
    const [lowest = 0, highest = 0] = [scalar[0], scalar[SCALAR_BYTES - 1]];
    scalar[0] = lowest & 0xf8;
    scalar[SCALAR_BYTES - 1] = (highest & 0x7f) | 0x40;
    return fromBytesLittleEndian(scalar) % ED25519_ORDER;
}
