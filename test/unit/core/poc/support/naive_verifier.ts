/** A verifier written from docs/poc.md alone: big integers, Node's SHA-256, nothing of src. Slow and obviously right. */
import { createHash } from 'node:crypto';

const P = 67_108_859n;
const MASK = 0xffffffffn;

const hash = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const label = (purpose: string): Buffer =>
    Buffer.concat([Buffer.from(`EMC-PoC-1:${purpose}`), Buffer.alloc(16)]).subarray(0, 16);
const u64 = (value: bigint): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return bytes;
};
const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & MASK;

/** §3 */
export function words(key: Buffer, index: number, count: number): bigint[] {
    const k = Array.from({ length: 8 }, (_, i) => BigInt(key.readUInt32BE(4 * i)));
    let [a, b, c, d] = [0xf1ea5eedn ^ k[0]!, k[1]! ^ BigInt(index), k[2]! ^ k[4]!, k[3]!];
    const step = (): bigint => {
        const e = (a - rotate(b, 27n)) & MASK;
        a = b ^ rotate(c, 17n);
        b = (c + d) & MASK;
        c = (d + e) & MASK;
        d = (e + a) & MASK;
        return d;
    };
    for (let i = 0; i < 8; i++) step();
    [a, b, c] = [a ^ k[5]!, b ^ k[6]!, c ^ k[7]!];
    for (let i = 0; i < 12; i++) step();
    return Array.from({ length: count }, step);
}

export function row(key: Buffer, index: number, dimension: number): bigint[] {
    return words(key, index, dimension / 4).flatMap((word) =>
        [0n, 8n, 16n, 24n].map((shift) => ((word >> shift) & 255n) - 128n)
    );
}

/** §4 */
export function fold(entries: readonly bigint[], constants: readonly bigint[]): [bigint, bigint] {
    let [lane0, lane1] = [0n, 0n];
    entries.forEach((entry, column) => {
        const y = (entry + constants[column]!) & MASK;
        const g = y ^ (y >> 15n);
        lane0 = (lane0 + g) & MASK;
        lane1 = (lane1 + rotate(g, 16n)) & MASK;
    });
    return [lane0, lane1];
}

const dot = (a: readonly bigint[], b: readonly bigint[]): bigint => a.reduce((sum, x, i) => sum + x * b[i]!, 0n);
const modulo = (value: bigint): bigint => ((value % P) + P) % P;

/** §8 */
export function checkVector(randomness: Buffer, dimension: number): bigint[] {
    const pieces: bigint[] = [];
    for (let block = 0; pieces.length < dimension; block++) {
        const counter = Buffer.alloc(4);
        counter.writeUInt32BE(block);
        const digest = hash(label('check'), randomness, counter);
        const drawn = Array.from({ length: 8 }, (_, i) => BigInt(digest.readUInt32BE(4 * i) >>> 6));
        pieces.push(...drawn.filter((piece) => piece < P));
    }
    return pieces.slice(0, dimension);
}

export interface NaiveProof {
    readonly dimension: number;
    readonly rows: number;
    readonly slot_seed: string;
    readonly node_seed: string;
    readonly rounds: number;
    readonly commitment: string;
    readonly samples: number;
    readonly sample_randomness: string;
    readonly check_randomness: string;
    readonly opening: string;
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

function climb(leaf: Buffer, index: number, path: readonly Buffer[]): Buffer {
    return path.reduce(
        (node, sibling, level) => ((index >> level) & 1 ? hash(sibling, node) : hash(node, sibling)),
        leaf
    );
}

/** §7, §8: `ok` or the code of the first fault. */
export function naiveVerdict(proof: NaiveProof): string {
    const { dimension, rows, rounds } = proof;
    const roundDepth = Math.log2(rows / 64);
    const chainDepth = Math.ceil(Math.log2(rounds));
    const recordBytes = 4 * dimension + 512 + 32 * (roundDepth + chainDepth);
    const opening = bytes(proof.opening);
    if (opening.length !== recordBytes * proof.samples) return 'size';
    const sampleKey = hash(label('sample'), bytes(proof.sample_randomness), bytes(proof.commitment));
    const faults = Array.from({ length: proof.samples }, (_, i) => {
        const [high, low, word] = words(sampleKey, i, 3);
        const round = Number(((high! << 21n) | (low! >> 11n)) % BigInt(rounds));
        const record = opening.subarray(i * recordBytes, (i + 1) * recordBytes);
        return recordFault(proof, { record, round, row: Number(word! % BigInt(rows)), roundDepth, chainDepth });
    });
    return faults.find((fault) => fault !== undefined) ?? 'ok';
}

interface Record {
    readonly record: Buffer;
    readonly round: number;
    readonly row: number;
    readonly roundDepth: number;
    readonly chainDepth: number;
}

function recordFault(
    proof: NaiveProof,
    { record, round, row: index, roundDepth, chainDepth }: Record
): string | undefined {
    const { dimension } = proof;
    const slot = bytes(proof.slot_seed);
    const entries = Array.from({ length: dimension }, (_, column) => BigInt(record.readInt32LE(4 * column)));
    if (entries.some((entry) => entry > dimension * 16_384 || entry < -dimension * 16_384)) return 'range';
    const leaf = record.subarray(4 * dimension, 4 * dimension + 512);
    const lanes = [0, 4].map((lane) => BigInt(leaf.readUInt32BE((index % 64) * 8 + lane)));
    if (`${fold(entries, words(hash(label('fold'), slot), 0, dimension))}` !== `${lanes}`) return 'fold';
    const path = Array.from({ length: roundDepth + chainDepth }, (_, level) =>
        record.subarray(4 * dimension + 512 + 32 * level, 4 * dimension + 544 + 32 * level)
    );
    const chainPath = path.slice(roundDepth);
    const root = climb(climb(hash(leaf), Math.floor(index / 64), path.slice(0, roundDepth)), round, chainPath);
    const node = bytes(proof.node_seed);
    const commitment = hash(label('commit'), node, u64(BigInt(proof.rounds)), root);
    if (!commitment.equals(bytes(proof.commitment))) return 'path';
    const left = chainPath.filter((_, level) => (round >> level) & 1).reverse();
    const key = hash(label('round'), node, u64(BigInt(round)), ...left);
    const r = checkVector(bytes(proof.check_randomness), dimension);
    const matrixKey = hash(label('matrix'), slot);
    const v = Array.from({ length: dimension }, (_, k) => dot(row(matrixKey, k, dimension), r));
    return modulo(dot(entries, r)) === modulo(dot(row(key, index, dimension), v)) ? undefined : 'product';
}
