/**
 * Keys and rows of a fixed length, written into bytes that the next one of the same codec writes over: tables copy what they are
 * given at once, and to make and drop an array costs a canister 5 000 to 8 000 instructions.
 */
import type { Codec } from './codec';

/** An id, big-endian, so that the bytes have the order of the ids. Each use has bytes of its own, so that a table may have ids as keys and as values. */
export function idCodec(): Codec<bigint> {
    const word = new BigUint64Array(1);
    const octets = new Uint8Array(word.buffer);
    return {
        encode(id) {
            word[0] = id;
            return octets.reverse();
        },
        decode(bytes) {
            octets.set(bytes);
            octets.reverse();
            return word[0] ?? 0n;
        }
    };
}

/**
 * The bytes that a `record` of so many `u64` fields has, for codecs that write the fields by hand: composed fields
 * (`codec.ts`) cost a canister six times as much. The fields stand in `words` from the last to the first, because big-endian
 * is little-endian turned round. Numbers above 64 bits are cut: who writes sees to it that there are none.
 */
export class U64Row {
    readonly words: BigUint64Array;
    private readonly octets: Uint8Array;

    constructor(fields: number) {
        this.words = new BigUint64Array(fields);
        this.octets = new Uint8Array(this.words.buffer);
    }

    get bytes(): number {
        return this.octets.length;
    }

    /** The row of the words, which are to be written anew for the next one. */
    take(): Uint8Array {
        return this.octets.reverse();
    }

    /** Fills the words from a row. */
    read(row: Uint8Array): BigUint64Array {
        this.octets.set(row);
        this.octets.reverse();
        return this.words;
    }
}
