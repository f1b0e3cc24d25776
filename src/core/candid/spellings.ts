import { openMessage } from './input';
import { asList } from './utf8';

/** A header that is known byte for byte, and how the values behind it are read. */
interface Spelling {
    readonly length: number;
    readonly last: number;
    readonly pairs: string;
    readonly read: () => unknown[];
}

/** Longer headers are planned anew each time: what a codec remembers stays small. */
const LONGEST_REMEMBERED = 2048;

/** Learned headers of a codec besides its own; the oldest makes room. */
const MOST_LEARNED = 2;

/**
 * The headers that a codec has met. One type has many: each encoder orders its type table in its own way, and a caller's type may
 * have fewer or more fields. A type table ends where it says, so a message that starts with a known header has it.
 */
export class Spellings {
    /** The header that the codec's own types have; it is never forgotten. */
    private readonly own: Spelling;
    private learned: readonly Spelling[] = [];

    constructor(header: Uint8Array, read: () => unknown[]) {
        this.own = spellingOf(header, header.length, read);
    }

    learn(message: Uint8Array, length: number, read: () => unknown[]): void {
        if (length > LONGEST_REMEMBERED) return;
        this.learned = [spellingOf(message, length, read), ...this.learned].slice(0, MOST_LEARNED);
    }

    /** Puts the cursor behind the header, if it is known, and returns what reads the values. */
    open(message: Uint8Array): (() => unknown[]) | undefined {
        if (matches(this.own, message)) return openAs(this.own, message);
        for (const spelling of this.learned) {
            if (matches(spelling, message)) return openAs(spelling, message);
        }
        return undefined;
    }
}

function openAs(spelling: Spelling, message: Uint8Array): () => unknown[] {
    openMessage(message, spelling.length);
    return spelling.read;
}

function spellingOf(message: Uint8Array, length: number, read: () => unknown[]): Spelling {
    return { length, last: message[length - 1] ?? 0, pairs: pairsOf(message, length), read };
}

function matches(spelling: Spelling, message: Uint8Array): boolean {
    const { length } = spelling;
    if (message[length - 1] !== spelling.last) return false;
    return pairsOf(message, length) === spelling.pairs;
}

/**
 * The first bytes, two per character: one native call and one comparison of strings, 16 000 instructions for 88 bytes where a
 * loop takes 134 000. An odd last byte is left to `last`.
 */
function pairsOf(message: Uint8Array, length: number): string {
    const aligned = message.byteOffset % 2 === 0 ? message : message.slice(0, length);
    return String.fromCharCode.apply(null, asList(new Uint16Array(aligned.buffer, aligned.byteOffset, length >> 1)));
}
