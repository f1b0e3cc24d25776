/** Unsigned LEB128 of a non-negative integer of any size. */
export function encodeLeb128(value: bigint): Uint8Array {
    const bytes: number[] = [];
    let rest = value;
    do {
        const low = Number(rest & 0x7fn);
        rest >>= 7n;
        bytes.push(rest === 0n ? low : low | 0x80);
    } while (rest !== 0n);
    return Uint8Array.from(bytes);
}

/** The whole of `bytes` as one unsigned LEB128 number; undefined when it is none. */
export function decodeLeb128(bytes: Uint8Array): bigint | undefined {
    let value = 0n;
    for (const [index, byte] of bytes.entries()) {
        value |= BigInt(byte & 0x7f) << BigInt(7 * index);
        if ((byte & 0x80) === 0) {
            return index === bytes.length - 1 ? value : undefined;
        }
    }
    return undefined;
}
