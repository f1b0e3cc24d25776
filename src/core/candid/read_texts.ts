import { bytesSince, claimElements, position, readLength, refuse, skipBytes } from './input';
import { decodeLatin1, latin1Of } from './utf8';

/** Characters that are their own UTF-8, and the lengths of texts below 128 bytes. */
const PLAIN = /^[\0-\x7f]*$/;

/** The texts of a vector. All their bytes become characters in one step, since a step costs as much as a short text. */
export function readTexts(): string[] {
    const count = readLength();
    claimElements(count, 1);
    const start = position();
    const edges: number[] = [];
    for (let i = 0; i < count; i++) {
        const length = readLength();
        edges.push(position() - start);
        skipBytes(length);
        edges.push(position() - start);
    }
    const raw = latin1Of(bytesSince(start));
    const isPlain = PLAIN.test(raw);
    const texts: string[] = [];
    for (let i = 0; i < edges.length; i += 2) {
        const text = raw.substring(edges[i] ?? 0, edges[i + 1]);
        texts.push(isPlain ? text : (decodeLatin1(text) ?? refuse('invalid_utf8')));
    }
    return texts;
}
