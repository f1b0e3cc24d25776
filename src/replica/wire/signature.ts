/** Signature schemes of requests (interface specification, "Signatures"). */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { toHex } from './bytes';
import { verifyCanisterSignature } from './canister_signature';
import { parsePublicKey, type PublicKey } from './der';
import { verifyWebAuthn } from './webauthn';

/** Remembers imported keys: the import costs more than half as much as a verification. */
const importedKeys = new Map<string, KeyObject>();
const maxImportedKeys = 1000;

/**
 * Whether `signature` over `message` (domain separator included) is by the key. Malformed keys and signatures are
 * simply not valid. The root key is what canister signatures are anchored in.
 */
export function verifySignature(
    keyDer: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
    rootKeyDer: Uint8Array
): boolean {
    const key = parsePublicKey(keyDer);
    try {
        return key !== undefined && verifyWith(key, message, signature, rootKeyDer);
    } catch {
        // OpenSSL refuses keys that are no point of their curve by throwing.
        return false;
    }
}

function verifyWith(key: PublicKey, message: Uint8Array, signature: Uint8Array, rootKeyDer: Uint8Array): boolean {
    switch (key.scheme) {
        case 'ed25519':
            return signature.length === 64 && verify(null, message, imported(key), signature);
        case 'secp256k1':
        case 'p256':
            return (
                signature.length === 64 &&
                verify('sha256', message, { key: imported(key), dsaEncoding: 'ieee-p1363' }, signature)
            );
        case 'webauthn':
            return verifyWebAuthn(key.raw, message, signature);
        case 'canister':
            return verifyCanisterSignature(key.raw, message, signature, rootKeyDer);
        case 'bls12381':
            // The root key signs states, never requests.
            return false;
    }
}

function imported(key: PublicKey): KeyObject {
    const id = toHex(key.der);
    const known = importedKeys.get(id);
    if (known !== undefined) {
        return known;
    }
    const object = createPublicKey({ key: Buffer.from(key.der), format: 'der', type: 'spki' });
    if (importedKeys.size >= maxImportedKeys) {
        importedKeys.clear();
    }
    importedKeys.set(id, object);
    return object;
}
