/** The network's own keys: the BLS key that signs state, the Ed25519 key of its one node. */
import { createPrivateKey, createPublicKey, hkdfSync, sign, type KeyObject } from 'node:crypto';
import { mapHashToField } from '@noble/curves/abstract/modular';
import { bls12_381 } from '@noble/curves/bls12-381';
import { concatBytes, domainSeparator, fromHex, toHex, utf8 } from './bytes';
import { derEncode, selfAuthenticating } from './der';

const signatures = bls12_381.shortSignatures;
const stateRootDomain = domainSeparator('ic-state-root');
const responseDomain = domainSeparator('ic-response');
const pkcs8Ed25519 = fromHex('302e020100300506032b657004220420');

/** Signs the root hash of a state tree: BLS12-381, signature in G1, 48 bytes compressed. */
export class BlsKey {
    readonly #secret: Uint8Array;
    readonly publicDer: Uint8Array;

    constructor(seed: Uint8Array) {
        this.#secret = mapHashToField(derive(seed, 'bls', 48), bls12_381.fields.Fr.ORDER);
        this.publicDer = derEncode('bls12381', publicPoint(this.#secret));
    }

    signRoot(rootHash: Uint8Array): Uint8Array {
        const point = signatures.hash(concatBytes(stateRootDomain, rootHash));
        return signatures.sign(point, this.#secret).toBytes();
    }
}

/**
 * The library's own derivation first spends 140 ms on tables for the base point, which only pay for many keys;
 * a copy of the point has none. Constant time is no concern for a local network.
 */
function publicPoint(secret: Uint8Array): Uint8Array {
    const { Point } = bls12_381.G2;
    return Point.fromAffine(Point.BASE.toAffine())
        .multiplyUnsafe(BigInt(`0x${toHex(secret)}`))
        .toBytes();
}

/** Whether `signature` is the key's over the root hash; false for malformed keys and signatures too. */
export function verifyRootSignature(publicRaw: Uint8Array, rootHash: Uint8Array, signature: Uint8Array): boolean {
    try {
        const point = signatures.hash(concatBytes(stateRootDomain, rootHash));
        return signatures.verify(signature, point, publicRaw);
    } catch {
        // Noble throws for bytes that are no point of the curve.
        return false;
    }
}

/** Signs query answers. */
export class NodeKey {
    readonly #private: KeyObject;
    readonly publicDer: Uint8Array;
    /** Self-authenticating principal of the key. */
    readonly nodeId: Uint8Array;

    constructor(seed: Uint8Array) {
        const der = Buffer.concat([pkcs8Ed25519, derive(seed, 'node', 32)]);
        this.#private = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
        this.publicDer = new Uint8Array(createPublicKey(this.#private).export({ format: 'der', type: 'spki' }));
        this.nodeId = selfAuthenticating(this.publicDer);
    }

    /** `responseHash`: representation-independent hash of the answer's map. */
    signResponse(responseHash: Uint8Array): Uint8Array {
        return new Uint8Array(sign(null, concatBytes(responseDomain, responseHash), this.#private));
    }
}

/** The secrets of a network. */
export interface NetworkKeys {
    readonly root: BlsKey;
    readonly node: NodeKey;
    /** The subnet is the root subnet: its id is the self-authenticating principal of the root key. */
    readonly subnetId: Uint8Array;
}

/** Equal seeds (any length) give equal keys. */
export function networkKeys(seed: Uint8Array): NetworkKeys {
    const root = new BlsKey(seed);
    return { root, node: new NodeKey(seed), subnetId: selfAuthenticating(root.publicDer) };
}

function derive(seed: Uint8Array, purpose: string, length: number): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', seed, utf8('emc-replica'), utf8(purpose), length));
}
