import { decodeCbor, type CborValue } from './cbor';
import { lookupLeaf, treeFromCbor, type HashTree } from './hash_tree';

/** A state tree, usually pruned, with a subnet's signature over its digest (interface specification, "Certificate"). */
export interface Certificate {
    readonly tree: HashTree;
    /** BLS12-381 signature in G1; 48 bytes. */
    readonly signature: Uint8Array;
    /** Present when another subnet than the root subnet signed: its certificate of that subnet's key. */
    readonly delegation: Delegation | undefined;
}

export interface Delegation {
    readonly subnetId: Uint8Array;
    readonly certificate: Uint8Array;
}

const utf8 = new TextEncoder();

/** Reads a certificate; undefined when the bytes are none. Nothing is verified. */
export function parseCertificate(bytes: Uint8Array): Certificate | undefined {
    const decoded = decodeCbor(bytes);
    const fields = decoded.ok ? asMap(decoded.value) : undefined;
    const tree = treeFromCbor(fields?.get('tree'));
    const signature = fields?.get('signature');
    if (tree === undefined || !(signature instanceof Uint8Array)) return undefined;
    const named = fields?.get('delegation');
    if (named === undefined) return { tree, signature, delegation: undefined };
    const delegation = parseDelegation(asMap(named));
    return delegation && { tree, signature, delegation };
}

function parseDelegation(fields: ReadonlyMap<string, CborValue> | undefined): Delegation | undefined {
    const subnetId = fields?.get('subnet_id');
    const certificate = fields?.get('certificate');
    if (!(subnetId instanceof Uint8Array) || !(certificate instanceof Uint8Array)) return undefined;
    return { subnetId, certificate };
}

function asMap(value: CborValue): ReadonlyMap<string, CborValue> | undefined {
    return value instanceof Map ? value : undefined;
}

/** Time of the state that a tree shows, in nanoseconds since 1970; undefined when it is not shown. */
export function certifiedTimeNs(tree: HashTree): bigint | undefined {
    const leaf = lookupLeaf(tree, [utf8.encode('time')]);
    return leaf && decodeLeb128(leaf);
}

/** The 32 bytes that a canister certified by `certified_data_set`; undefined when the tree does not show them. */
export function certifiedDataOf(tree: HashTree, canisterId: Uint8Array): Uint8Array | undefined {
    return lookupLeaf(tree, [utf8.encode('canister'), canisterId, utf8.encode('certified_data')]);
}

/** The whole of `bytes` as one unsigned LEB128 number; undefined when it is none. */
function decodeLeb128(bytes: Uint8Array): bigint | undefined {
    const last = bytes.at(-1);
    if (last === undefined || last >= 0x80 || bytes.slice(0, -1).some((byte) => byte < 0x80)) return undefined;
    return bytes.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n);
}
