import { hkdfSync } from 'node:crypto';
import { fromBytes } from './scalars';

/** Kinds of master keys, as the replica spells them. */
export type KeyKind = 'ecdsa:Secp256k1' | 'schnorr:Bip340Secp256k1' | 'schnorr:Ed25519' | 'vetkd:Bls12_381_G2';

export const KEY_KINDS: readonly KeyKind[] = [
    'ecdsa:Secp256k1',
    'schnorr:Bip340Secp256k1',
    'schnorr:Ed25519',
    'vetkd:Bls12_381_G2'
];
/** Of each kind there are these keys: those of test networks, and the name of the real one. */
export const KEY_NAMES: readonly string[] = ['dfx_test_key', 'key_1', 'test_key_1'];

/**
 * The secret behind a master key: a function of the network's seed. On the real network no single node has one; here the network
 * is a single node.
 */
export function masterSecret(seed: Uint8Array, kind: KeyKind, name: string, order: bigint): bigint {
    const bytes = new Uint8Array(hkdfSync('sha256', seed, 'emc-replica', `threshold:${kind}:${name}`, 64));
    return (fromBytes(bytes) % (order - 1n)) + 1n;
}
