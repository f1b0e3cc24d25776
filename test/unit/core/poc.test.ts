import fc from 'fast-check';
import { eValueE8 } from '../../../src/core/poc/e_value';
import { int8Matrix, isDimension, uint16Vector } from '../../../src/core/poc/generator';
import { checkProduct, computeProduct, productBytes, recomputeProduct } from '../../../src/core/poc/product';
import { toHex } from '../../../src/core/bytes';
import { sha256 } from '../../../src/core/hash';

const seed = (label: string): Uint8Array => sha256(new TextEncoder().encode(label));
const task = (dimension: number) => ({ dimension, seed: seed('sigma'), nodeSeed: seed('nu') });

/** The product entry by entry with big integers: slow and obviously right. */
function naiveProduct(dimension: number): bigint[] {
    const { seed: right, nodeSeed: left } = task(dimension);
    const a = Array.from(int8Matrix(left, dimension), BigInt);
    const b = Array.from(int8Matrix(right, dimension), BigInt);
    return Array.from({ length: dimension * dimension }, (_, at) => {
        const row = Math.floor(at / dimension);
        let sum = 0n;
        for (let k = 0; k < dimension; k++)
            sum += (a[row * dimension + k] ?? 0n) * (b[k * dimension + (at % dimension)] ?? 0n);
        return sum;
    });
}

test('vectors: the generator and the product never change', () => {
    expect([...int8Matrix(seed('sigma'), 4)]).toMatchInlineSnapshot(`
        [
          -124,
          -12,
          -53,
          -128,
          -112,
          -92,
          38,
          25,
          53,
          -88,
          105,
          113,
          -112,
          87,
          98,
          56,
        ]
    `);
    expect([...uint16Vector(seed('sigma'), 1, 3)]).toMatchInlineSnapshot(`
        [
          42128,
          6438,
          4660,
        ]
    `);
    expect(toHex(sha256(computeProduct(task(64))))).toMatchInlineSnapshot(
        `"e845953c6521b826f0ed9c9a8ab5f41bf77551924f5309a78d05ea56f02e2d89"`
    );
});

test('computeProduct: equals the definition', () => {
    const answer = computeProduct(task(12));
    const view = new DataView(answer.buffer);
    expect(naiveProduct(12).map((_, i) => BigInt(view.getInt32(4 * i, true)))).toEqual(naiveProduct(12));
});

test('int8Matrix: entries use the whole range and rows differ', () => {
    const matrix = int8Matrix(seed('range'), 128);
    expect(Math.min(...matrix)).toBe(-128);
    expect(Math.max(...matrix)).toBe(127);
    const rows = new Set(Array.from({ length: 128 }, (_, row) => matrix.slice(row * 128, row * 128 + 128).join()));
    expect(rows.size).toBe(128);
});

test('int8Matrix: every bit of the seed matters', () => {
    const plain = toHex(new Uint8Array(int8Matrix(seed('bit'), 4).buffer));
    for (let bit = 0; bit < 256; bit++) {
        const flipped = seed('bit');
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(toHex(new Uint8Array(int8Matrix(flipped, 4).buffer))).not.toBe(plain);
    }
});

test('checkProduct and recomputeProduct: accept the product', () => {
    for (const dimension of [4, 64, 512]) {
        const answer = computeProduct(task(dimension));
        expect(checkProduct(task(dimension), answer, seed('r')).ok).toBe(true);
        if (dimension < 512) expect(recomputeProduct(task(dimension), answer).ok).toBe(true);
    }
});

test('checkProduct and recomputeProduct: refuse any change of one entry', () => {
    const dimension = 16;
    const answer = computeProduct(task(dimension));
    fc.assert(
        fc.property(
            fc.nat(dimension * dimension - 1),
            fc.integer({ min: -600_000, max: 600_000 }).filter((entry) => entry !== 0),
            fc.uint8Array({ minLength: 32, maxLength: 32 }),
            (at, difference, randomness) => {
                const wrong = answer.slice();
                const view = new DataView(wrong.buffer);
                view.setInt32(4 * at, view.getInt32(4 * at, true) + difference, true);
                const limit = dimension * 16_384;
                const fault = Math.abs(view.getInt32(4 * at, true)) > limit ? 'range' : 'product';
                expect(checkProduct(task(dimension), wrong, randomness)).toEqual({ ok: false, error: fault });
                expect(recomputeProduct(task(dimension), wrong).ok).toBe(false);
            }
        )
    );
});

test('checkProduct: refuses an answer to another node or of another length', () => {
    const answer = computeProduct(task(16));
    const other = { ...task(16), nodeSeed: seed('other') };
    expect(checkProduct(other, answer, seed('r'))).toEqual({ ok: false, error: 'product' });
    expect(checkProduct(task(16), answer.slice(1), seed('r'))).toEqual({ ok: false, error: 'size' });
    expect(checkProduct(task(20), answer, seed('r'))).toEqual({ ok: false, error: 'size' });
    expect(productBytes(16)).toBe(1024);
});

test('AS-12: E of 10,380 ms and 30,218 ms', () => {
    expect(eValueE8(10_380n)).toBe(144_508_670n);
    expect(eValueE8(30_218n)).toBe(49_639_287n);
});

test('AS-30: E never exceeds 150', () => {
    for (const ms of [0n, 99n, 100n]) expect(eValueE8(ms)).toBe(15_000_000_000n);
    expect(eValueE8(101n)).toBe(14_851_485_148n);
});

test('isDimension: multiples of four from 4 to 512', () => {
    expect([4, 64, 512].every(isDimension)).toBe(true);
    expect([0, -4, 3, 62, 516, 4.5].some(isDimension)).toBe(false);
});
