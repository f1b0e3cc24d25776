/** Concatenates byte strings. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const part of parts) length += part.length;
    const out = new Uint8Array(length);
    let offset = 0;
    for (const part of parts) {
        out.set(part, offset);
        offset += part.length;
    }
    return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
}

/** Orders byte strings lexicographically, a prefix before its extensions: the order of a stable B-tree's keys. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
    const shared = Math.min(a.length, b.length);
    for (let i = 0; i < shared; i++) {
        const difference = (a[i] ?? 0) - (b[i] ?? 0);
        if (difference !== 0) return difference;
    }
    return a.length - b.length;
}

const HEX = '0123456789abcdef';

/** Lower-case hexadecimal text. */
export function toHex(bytes: Uint8Array): string {
    let text = '';
    for (const byte of bytes) text += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15);
    return text;
}

/** Reads hexadecimal text of either case; undefined when it is not. */
export function fromHex(text: string): Uint8Array | undefined {
    if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
    const out = new Uint8Array(text.length / 2);
    for (let i = 0; i < out.length; i++) out[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
    return out;
}

/** One character per byte: a key for maps, at a tenth of what hexadecimal costs a canister. Only for short byte strings. */
export function byteText(bytes: Uint8Array): string {
    // Any array-like serves here; spreading the bytes costs four times as much under QuickJS.
    return String.fromCharCode.apply(undefined, bytes as unknown as number[]);
}
