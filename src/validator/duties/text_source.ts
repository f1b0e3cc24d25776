import { between, type Chance } from './chance';
import { probeText } from './probe_text';

/** Where the words of probes come from. */
export type TextSource = (chance: Chance) => string;

/** Made up: nobody's text, but whoever reads the source of this agent knows the words that it chooses from. */
export const inventedTexts: TextSource = probeText;

/** Shortest text that is worth cutting passages from, in characters. */
const LEAST = 2_000;
const LONGEST_PASSAGE = 600;

/** A file of texts that is too short to cut passages from without repeating them. */
export class TooShort extends Error {
    constructor(readonly characters: number) {
        super(`texts: ${characters} characters; at least ${LEAST}`);
        this.name = 'TooShort';
    }
}

/**
 * Passages of somebody's own texts: what they are made of is known to nobody else. Each begins with a sentence, or a line, and
 * ends with one. @throws {@link TooShort}
 */
export function passagesOf(texts: string): TextSource {
    if (texts.length < LEAST) throw new TooShort(texts.length);
    const starts = [
        0,
        ...[...texts.matchAll(/(?<=[.!?…]["”»)]?)\s+(?=\S)|\n+/g)].map(({ index, 0: gap }) => index + gap.length)
    ];
    const places = starts.filter((start) => start < texts.length);
    return (chance) => {
        const first = between(chance, 0, places.length - 1);
        const start = places[first] ?? 0;
        const end = Math.min(start + between(chance, 20, LONGEST_PASSAGE), texts.length);
        const next = places.find((place) => place >= end) ?? texts.length;
        const last = next - start <= 2 * LONGEST_PASSAGE ? next : end;
        return texts.slice(start, last).trim() || texts.slice(start, start + LONGEST_PASSAGE).trim();
    };
}
