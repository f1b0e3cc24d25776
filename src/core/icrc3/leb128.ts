/** Unsigned LEB128 of a natural number: what ICRC-3 hashes for `Nat`. */
export function encodeUnsigned(value: bigint): Uint8Array {
    const bytes: number[] = [];
    let rest = value;
    do {
        const low = Number(rest & 0x7fn);
        rest >>= 7n;
        bytes.push(rest === 0n ? low : low | 0x80);
    } while (rest !== 0n);
    return Uint8Array.from(bytes);
}

/** Signed LEB128 of an integer: what ICRC-3 hashes for `Int`. */
export function encodeSigned(value: bigint): Uint8Array {
    const bytes: number[] = [];
    let rest = value;
    for (;;) {
        const low = Number(rest & 0x7fn);
        rest >>= 7n;
        const isSignBit = (low & 0x40) !== 0;
        if ((rest === 0n && !isSignBit) || (rest === -1n && isSignBit)) return Uint8Array.from([...bytes, low]);
        bytes.push(low | 0x80);
    }
}

/** Reads the whole of `bytes` as one unsigned LEB128 number in its shortest form; undefined when it is none. */
export function decodeUnsigned(bytes: Uint8Array): bigint | undefined {
    const last = bytes.length - 1;
    if (last < 0 || (last > 0 && bytes[last] === 0)) return undefined;
    let value = 0n;
    for (let i = last; i >= 0; i--) {
        const byte = bytes[i] ?? 0;
        if (byte >= 0x80 === (i === last)) return undefined;
        value = (value << 7n) | BigInt(byte & 0x7f);
    }
    return value;
}
