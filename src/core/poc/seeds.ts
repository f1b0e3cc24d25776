import { concatBytes } from '../bytes';
import { digestOf, digestToBytes, type Digest } from '../sha256';

/** Length of every seed and of every draw of randomness. */
export const SEED_BYTES = 32;

/** What a digest is for: no value made for one purpose can serve another (docs/poc.md §2). */
export type Purpose = 'matrix' | 'fold' | 'node' | 'round' | 'sample' | 'check' | 'commit';

export const LABEL_BYTES = 16;

const encoder = new TextEncoder();

/** Sixteen bytes in front of what is hashed: the name of the specification and the purpose, filled up with zeros. */
export function labelOf(purpose: Purpose): Uint8Array {
    const bytes = new Uint8Array(LABEL_BYTES);
    bytes.set(encoder.encode(`EMC-PoC-1:${purpose}`).subarray(0, LABEL_BYTES));
    return bytes;
}

/** SHA-256 of the purpose's label and the parts. */
export function derive(purpose: Purpose, ...parts: readonly Uint8Array[]): Digest {
    return digestOf(concatBytes(labelOf(purpose), ...parts));
}

/** Big-endian bytes of a whole number below 2^53. */
export function u64Bytes(value: number): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, Math.floor(value / 0x100000000));
    view.setUint32(4, value % 0x100000000);
    return bytes;
}

/** Who is challenged by what: everything that makes a node seed unlike every other. */
export interface Challenge {
    /** Version of the specification in force. */
    readonly version: number;
    readonly id: bigint;
    /** Bytes of the node's principal, at most 29. */
    readonly node: Uint8Array;
}

/**
 * ν, the node's seed. `randomness` must have been drawn after the node accepted: nobody can know the seed before T0, nor
 * use the work of another node or challenge (compute.md §4.3, §4.9).
 */
export function nodeSeed(slotSeed: Uint8Array, challenge: Challenge, randomness: Uint8Array): Uint8Array {
    const head = new Uint8Array(13);
    const view = new DataView(head.buffer);
    view.setUint32(0, challenge.version);
    view.setBigUint64(4, challenge.id);
    head[12] = challenge.node.length;
    return digestToBytes(derive('node', slotSeed, randomness, head, challenge.node));
}
