import fc from 'fast-check';
import { entriesTimes, PRIME, rowTimes } from '../../../../src/core/poc/freivalds';
import { rowEntries } from '../../../../src/core/poc/stream';
import { slotMatrix } from '../../../../src/core/poc/rows';
import { derive } from '../../../../src/core/poc/seeds';
import { Chain } from '../../../../src/core/poc/chain';
import { checkVectors } from '../../../../src/core/poc/verify';
import { ProverInMemory, prove, seed, SMALL, taskOf, verdictOf, type Cheats } from './support/prover_in_memory';

const task = taskOf(SMALL);
const ROUNDS = 8;
/** In an order that has nothing to do with the rows' own. */
const shuffled = (index: number): number => (index * 389) % 512;
/** Skips a share of the rows of 8 rounds: zeros instead of products. */
const skipping = (rows: number): Cheats => ({
    entries: (round, row, honest) => (shuffled(round * 64 + row) < rows ? new Int32Array(64) : honest())
});

/** How often a cheater is caught, over many drawings. */
function caught(prover: ProverInMemory, count: number, drawings: number): { rate: number; codes: Set<string> } {
    const claim = prover.claim();
    const codes = new Set<string>();
    let refused = 0;
    for (let i = 0; i < drawings; i++) {
        const drawing = { count, randomness: seed(`drawing ${i}`) };
        const verdict = verdictOf(claim, drawing, prover.open(prover.samples(drawing)));
        if (verdict === 'ok') continue;
        refused += 1;
        codes.add(verdict);
    }
    return { rate: refused / drawings, codes };
}

/** Four standard deviations of a rate around what is expected: the drawings are fixed, so this either holds or does not. */
function expectRate(rate: number, expected: number, drawings: number): void {
    const tolerance = 4 * Math.sqrt((expected * (1 - expected)) / drawings);
    expect(Math.abs(rate - expected)).toBeLessThanOrEqual(tolerance);
}

test('skipped rows: caught at the predicted rate, as no product', () => {
    for (const [skipped, count] of [
        [26, 16],
        [51, 16],
        [128, 4]
    ] as const) {
        const prover = new ProverInMemory(task, ROUNDS, skipping(skipped));
        const { rate, codes } = caught(prover, count, 150);
        expectRate(rate, 1 - (1 - skipped / 512) ** count, 150);
        expect([...codes]).toEqual(['product']);
    }
});

test('skipping does not pay: what is earned falls faster than the work that is saved', () => {
    for (const delta of [0.01, 0.05, 0.2, 0.5])
        for (const s of [2, 16, 32]) {
            expect((1 - delta) ** s / (1 - delta)).toBeLessThan(1);
        }
});

test('one wrong row: refused in every drawing that names it, accepted in every other', () => {
    const prover = new ProverInMemory(task, ROUNDS, {
        entries: (round, row, honest) => (round === 3 && row === 17 ? honest().map((entry) => entry + 1) : honest())
    });
    let named = 0;
    for (let i = 0; i < 300; i++) {
        const drawing = { count: 4, randomness: seed(`row ${i}`) };
        const samples = prover.samples(drawing);
        const hit = samples.some(({ round, row }) => round === 3 && row === 17);
        named += hit ? 1 : 0;
        expect(verdictOf(prover.claim(), drawing, prover.open(samples))).toBe(hit ? 'product' : 'ok');
    }
    expect(named).toBeGreaterThan(0);
});

test('any change of one entry of a committed row is no product', () => {
    const { r, v } = checkVectors(task.slotSeed, 64, seed('check'));
    const key = derive('round', seed('a key'));
    const honest = new ProverInMemory(task, 1).rounds[0]!.entries[5]!;
    const roundKey = new Chain(task.nodeSeed).nextKey();
    expect(entriesTimes(honest, r)).toBe(rowTimes(roundKey, 5, v));
    expect(entriesTimes(honest, r)).not.toBe(rowTimes(key, 5, v));
    fc.assert(
        fc.property(fc.nat(63), fc.integer({ min: -(2 ** 21), max: 2 ** 21 }), (column, change) => {
            const wrong = honest.slice();
            wrong[column]! += change;
            expect(entriesTimes(wrong, r) === rowTimes(roundKey, 5, v)).toBe(change === 0);
        })
    );
});

test('linear digests can be had without the product, the fold cannot', () => {
    const key = derive('round', seed('key'));
    const matrix = slotMatrix(task.slotSeed, 64);
    const factors = rowEntries(key, 0, 64);
    // A_i · (B · 1): 64² steps once and 64 per row, instead of 64² per row.
    const rowSums = Array.from({ length: 64 }, (_, k) =>
        matrix.subarray(64 * k, 64 * k + 64).reduce((a, b) => a + b, 0)
    );
    const shortcut = rowSums.reduce((sum, rowSum, k) => sum + rowSum * factors[k]!, 0);
    const honest = new ProverInMemory(task, 1, { key: () => key }).rounds[0]!.entries[0]!;
    expect(honest.reduce((sum, entry) => sum + entry, 0)).toBe(shortcut);

    // A prover that commits to what it has without products, and makes the products once it knows the samples.
    const lazy = new ProverInMemory(task, 4, { fold: (round, row) => [shortcut + round, shortcut ^ row] });
    expect(prove(lazy, 2)).toBe('fold');
});

