import { utf8 } from './bytes';
import { cborRecord, encodeSelfDescribed, type CborKey, type CborValue } from './cbor';
import { decodeCbor } from './cbor_decode';
import { parsePublicKey } from './der';
import type { HashTree } from './hash_tree';
import { treeFromCbor, treeToCbor } from './hash_tree_cbor';
import { verifyRootSignature } from './keys';
import { decodeLeb128 } from './leb128';
import { lookupLeaf } from './lookup';

/** A state tree, usually pruned, with the root subnet's signature over its digest. */
export interface Certificate {
    readonly tree: HashTree;
    readonly signature: Uint8Array;
}

export function encodeCertificate(certificate: Certificate): Uint8Array {
    return encodeSelfDescribed(cborRecord({ tree: treeToCbor(certificate.tree), signature: certificate.signature }));
}

/** Certificates nest as deep as their trees: forks of 32-byte labels that share long prefixes. */
const certificateLimits = { depth: 1024, bytes: 4 * 1024 * 1024 };

/** Undefined when the bytes are no certificate, or one with a delegation (this network has one subnet). */
export function decodeCertificate(bytes: Uint8Array): Certificate | undefined {
    const decoded = decodeCbor(bytes, certificateLimits);
    if (!decoded.ok || !(decoded.value instanceof Map)) {
        return undefined;
    }
    const fields: ReadonlyMap<CborKey, CborValue> = decoded.value;
    const tree = treeFromCbor(fields.get('tree'));
    const signature = fields.get('signature');
    if (tree === undefined || !(signature instanceof Uint8Array) || fields.has('delegation')) {
        return undefined;
    }
    return { tree, signature };
}

/** Whether the root key (DER) signed the certificate's tree. */
export function verifyCertificate(certificate: Certificate, rootKeyDer: Uint8Array): boolean {
    const key = parsePublicKey(rootKeyDer);
    return key?.scheme === 'bls12381' && verifyRootSignature(key.raw, certificate.tree.digest, certificate.signature);
}

/** The certificate's own time in nanoseconds. */
export function certificateTimeNs(certificate: Certificate): bigint | undefined {
    const data = lookupLeaf(certificate.tree, [utf8('time')]);
    return data === undefined ? undefined : decodeLeb128(data);
}

/** A certified list of blobs, as `controllers` and `canister_ranges` are stored in the tree. */
export function encodeCertifiedList(items: readonly CborValue[]): Uint8Array {
    return encodeSelfDescribed(items);
}
