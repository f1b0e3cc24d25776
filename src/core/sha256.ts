/**
 * SHA-256 (FIPS 180-4) for QuickJS, over words instead of bytes: hashes of hashes then need no conversion, and callers
 * can keep the state of a constant beginning or the schedule of a constant end (docs/decisions/0008-hashing.md).
 */
import { compress, compressPrepared, ROUND_CONSTANTS, type Schedule, type Words } from './sha256_rounds';

export { compress, compressPrepared };

/** A digest, or the state between two blocks. */
export type Digest = Words;

const BLOCK_BYTES = 64;
const BLOCK_WORDS = 16;
const LENGTH_OFFSET = 56;
const PADDING_START = 0x80;

/** The state before the first block (FIPS 180-4 §5.3.3). */
export const INITIAL: Digest = [
    0x6a09e667, -0x4498517b, 0x3c6ef372, -0x5ab00ac6, 0x510e527f, -0x64fa9774, 0x1f83d9ab, 0x5be0cd19
];

/** Second half of the only block of a 32-byte message. */
const AFTER_32_BYTES: Words = [-0x80000000, 0, 0, 0, 0, 0, 0, 256];

const zeros = new Uint8Array(BLOCK_BYTES);
const last = new Uint8Array(BLOCK_BYTES);
const lastView = new DataView(last.buffer);

/** Digest of a message of any length. */
export function digestOf(message: Uint8Array): Digest {
    const rest = message.length % BLOCK_BYTES;
    const whole = message.length - rest;
    const state = whole === 0 ? INITIAL : absorb(message, whole);
    last.set(zeros);
    last.set(whole === 0 ? message : message.subarray(whole));
    last[rest] = PADDING_START;
    return rest < LENGTH_OFFSET ? finish(state, message.length) : finish(spill(state), message.length);
}

function absorb(message: Uint8Array, whole: number): Digest {
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    let state = INITIAL;
    for (let at = 0; at < whole; at += BLOCK_BYTES) {
        state = compress(state, wordsAt(view, at), wordsAt(view, at + BLOCK_BYTES / 2));
    }
    return state;
}

function spill(state: Digest): Digest {
    const next = compress(state, wordsAt(lastView, 0), wordsAt(lastView, BLOCK_BYTES / 2));
    last.set(zeros);
    return next;
}

function finish(state: Digest, bytes: number): Digest {
    lastView.setUint32(LENGTH_OFFSET, Math.floor(bytes / 0x20000000));
    lastView.setUint32(LENGTH_OFFSET + 4, (bytes * 8) % 0x100000000);
    return compress(state, wordsAt(lastView, 0), wordsAt(lastView, BLOCK_BYTES / 2));
}

/** Digest of a digest's 32 bytes. */
export function digestOfDigest(digest: Digest): Digest {
    return compress(INITIAL, digest, AFTER_32_BYTES);
}

/** A constant beginning of messages whose rest is words. */
export interface Prefix {
    readonly words: readonly number[];
    /** The bytes behind the last whole word, leftmost in a word. */
    readonly rest: number;
    /** Bits of {@link Prefix.rest} that belong to the prefix: 0, 8, 16 or 24. */
    readonly restBits: number;
    readonly bytes: number;
}

/** Reads a prefix of any length. */
export function prefixOf(bytes: Uint8Array): Prefix {
    const padded = new Uint8Array(bytes.length + 4);
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    const whole = bytes.length >> 2;
    const words = Array.from({ length: whole }, (_, i) => view.getInt32(4 * i));
    return { words, rest: view.getInt32(4 * whole), restBits: (bytes.length % 4) * 8, bytes: bytes.length };
}

/** Digest of a prefix and the words behind it, without turning these into bytes. */
export function digestBehind(prefix: Prefix, words: readonly number[]): Digest {
    const { restBits, words: before } = prefix;
    const count = words.length;
    const blocks = (before.length + count + 3 + BLOCK_WORDS - 1) >> 4;
    const message = new Int32Array(blocks * BLOCK_WORDS);
    let at = before.length;
    message.set(before);
    let carry = prefix.rest;
    for (let i = 0; i < count; i++) {
        const word = words[i] as number;
        message[at++] = carry | (word >>> restBits);
        carry = restBits === 0 ? 0 : word << (32 - restBits);
    }
    message[at] = carry | (-0x80000000 >>> restBits);
    message[message.length - 1] = (prefix.bytes + 4 * count) * 8;
    let state = INITIAL;
    for (let block = 0; block < message.length; block += BLOCK_WORDS) {
        const middle = block + BLOCK_WORDS / 2;
        state = compress(state, half(message, block, middle), half(message, middle, block + BLOCK_WORDS));
    }
    return state;
}

function half(message: Int32Array, from: number, to: number): Words {
    return message.subarray(from, to) as unknown as Words;
}

/** Ends a message of whole blocks: its padding block is the same for every message of that length. */
export function finishBlocks(state: Digest, blocks: number): Digest {
    return compressPrepared(state, paddingAfter(blocks));
}

const paddings: Schedule[] = [];

function paddingAfter(blocks: number): Schedule {
    const length: Words = [0, 0, 0, 0, 0, 0, 0, blocks * BLOCK_BYTES * 8];
    return (paddings[blocks] ??= prepare([-0x80000000, 0, 0, 0, 0, 0, 0, 0], length));
}

/** The schedule of a block that comes again and again. */
export function prepare(left: Words, right: Words): Schedule {
    const words: number[] = [...left, ...right];
    for (let t = 16; t < ROUND_CONSTANTS.length; t++) {
        const [x = 0, y = 0] = [words[t - 15], words[t - 2]];
        const lower0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
        const lower1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
        words.push(((words[t - 16] ?? 0) + lower0 + (words[t - 7] ?? 0) + lower1) | 0);
    }
    return words.map((word, t) => (word + (ROUND_CONSTANTS[t] ?? 0)) | 0) as unknown as Schedule;
}

function rotate(x: number, by: number): number {
    return (x >>> by) | (x << (32 - by));
}

/** The 32 bytes of a digest, big endian. */
export function digestToBytes(digest: Digest): Uint8Array {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < INITIAL.length; i++) view.setInt32(4 * i, digest[i] ?? 0);
    return bytes;
}

/** Reads a digest from 32 bytes at an offset. */
export function digestFromBytes(bytes: Uint8Array, offset = 0): Digest {
    return wordsAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset);
}

function wordsAt(view: DataView, at: number): Words {
    return [
        view.getInt32(at),
        view.getInt32(at + 4),
        view.getInt32(at + 8),
        view.getInt32(at + 12),
        view.getInt32(at + 16),
        view.getInt32(at + 20),
        view.getInt32(at + 24),
        view.getInt32(at + 28)
    ];
}
