import fc from 'fast-check';
import { foldRow } from '../../../../src/core/poc/fold';
import { checkVector, entriesTimes, matrixTimes, PRIME, rowTimes } from '../../../../src/core/poc/freivalds';
import { productRow, slotMatrix } from '../../../../src/core/poc/rows';
import { drawSamples } from '../../../../src/core/poc/sampling';
import { derive } from '../../../../src/core/poc/seeds';
import { rowEntries, streamWords } from '../../../../src/core/poc/stream';
import { climb, EMPTY, parentOf, pathOf, rootOf, treeLevels } from '../../../../src/core/poc/tree';
import { sha256 } from '../../../../src/core/hash';
import { digestOf, digestToBytes, type Digest } from '../../../../src/core/sha256';
import { seed } from './support/prover_in_memory';

const P = BigInt(PRIME);
const key = (label: string): Digest => derive('matrix', seed(label));
const dot = (a: Iterable<number>, b: Iterable<number>): bigint => {
    const right = [...b];
    return [...a].reduce((sum, x, i) => sum + BigInt(x) * BigInt(right[i] ?? 0), 0n);
};
const modP = (value: bigint): number => Number(((value % P) + P) % P);

test('p is the largest prime below 2^26', () => {
    const isPrime = (n: number): boolean => {
        for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
        return true;
    };
    expect(isPrime(PRIME)).toBe(true);
    for (let n = PRIME + 1; n < 2 ** 26; n++) expect(isPrime(n)).toBe(false);
});

test('products are those of the definition, in big integers', () => {
    const matrix = slotMatrix(seed('slot'), 128);
    const roundKey = key('round');
    for (const row of [0, 1, 77]) {
        const factors = rowEntries(roundKey, row, 128);
        const column = (c: number): number[] => Array.from({ length: 128 }, (_, k) => matrix[k * 128 + c]!);
        const expected = Array.from({ length: 128 }, (_, c) => Number(dot(factors, column(c))));
        expect([...productRow(roundKey, row, matrix, 128)]).toEqual(expected);
    }
});

test('sums modulo p are exact at their extremes', () => {
    const largest = { values: new Int32Array(1024).fill(PRIME - 1), excess: 128 * 1024 * (PRIME - 1) };
    for (const entry of [2 ** 24, -(2 ** 24), 1]) {
        const entries = new Int32Array(1024).fill(entry);
        expect(entriesTimes(entries, largest)).toBe(modP(dot(entries, largest.values)));
    }
    const row = rowEntries(key('row'), 9, 1024);
    expect(rowTimes(key('row'), 9, largest)).toBe(modP(dot(row, largest.values)));
});

test('v = B·r, and a product row times r is its factors times v', () => {
    const r = checkVector(seed('r'), 128);
    const v = matrixTimes(derive('matrix', seed('slot')), r);
    const matrix = slotMatrix(seed('slot'), 128);
    for (const k of [0, 5, 127]) expect(v.values[k]).toBe(modP(dot(matrix.subarray(128 * k, 128 * k + 128), r.values)));
    const row = productRow(key('round'), 3, matrix, 128);
    expect(entriesTimes(row, r)).toBe(rowTimes(key('round'), 3, v));
});

test('r: a piece from p on is left out', () => {
    // Found by search: piece 6 of block 34 of this randomness is p + 1.
    const randomness = seed('skip 5081');
    const pieces = Array.from({ length: 129 }, (_, block) =>
        Array.from(derive('check', randomness, new Uint8Array([0, 0, 0, block])), (word) => word >>> 6)
    ).flat();
    expect(pieces[34 * 8 + 6]).toBe(PRIME + 1);
    expect([...checkVector(randomness, 1024).values]).toEqual(pieces.filter((piece) => piece < PRIME).slice(0, 1024));
});

test('r: uniform enough that a bucket of 64 holds its share', () => {
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 8; i++) for (const value of checkVector(seed(`u${i}`), 1024).values) counts[value >> 20]! += 1;
    // 128 expected per bucket, standard deviation 11.
    expect(Math.max(...counts)).toBeLessThan(128 + 55);
    expect(Math.min(...counts)).toBeGreaterThan(128 - 55);
});

test('generator: every bit of the key and of the index matters', () => {
    const plain = streamWords(key('bits'), 5, 4).join();
    for (let bit = 0; bit < 256; bit++) {
        const changed = [...key('bits')] as unknown as [number, ...number[]];
        changed[bit >> 5]! ^= 1 << (bit & 31);
        expect(streamWords(changed as unknown as Digest, 5, 4).join()).not.toBe(plain);
    }
    for (let bit = 0; bit < 20; bit++) expect(streamWords(key('bits'), 5 ^ (1 << bit), 4).join()).not.toBe(plain);
});

