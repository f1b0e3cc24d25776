/** Bytes as somebody types them. */

/** `0x` and digits in pairs are those bytes; anything else is text, in UTF-8. Throws TypeError for half a byte. */
export function bytesFrom(text: string): Uint8Array {
    if (!text.startsWith('0x')) return new TextEncoder().encode(text);
    const digits = text.slice(2);
    if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new TypeError(`${text} is no whole number of bytes`);
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
