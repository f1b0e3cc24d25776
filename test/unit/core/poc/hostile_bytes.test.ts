import fc from 'fast-check';
import { layoutOf } from '../../../../src/core/poc/opening';
import { checkVectors, verifyOpening, type Claim } from '../../../../src/core/poc/verify';
import { ProverInMemory, seed, taskOf, verdictOf } from './support/prover_in_memory';

const SHAPE = { dimension: 64, rows: 128 };
const prover = new ProverInMemory(taskOf(SHAPE), 3);
const claim = prover.claim();
const drawing = { count: 2, randomness: seed('drawing') };
const opening = prover.open(prover.samples(drawing));
const layout = layoutOf(SHAPE, 3);

/** A copy with some bytes written over. */
function patched(at: number, bytes: readonly number[]): Uint8Array {
    const copy = opening.slice();
    copy.set(bytes, at);
    return copy;
}

test('the opening itself is accepted, also from the middle of a larger buffer', () => {
    expect(verdictOf(claim, drawing, opening)).toBe('ok');
    const buffer = new Uint8Array(opening.length + 3);
    buffer.set(opening, 3);
    expect(verdictOf(claim, drawing, buffer.subarray(3))).toBe('ok');
});

test('every length but one is refused before any work', () => {
    const lengths = [0, 1, opening.length - 1, opening.length + 1, layout.bytes, 2 * opening.length];
    for (const length of lengths) expect(verdictOf(claim, drawing, new Uint8Array(length))).toBe('size');
});

test('no number of rounds but a possible one is looked at', () => {
    for (const rounds of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 24 + 1, 2 ** 53]) {
        expect(verdictOf({ ...claim, rounds }, drawing, opening)).toBe('rounds');
    }
});

test('another number of rounds than was committed to is refused', () => {
    // 3 and 4 rounds have trees of the same depth, so the length says nothing; 2 and 5 have others.
    const claimed = (rounds: number): string => {
        const other: Claim = { ...claim, rounds };
        const { bytes } = layoutOf(SHAPE, rounds);
        return verdictOf(other, drawing, opening.length === 2 * bytes ? opening : new Uint8Array(2 * bytes));
    };
    expect(['fold', 'path']).toContain(claimed(4));
    expect([2, 5, 1000].map(claimed)).toEqual(['fold', 'fold', 'fold']);
    expect(verdictOf({ ...claim, rounds: 2 }, drawing, opening)).toBe('size');
});

test('any changed bit is refused', () => {
    fc.assert(
        fc.property(fc.nat(opening.length - 1), fc.nat(7), (at, bit) => {
            const verdict = verdictOf(claim, drawing, patched(at, [opening[at]! ^ (1 << bit)]));
            expect(['range', 'fold', 'path', 'product']).toContain(verdict);
        }),
        { numRuns: 300 }
    );
});

class NeededVectors extends Error {}

test('the verdict names what is wrong and in which sample', () => {
    const faultAt = (at: number, bytes: readonly number[]): unknown => {
        const vectors = checkVectors(claim.slotSeed, 64, seed('check'));
        const verdict = verifyOpening(claim, drawing, patched(at, bytes), vectors);
        return verdict.ok ? 'ok' : verdict.error;
    };
    const second = layout.bytes;
    expect(faultAt(0, [0, 0, 0, 0x7f])).toEqual({ code: 'range', sample: 0 });
    expect(faultAt(second, [opening[second]! ^ 1])).toEqual({ code: 'fold', sample: 1 });
    expect(faultAt(second + layout.roundPath, [opening[second + layout.roundPath]! ^ 1])).toEqual({
        code: 'path',
        sample: 1
    });
});

test('what is wrong without a product is found without the check vectors, whichever sample it is in', () => {
    const never = () => {
        throw new NeededVectors();
    };
    const vectors = Object.defineProperties({}, { r: { get: never }, v: { get: never } }) as never;
    const last = (drawing.count - 1) * layout.bytes;
    for (const at of [last, last + layout.leaf, last + layout.roundPath]) {
        const bytes = patched(at, [opening[at]! ^ 1]);
        expect(verifyOpening(claim, drawing, bytes, vectors).ok).toBe(false);
    }
});

test('entries up to dimension · 2^14 are in range and no others', () => {
    const bytesOf = (entry: number): number[] => [...new Uint8Array(Int32Array.of(entry).buffer)];
    const limit = 64 * 16_384;
    for (const entry of [limit, -limit]) expect(verdictOf(claim, drawing, patched(0, bytesOf(entry)))).toBe('fold');
    for (const entry of [limit + 1, -limit - 1, 2 ** 31 - 1, -(2 ** 31)]) {
        expect(verdictOf(claim, drawing, patched(0, bytesOf(entry)))).toBe('range');
    }
});

test('random bytes are refused at the first sample', () => {
    fc.assert(
        fc.property(fc.uint8Array({ minLength: opening.length, maxLength: opening.length }), (bytes) => {
            const verdict = verifyOpening(claim, drawing, bytes, checkVectors(claim.slotSeed, 64, seed('check')));
            expect(verdict.ok ? undefined : verdict.error).toMatchObject({ sample: 0 });
        }),
        { numRuns: 50 }
    );
});

test('samples in another order, or one for all, are refused', () => {
    const [first, second] = [opening.slice(0, layout.bytes), opening.slice(layout.bytes)];
    const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));
    expect(verdictOf(claim, drawing, joined(second, first))).not.toBe('ok');
    expect(verdictOf(claim, drawing, joined(first, first))).not.toBe('ok');
});

test('another commitment is refused', () => {
    expect(verdictOf({ ...claim, commitment: seed('other') }, drawing, opening)).not.toBe('ok');
    expect(verdictOf({ ...claim, commitment: new Uint8Array() }, drawing, opening)).not.toBe('ok');
});