test('generator: entries are uniform in -128 … 127', () => {
    const counts = new Array<number>(256).fill(0);
    for (let row = 0; row < 256; row++) for (const entry of rowEntries(key('u'), row, 1024)) counts[entry + 128]! += 1;
    // 1024 expected per value, standard deviation 32.
    expect(Math.max(...counts)).toBeLessThan(1024 + 160);
    expect(Math.min(...counts)).toBeGreaterThan(1024 - 160);
});

test('matrices have full rank modulo p: no product of smaller matrices equals theirs', () => {
    for (const label of ['a', 'b', 'c']) expect(rankModuloP(slotMatrix(seed(label), 64), 64)).toBe(64);
});

function rankModuloP(matrix: Int8Array, size: number): number {
    const rows = Array.from({ length: size }, (_, i) => Array.from(matrix.subarray(i * size, i * size + size), BigInt));
    let rank = 0;
    for (let column = 0; column < size; column++) {
        const pivot = rows.findIndex((row, i) => i >= rank && row[column]! % P !== 0n);
        if (pivot < 0) continue;
        [rows[rank], rows[pivot]] = [rows[pivot]!, rows[rank]!];
        for (let i = rank + 1; i < size; i++) {
            const [factor, divisor] = [rows[i]![column]!, rows[rank]![column]!];
            rows[i] = rows[i]!.map((value, k) => (value * divisor - factor * rows[rank]![k]!) % P);
        }
        rank += 1;
    }
    return rank;
}

test('fold: order of columns does not matter, every entry does, and it is not linear', () => {
    const constants = streamWords(key('fold'), 0, 64);
    const entries = Int32Array.from(streamWords(key('entries'), 0, 64), (word) => word >> 12);
    const order = [...entries.keys()].sort((a, b) => ((a * 37) % 64) - ((b * 37) % 64));
    const permuted = (of: Int32Array): Int32Array => Int32Array.from(order, (i) => of[i]!);
    expect(foldRow(permuted(entries), permuted(constants))).toEqual(foldRow(entries, constants));
    const difference = (base: Int32Array, column: number): number => {
        const changed = base.slice();
        changed[column]! += 1;
        return (foldRow(changed, constants)[1] - foldRow(base, constants)[1]) | 0;
    };
    const shifted = entries.map((entry) => entry + 12_345);
    let linear = 0;
    for (let column = 0; column < 64; column++) {
        expect(difference(entries, column)).not.toBe(0);
        linear += difference(entries, column) === difference(shifted, column) ? 1 : 0;
    }
    expect(linear).toBeLessThan(48);
});

test('tree: paths of every leaf lead to the root, missing leaves count as zeros', () => {
    fc.assert(
        fc.property(fc.integer({ min: 1, max: 40 }), (count) => {
            const leaves = Array.from({ length: count }, (_, i) => digestOf(new Uint8Array([i])));
            const levels = treeLevels(leaves);
            for (const [index, leaf] of leaves.entries()) {
                const path = pathOf(levels, index);
                const bytes = new Uint8Array(path.flatMap((digest) => [...digestToBytes(digest)]));
                expect(climb(leaf, index, path.length, bytes, 0)).toEqual(rootOf(leaves));
            }
        })
    );
    const [a, b, c] = [digestOf(new Uint8Array([1])), digestOf(new Uint8Array([2])), digestOf(new Uint8Array([3]))];
    expect(rootOf([a, b, c])).toEqual(parentOf(parentOf(a, b), parentOf(c, EMPTY)));
    expect(digestToBytes(parentOf(a, b))).toEqual(sha256(new Uint8Array([...digestToBytes(a), ...digestToBytes(b)])));
});

test('samples: within bounds, all rounds and rows reachable, another commitment gives others', () => {
    const shape = { dimension: 64, rows: 64 };
    const samples = Array.from({ length: 40 }, (_, i) => drawSamples(shape, 5, 32, seed('c'), seed(`s${i}`))).flat();
    expect(samples.every(({ round, row }) => round >= 0 && round < 5 && row >= 0 && row < 64)).toBe(true);
    expect(new Set(samples.map(({ round }) => round)).size).toBe(5);
    expect(new Set(samples.map(({ row }) => row)).size).toBe(64);
    const other = drawSamples(shape, 5, 32, seed('d'), seed('s0'));
    expect(other).not.toEqual(drawSamples(shape, 5, 32, seed('c'), seed('s0')));
    const most = drawSamples({ dimension: 64, rows: 2 ** 20 }, 2 ** 24, 64, seed('c'), seed('s'));
    expect(most.every(({ round, row }) => round < 2 ** 24 && row < 2 ** 20)).toBe(true);
    expect(Math.max(...most.map(({ round }) => round))).toBeGreaterThan(2 ** 23);
});
