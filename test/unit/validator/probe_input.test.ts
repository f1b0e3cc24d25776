import { probeInput } from '../../../src/validator/duties/probe_input';

/** Mulberry32: the same inputs in each run of the test. */
function seeded(seed: number): { random(): number } {
    let state = seed;
    return {
        random() {
            state = (state + 0x6d2b79f5) | 0;
            let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
            mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
            return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
        }
    };
}

const chance = seeded(7);
const inputs = Array.from({ length: 600 }, () => probeInput(chance));
const texts = inputs.flatMap((input) => (typeof input === 'string' ? [input] : [...input]));
const share = (test: (text: string) => boolean): number => texts.filter(test).length / texts.length;
const grams = (text: string, n: number): ReadonlySet<string> =>
    new Set(Array.from({ length: Math.max(0, text.length - n + 1) }, (_, i) => text.slice(i, i + n)));

test('the same seed gives the same probes, another seed others', () => {
    const first = (seed: number) => probeInput(seeded(seed));
    expect(first(1)).toEqual(first(1));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(first(seed)))).size).toBe(5);
});

test('no probe is sent twice, none is empty, and none costs much', () => {
    expect(new Set(texts).size).toBeGreaterThan(texts.length * 0.97);
    expect(Math.min(...texts.map((text) => text.trim().length))).toBeGreaterThan(0);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(2_000);
});

test('nothing is common to the probes: no run of three characters is in more than a third of them', () => {
    const counts = new Map<string, number>();
    for (const text of texts) for (const gram of grams(text, 3)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
    expect(Math.max(...counts.values()) / texts.length).toBeLessThan(1 / 3);
});

test('lengths, shapes, languages and numbers of texts vary', () => {
    expect(share((text) => text.length < 25)).toBeGreaterThan(0.1);
    expect(share((text) => text.length > 150)).toBeGreaterThan(0.05);
    for (const shape of [/\?$/, /\n/, /^(def|function|SELECT|let|if) /, /\d/, /[^\x00-\x7f]/, /^\{.*\}$/]) {
        expect([shape.source, share((text) => shape.test(text)) > 0.01]).toEqual([shape.source, true]);
        expect([shape.source, share((text) => shape.test(text)) < 0.8]).toEqual([shape.source, true]);
    }
    const sizes = new Set(inputs.map((input) => (typeof input === 'string' ? 0 : input.length)));
    expect([...sizes].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
