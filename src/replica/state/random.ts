import { createHash } from 'node:crypto';

/** Deterministic random bytes: sha256 over the seed and a counter. Equal seeds give equal sequences. */
export class SeededRandom {
    private counter = 0n;

    constructor(private readonly seed: Uint8Array) {}

    /** How many were drawn. */
    get drawn(): bigint {
        return this.counter;
    }

    /** Goes on after this many draws. */
    skipTo(drawn: bigint): void {
        this.counter = drawn;
    }

    /** 32 bytes, as raw_rand answers. */
    next32(): Uint8Array {
        const block = new Uint8Array(8);
        new DataView(block.buffer).setBigUint64(0, this.counter);
        this.counter += 1n;
        return new Uint8Array(createHash('sha256').update('raw_rand').update(this.seed).update(block).digest());
    }
}
