import { ByteWriter } from '../codec';
import { sha256 } from '../hash';
import { buildLevels, leafHash, rootOf } from './merkle';
import { itemLeaf, type StateItem } from './state_item';

/** First byte of what is hashed besides leaves (0) and nodes (1) of trees. */
const STATE_DOMAIN = 2;
const HEAD_DOMAIN = 3;

const CHAIN = new TextEncoder().encode('emc-state-chain');

/**
 * What tells one log from all others, and the parent of its first state: hash of the canister and of the time of its
 * installation. Votes for one log can never pass for votes for another.
 */
export function chainIdOf(canisterId: Uint8Array, installedNs: bigint): Uint8Array {
    const writer = new ByteWriter();
    writer.raw(CHAIN);
    writer.bytes(canisterId);
    writer.u64(installedNs);
    return sha256(writer.finish());
}

/** What a state's hash covers. The round and its times are not part of it: the same data set proposed again is the same state. */
export interface StateHeader {
    /** 1 for the first state. */
    readonly height: bigint;
    readonly parentHash: Uint8Array;
    /** Root of the items' tree. */
    readonly payloadRoot: Uint8Array;
    readonly itemCount: number;
}

/** Hash of a state; each covers its parent's, so that one hash stands for the whole log (SM2). */
export function stateHash(header: StateHeader): Uint8Array {
    const writer = new ByteWriter();
    writer.u8(STATE_DOMAIN);
    writer.u64(header.height);
    writer.raw(header.parentHash);
    writer.raw(header.payloadRoot);
    writer.u32(header.itemCount);
    return sha256(writer.finish());
}

/** All levels of the items' tree; see {@link buildLevels}. */
export function payloadLevels(items: readonly StateItem[]): Uint8Array {
    return buildLevels(items.map(itemLeaf));
}

/** What a proposer computes before it proposes, and a voter before it votes. */
export function headerOver(height: bigint, parentHash: Uint8Array, items: readonly StateItem[]): StateHeader {
    return { height, parentHash, payloadRoot: rootOf(payloadLevels(items)), itemCount: items.length };
}

/** Leaf of a state in the tree of its commitment. */
export function stateLeaf(hash: Uint8Array): Uint8Array {
    return leafHash(hash);
}

/** A contiguous range of final states and the root over their hashes (AS-40). */
export interface CommittedRange {
    readonly from: bigint;
    readonly to: bigint;
    readonly root: Uint8Array;
}

/** Root over the hashes of a range's states, in order. */
export function rangeLevels(hashes: readonly Uint8Array[]): Uint8Array {
    return buildLevels(hashes.map(stateLeaf));
}

/** Leaf of a commitment in the tree of all commitments. */
export function commitmentLeaf(range: CommittedRange): Uint8Array {
    const writer = new ByteWriter();
    writer.u64(range.from);
    writer.u64(range.to);
    writer.raw(range.root);
    return leafHash(writer.finish());
}

/** What the canister certifies: the tip of the log and the tree of all commitments. */
export interface CertifiedHead {
    /** See {@link chainIdOf}. */
    readonly chainId: Uint8Array;
    /** 0 before the first state, whose parent is then the tip's hash. */
    readonly tipHeight: bigint;
    readonly tipHash: Uint8Array;
    readonly commitments: number;
    readonly commitmentsRoot: Uint8Array;
}

/** The canister's certified data; 32 bytes. */
export function headDigest(head: CertifiedHead): Uint8Array {
    const writer = new ByteWriter();
    writer.u8(HEAD_DOMAIN);
    writer.raw(head.chainId);
    writer.u64(head.tipHeight);
    writer.raw(head.tipHash);
    writer.u64(BigInt(head.commitments));
    writer.raw(head.commitmentsRoot);
    return sha256(writer.finish());
}
