/** Joins chunks whose lengths sum up to `length`. */
export function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
    const joined = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
        joined.set(chunk, at);
        at += chunk.length;
    }
    return joined;
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
    return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
