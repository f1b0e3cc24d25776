/** Canister signatures (interface specification, "Canister signatures"): proofs that a canister certified a message. */
import { sha256, utf8 } from './bytes';
import { decodeCbor } from './cbor_decode';
import { certificateOfData } from './certified_data';
import { treeFromCbor } from './hash_tree_cbor';
import { lookupLeaf } from './lookup';

const limits = { depth: 1024, bytes: 1024 * 1024 };

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
    return entry?.length === 0 && certificateOfData(certificate, canisterId, tree.digest, rootKeyDer) !== undefined;
}