test('a row made for a known r passes that r and no other: r must be drawn after the opening', () => {
    const { r, v } = checkVectors(task.slotSeed, 64, seed('known'));
    const roundKey = new Chain(task.nodeSeed).nextKey();
    const forged = (row: number): Int32Array => {
        const entries = new Int32Array(64);
        // The entries 0 and 1 span all residues within the allowed range: search x with (t − x·r1) / r0 small.
        const target = rowTimes(roundKey, row, v);
        const inverse = modularInverse(BigInt(r.values[0]!));
        for (let x = -500_000; x <= 500_000; x++) {
            const needed = Number(
                ((((BigInt(target) - BigInt(x) * BigInt(r.values[1]!)) * inverse) % PRIME_BIG) + PRIME_BIG) % PRIME_BIG
            );
            const small = needed > PRIME / 2 ? needed - PRIME : needed;
            if (Math.abs(small) > 64 * 16_384) continue;
            entries[0] = small;
            entries[1] = x;
            break;
        }
        return entries;
    };
    const prover = new ProverInMemory(task, 1, { entries: (_, row) => forged(row) });
    const drawing = { count: 4, randomness: seed('drawing') };
    const opening = prover.open(prover.samples(drawing));
    expect(verdictOf(prover.claim(), drawing, opening, 'known')).toBe('ok');
    for (let i = 0; i < 20; i++) expect(verdictOf(prover.claim(), drawing, opening, `fresh ${i}`)).toBe('product');
});

const PRIME_BIG = BigInt(PRIME);

function modularInverse(value: bigint): bigint {
    let result = 1n;
    let base = value;
    for (let exponent = PRIME_BIG - 2n; exponent > 0n; exponent >>= 1n) {
        if (exponent & 1n) result = (result * base) % PRIME_BIG;
        base = (base * base) % PRIME_BIG;
    }
    return result;
}

test('the work of another node, or of another challenge, is refused', () => {
    const prover = new ProverInMemory(task, 4);
    const drawing = { count: 4, randomness: seed('drawing') };
    const opening = prover.open(prover.samples(drawing));
    const other = { ...prover.claim(), nodeSeed: seed('another node') };
    expect(verdictOf(other, drawing, opening)).toBe('path');
    // Committed under its own name, the other's rounds have the other's keys.
    const copied = new ProverInMemory({ ...task, nodeSeed: seed('copier') }, 4, {
        key: (round, _, roots) => chainOf(task.nodeSeed, roots.slice(0, round)).nextKey()
    });
    expect(prove(copied, 2)).toBe('product');
});

test('another matrix than the slot gives is refused', () => {
    const prover = new ProverInMemory({ ...task, slotSeed: seed('easy slot') }, 4);
    const drawing = { count: 4, randomness: seed('drawing') };
    const claim = { ...prover.claim(), slotSeed: task.slotSeed };
    expect(verdictOf(claim, drawing, prover.open(prover.samples(drawing)))).toBe('fold');
});

function chainOf(node: Uint8Array, roots: readonly (readonly number[])[]): Chain {
    const chain = new Chain(node);
    for (const root of roots) chain.append(root as never);
    return chain;
}

test('rounds done side by side in segments: every round of all segments but the first is refused', () => {
    const SEGMENT = 4;
    // Each of four machines begins its segment with an invented past and chains on from there.
    const prover = new ProverInMemory(task, 4 * SEGMENT, {
        key: (round, honest, roots) => {
            const first = round - (round % SEGMENT);
            return first === 0 ? honest : chainOf(seed(`machine ${first}`), roots.slice(first)).nextKey();
        }
    });
    const { rate, codes } = caught(prover, 1, 200);
    expectRate(rate, 3 / 4, 200);
    expect([...codes]).toEqual(['product']);
    expect(caught(prover, 8, 100).rate).toBe(1);
});

test('rounds whose keys leave out one predecessor are refused', () => {
    const prover = new ProverInMemory(task, 8, {
        key: (round, honest, roots) =>
            round < 5 ? honest : chainOf(task.nodeSeed, [derive('node'), ...roots.slice(1)]).nextKey()
    });
    const drawing = (label: string) => ({ count: 1, randomness: seed(label) });
    for (let i = 0; i < 40; i++) {
        const samples = prover.samples(drawing(`${i}`));
        const verdict = verdictOf(prover.claim(), drawing(`${i}`), prover.open(samples));
        expect(verdict).toBe(samples[0]!.round < 5 ? 'ok' : 'product');
    }
});
