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
    /** Present when a subnet other than the root subnet signed. */
    readonly delegation?: Delegation;
}

/** By which the root subnet vouches for the key and the canister ranges of another one. */
export interface Delegation {
    readonly subnetId: Uint8Array;
    /** CBOR of a certificate of the root subnet. */
    readonly certificate: Uint8Array;
}

/** CBOR with the self-describe tag. */
export function encodeCertificate({ tree, signature, delegation }: Certificate): Uint8Array {
    const fields = { tree: treeToCbor(tree), signature };
    if (delegation === undefined) return encodeSelfDescribed(cborRecord(fields));
    const { subnetId, certificate } = delegation;
    return encodeSelfDescribed(cborRecord({ ...fields, delegation: cborRecord({ subnet_id: subnetId, certificate }) }));
}

/** Certificates nest as deep as their trees: forks of 32-byte labels that share long prefixes. */
const certificateLimits = { depth: 1024, bytes: 4 * 1024 * 1024 };

/** Undefined when the bytes are no certificate. */
export function decodeCertificate(bytes: Uint8Array): Certificate | undefined {
    const decoded = decodeCbor(bytes, certificateLimits);
    if (!decoded.ok || !(decoded.value instanceof Map)) {
        return undefined;
    }
    const fields: ReadonlyMap<CborKey, CborValue> = decoded.value;
    const tree = treeFromCbor(fields.get('tree'));
    const signature = fields.get('signature');
    if (tree === undefined || !(signature instanceof Uint8Array)) {
        return undefined;
    }
    if (!fields.has('delegation')) return { tree, signature };
    const delegation = delegationFrom(fields.get('delegation'));
    return delegation && { tree, signature, delegation };
}

function delegationFrom(value: CborValue | undefined): Delegation | undefined {
    if (!(value instanceof Map)) return undefined;
    const fields: ReadonlyMap<CborKey, CborValue> = value;
    const [subnetId, certificate] = [fields.get('subnet_id'), fields.get('certificate')];
    return subnetId instanceof Uint8Array && certificate instanceof Uint8Array ? { subnetId, certificate } : undefined;
}

/**
 * Whether the root key (DER) signed the certificate's tree, or the key of a subnet that the root subnet says is responsible for
 * `canisterId`.
 */
export function verifyCertificate(certificate: Certificate, rootKeyDer: Uint8Array, canisterId: Uint8Array): boolean {
    const { delegation } = certificate;
    const keyDer = delegation === undefined ? rootKeyDer : delegatedKey(delegation, rootKeyDer, canisterId);
    const key = keyDer && parsePublicKey(keyDer);
    return key?.scheme === 'bls12381' && verifyRootSignature(key.raw, certificate.tree.digest, certificate.signature);
}

/** Undefined when the delegation does not hold. A delegation has no delegation itself. */
function delegatedKey(
    { subnetId, certificate }: Delegation,
    rootKeyDer: Uint8Array,
    canisterId: Uint8Array
): Uint8Array | undefined {
    const root = decodeCertificate(certificate);
    if (root === undefined || root.delegation !== undefined || !verifyCertificate(root, rootKeyDer, canisterId))
        return undefined;
    const ranges = lookupLeaf(root.tree, [utf8('subnet'), subnetId, utf8('canister_ranges')]);
    return ranges !== undefined && rangesInclude(ranges, canisterId)
        ? lookupLeaf(root.tree, [utf8('subnet'), subnetId, utf8('public_key')])
        : undefined;
}

/** `ranges`: CBOR of pairs of a first and a last id. */
function rangesInclude(ranges: Uint8Array, canisterId: Uint8Array): boolean {
    const decoded = decodeCbor(ranges, certificateLimits);
    const pairs: readonly CborValue[] = decoded.ok && Array.isArray(decoded.value) ? decoded.value : [];
    return pairs.some((pair) => {
        if (!Array.isArray(pair)) return false;
        const [start, end]: readonly CborValue[] = pair;
        const areIds = start instanceof Uint8Array && end instanceof Uint8Array;
        return areIds && Buffer.compare(start, canisterId) <= 0 && Buffer.compare(canisterId, end) <= 0;
    });
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
