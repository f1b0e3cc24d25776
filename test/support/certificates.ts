/** Certificates as a subnet would sign them, made from scratch: what a test wants to prove or to forge. */
import { bls12_381 } from '@noble/curves/bls12-381';
import { concatBytes, fromHex } from '../../src/core/bytes';
import { domainSeparator, treeDigest, type HashTree } from '../../src/core/certification/hash_tree';
import { sha256 } from '../../src/core/hash';

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const leaf = (data: Uint8Array): HashTree => ({ kind: 'leaf', data });
export const labeled = (label: string | Uint8Array, subtree: HashTree): HashTree => ({
    kind: 'labeled',
    label: typeof label === 'string' ? utf8(label) : label,
    subtree
});
export const fork = (left: HashTree, right: HashTree): HashTree => ({ kind: 'fork', left, right });

export function leb128(value: bigint): Uint8Array {
    const bytes: number[] = [];
    let rest = value;
    do {
        const low = Number(rest & 0x7fn);
        rest >>= 7n;
        bytes.push(rest === 0n ? low : low | 0x80);
    } while (rest > 0n);
    return Uint8Array.from(bytes);
}

function head(major: number, length: number): Uint8Array {
    if (length < 24) return Uint8Array.of((major << 5) | length);
    if (length < 256) return Uint8Array.of((major << 5) | 24, length);
    return Uint8Array.of((major << 5) | 25, length >> 8, length & 255);
}

export const cborBytes = (bytes: Uint8Array): Uint8Array => concatBytes(head(2, bytes.length), bytes);
export const cborText = (text: string): Uint8Array => concatBytes(head(3, utf8(text).length), utf8(text));
export const cborArray = (...items: readonly Uint8Array[]): Uint8Array => concatBytes(head(4, items.length), ...items);
export const cborMap = (fields: Readonly<Record<string, Uint8Array>>): Uint8Array =>
    concatBytes(
        head(5, Object.keys(fields).length),
        ...Object.entries(fields).flatMap(([name, value]) => [cborText(name), value])
    );
const cborTag = Uint8Array.of(0xd9, 0xd9, 0xf7);

export function treeCbor(tree: HashTree): Uint8Array {
    switch (tree.kind) {
        case 'empty':
            return cborArray(head(0, 0));
        case 'fork':
            return cborArray(head(0, 1), treeCbor(tree.left), treeCbor(tree.right));
        case 'labeled':
            return cborArray(head(0, 2), cborBytes(tree.label), treeCbor(tree.subtree));
        case 'leaf':
            return cborArray(head(0, 3), cborBytes(tree.data));
        case 'pruned':
            return cborArray(head(0, 4), cborBytes(tree.digest));
    }
}

const KEY_HEADER = '308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100';

/** A subnet's threshold key, held by one test. */
export class SubnetKey {
    private readonly secret: Uint8Array;

    constructor(name: string) {
        this.secret = concatBytes(Uint8Array.of(0), sha256(utf8(name)).slice(1));
    }

    get der(): Uint8Array {
        const raw = bls12_381.shortSignatures.getPublicKey(this.secret).toBytes(true);
        return concatBytes(fromHex(KEY_HEADER) ?? new Uint8Array(), raw);
    }

    sign(tree: HashTree): Uint8Array {
        const { shortSignatures } = bls12_381;
        const message = shortSignatures.hash(concatBytes(domainSeparator('ic-state-root'), treeDigest(tree)));
        return shortSignatures.sign(message, this.secret).toBytes(true);
    }

    certificate(tree: HashTree, delegation?: { subnetId: Uint8Array; certificate: Uint8Array }): Uint8Array {
        const fields = { tree: treeCbor(tree), signature: cborBytes(this.sign(tree)) };
        if (delegation === undefined) return concatBytes(cborTag, cborMap(fields));
        const { subnetId, certificate } = delegation;
        const delegated = cborMap({ subnet_id: cborBytes(subnetId), certificate: cborBytes(certificate) });
        return concatBytes(cborTag, cborMap({ ...fields, delegation: delegated }));
    }
}

/** The state tree that shows one canister's certified data and the time. */
export function certifiedTree(canisterId: Uint8Array, data: Uint8Array, timeNs: bigint): HashTree {
    const canister = labeled('canister', labeled(canisterId, labeled('certified_data', leaf(data))));
    return fork(canister, labeled('time', leaf(leb128(timeNs))));
}

/** What the root subnet says of another: its key and its canisters, in the old place or in shards. */
export function subnetTree(
    subnetId: Uint8Array,
    key: SubnetKey,
    ranges: readonly (readonly [Uint8Array, Uint8Array])[],
    sharded = false
): HashTree {
    const list = cborArray(...ranges.map(([first, last]) => cborArray(cborBytes(first), cborBytes(last))));
    const publicKey = labeled('public_key', leaf(key.der));
    const subnet = (below: HashTree): HashTree => labeled('subnet', labeled(subnetId, below));
    if (!sharded) return subnet(fork(labeled('canister_ranges', leaf(list)), publicKey));
    const first = ranges[0]?.[0] ?? new Uint8Array();
    return fork(labeled('canister_ranges', labeled(subnetId, labeled(first, leaf(list)))), subnet(publicKey));
}
