import { concatBytes } from '../bytes';
import { decodeCbor } from '../certification/cbor';
import { domainSeparator, lookupLeaf, treeDigest, treeFromCbor } from '../certification/hash_tree';
import { digestBehind, digestFromBytes, digestOf, digestToBytes, prefixOf, type Prefix } from '../sha256';
import { decodeUnsigned, encodeUnsigned } from './leb128';

/** The block that a certificate covers, and with it every block before it. */
export interface Tip {
    readonly index: bigint;
    /** 32 bytes. */
    readonly hash: Uint8Array;
}

const utf8 = new TextEncoder();
const HASH_LABEL = utf8.encode('last_block_hash');
const INDEX_LABEL = utf8.encode('last_block_index');

const LEAF = domainSeparator('ic-hashtree-leaf');

/** The constant beginnings of what is hashed for a root. */
interface Prefixes {
    readonly leaf: Prefix;
    readonly hash: Prefix;
    readonly index: Prefix;
    readonly fork: Prefix;
}

let prefixes: Prefixes | undefined;

function makePrefixes(): Prefixes {
    const labeled = domainSeparator('ic-hashtree-labeled');
    return {
        leaf: prefixOf(LEAF),
        hash: prefixOf(concatBytes(labeled, HASH_LABEL)),
        index: prefixOf(concatBytes(labeled, INDEX_LABEL)),
        fork: prefixOf(domainSeparator('ic-hashtree-fork'))
    };
}

/**
 * Root of the hash tree of a tip, a fork of two labelled leaves: what a ledger certifies; 32 bytes. It is `treeDigest` of that
 * tree, from words to words: a ledger makes it in every round.
 */
export function tipRoot(tip: Tip): Uint8Array {
    prefixes ??= makePrefixes();
    const { leaf, hash, index, fork } = prefixes;
    const left = digestBehind(hash, digestBehind(leaf, digestFromBytes(tip.hash)));
    const right = digestBehind(index, digestOf(concatBytes(LEAF, encodeUnsigned(tip.index))));
    return digestToBytes(digestBehind(fork, [...left, ...right]));
}

/** `[1, [2, label, [3, hash]], [2, label, [3, index]]]` in CBOR, without a tag, as the official ledger writes it. */
export function encodeTipTree(tip: Tip): Uint8Array {
    const fork = Uint8Array.of(0x83, 0x01);
    return concatBytes(fork, leafCbor(HASH_LABEL, tip.hash), leafCbor(INDEX_LABEL, encodeUnsigned(tip.index)));
}

function leafCbor(label: Uint8Array, data: Uint8Array): Uint8Array {
    return concatBytes(Uint8Array.of(0x83, 0x02), byteString(label), Uint8Array.of(0x82, 0x03), byteString(data));
}

/** A CBOR byte string of less than 256 bytes. */
function byteString(bytes: Uint8Array): Uint8Array {
    const head = bytes.length < 24 ? Uint8Array.of(0x40 | bytes.length) : Uint8Array.of(0x58, bytes.length);
    return concatBytes(head, bytes);
}

/** The tip that a ledger's `hash_tree` shows, with the tree's root; undefined when it is none. Nothing is verified. */
export function decodeTipTree(cbor: Uint8Array): { readonly tip: Tip; readonly root: Uint8Array } | undefined {
    const decoded = decodeCbor(cbor);
    const tree = decoded.ok ? treeFromCbor(decoded.value) : undefined;
    const hash = tree && lookupLeaf(tree, [HASH_LABEL]);
    const index = tree && lookupLeaf(tree, [INDEX_LABEL]);
    const number = index && decodeUnsigned(index);
    if (tree === undefined || hash?.length !== 32 || number === undefined) return undefined;
    return { tip: { index: number, hash }, root: treeDigest(tree) };
}
