/** Canister signatures (interface specification, "Canister signatures"): proofs that a canister certified a message. */
import { equalBytes, sha256, toHex, utf8 } from './bytes';
import { decodeCbor } from './cbor_decode';
import { decodeCertificate, verifyCertificate } from './certificate';
import { treeFromCbor } from './hash_tree_cbor';
import { lookupLeaf } from './lookup';

const limits = { depth: 1024, bytes: 1024 * 1024 };

/** Certificates that verified before, by hash: one login signs many requests, and a BLS check takes 14 ms. */
const verified = new Set<string>();
const maxVerified = 1000;

/** `rawKey` is one length byte, the canister's id, and the seed. */
export function verifyCanisterSignature(
    rawKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
    rootKeyDer: Uint8Array
): boolean {
    const idLength = rawKey[0];
    const decoded = decodeCbor(signature, limits);
    if (idLength === undefined || rawKey.length < 1 + idLength || !decoded.ok || !(decoded.value instanceof Map)) {
        return false;
    }
    const canisterId = rawKey.subarray(1, 1 + idLength);
    const seed = rawKey.subarray(1 + idLength);
    const certificate: unknown = decoded.value.get('certificate');
    const tree = treeFromCbor(decoded.value.get('tree'));
    if (!(certificate instanceof Uint8Array) || tree === undefined) {
        return false;
    }
    const entry = lookupLeaf(tree, [utf8('sig'), sha256(seed), sha256(message)]);
    return entry?.length === 0 && certifies(certificate, canisterId, tree.digest, rootKeyDer);
}

function certifies(bytes: Uint8Array, canisterId: Uint8Array, digest: Uint8Array, rootKeyDer: Uint8Array): boolean {
    const certificate = decodeCertificate(bytes);
    const certified =
        certificate && lookupLeaf(certificate.tree, [utf8('canister'), canisterId, utf8('certified_data')]);
    if (certificate === undefined || certified === undefined || !equalBytes(certified, digest)) {
        return false;
    }
    const key = toHex(sha256(rootKeyDer, canisterId, bytes));
    if (verified.has(key)) {
        return true;
    }
    if (!verifyCertificate(certificate, rootKeyDer, canisterId)) {
        return false;
    }
    if (verified.size >= maxVerified) {
        verified.clear();
    }
    verified.add(key);
    return true;
}
