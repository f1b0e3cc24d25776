/** Collects data that a canister sends in many small pieces. */
export class ByteBuffer {
    private buffer = new Uint8Array(0);
    length = 0;

    append(bytes: Uint8Array): void {
        const needed = this.length + bytes.length;
        if (needed > this.buffer.length) {
            const grown = new Uint8Array(Math.max(needed, 2 * this.buffer.length));
            grown.set(this.buffer.subarray(0, this.length));
            this.buffer = grown;
        }
        this.buffer.set(bytes, this.length);
        this.length = needed;
    }

    /** A copy of what was collected. */
    contents(): Uint8Array {
        return this.buffer.slice(0, this.length);
    }
}

/** Same length, same bytes. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
    return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
