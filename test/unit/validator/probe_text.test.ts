import { probeText } from '../../../src/validator/duties/probe_text';
import { inventedTexts, passagesOf, TooShort } from '../../../src/validator/duties/text_source';
import { seeded } from './chance';

const chance = seeded(7);
const texts = Array.from({ length: 1_200 }, () => inventedTexts(chance));
const share = (test: (text: string) => boolean): number => texts.filter(test).length / texts.length;
const grams = (text: string, n: number): ReadonlySet<string> =>
    new Set(Array.from({ length: Math.max(0, text.length - n + 1) }, (_, i) => text.slice(i, i + n)));

test('the same seed gives the same probes, another seed others', () => {
    const first = (seed: number) => probeText(seeded(seed));
    expect(first(1)).toEqual(first(1));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => first(seed))).size).toBe(5);
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

test('lengths, shapes and languages vary', () => {
    expect(share((text) => text.length < 25)).toBeGreaterThan(0.1);
    expect(share((text) => text.length > 150)).toBeGreaterThan(0.05);
    for (const shape of [/\?$/, /\n/, /^(def|function|SELECT|let|if) /, /\d/, /[^\x00-\x7f]/, /^\{.*\}$/]) {
        expect([shape.source, share((text) => shape.test(text)) > 0.01]).toEqual([shape.source, true]);
        expect([shape.source, share((text) => shape.test(text)) < 0.8]).toEqual([shape.source, true]);
    }
});

/** A text as an operator has: sentences and lines, each with its own number. */
const OWN = Array.from(
    { length: 200 },
    (_, i) => `Sentence ${i} tells of ${i * i} things.${i % 9 === 0 ? '\n\n' : ' '}`
).join('');

test("an operator's own texts: passages begin and end with a sentence, come from everywhere, and contain nothing else", () => {
    const source = passagesOf(OWN);
    const passages = Array.from({ length: 500 }, () => source(chance));
    for (const passage of passages) {
        expect(OWN).toContain(passage);
        expect(passage).toMatch(/^Sentence \d+ tells/);
        expect(passage).toMatch(/things\.$/);
        expect(passage.length).toBeLessThanOrEqual(1_300);
    }
    expect(new Set(passages.map((passage) => passage.split(' ')[1])).size).toBeGreaterThan(120);
    expect(new Set(passages.map(({ length }) => length >> 6)).size).toBeGreaterThan(6);
    expect(passagesOf('a'.repeat(5_000))(chance).length).toBeGreaterThan(0);
});

test('texts that are too short to cut from are refused when the agent begins', () => {
    expect(() => passagesOf('a few words')).toThrow(TooShort);
});
