import { createHash } from 'node:crypto';

const encoder = new TextEncoder();

/** One after the other, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const part of parts) {
        length += part.length;
    }
    const joined = new Uint8Array(length);
    let offset = 0;
    for (const part of parts) {
        joined.set(part, offset);
        offset += part.length;
    }
    return joined;
}

/** Bytewise order, a prefix before what it is a prefix of: the order of labels in a hash tree. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
    return Buffer.compare(a, b);
}

/** Same length, same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Lowercase, no prefix. */
export function toHex(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** `hex` must be an even number of hexadecimal digits: for constants and own output, not for input. */
export function fromHex(hex: string): Uint8Array {
    return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** The text's bytes. */
export function utf8(text: string): Uint8Array {
    return encoder.encode(text);
}

/** 32 bytes, over the parts one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
    const hash = createHash('sha256');
    for (const part of parts) {
        hash.update(part);
    }
    return new Uint8Array(hash.digest());
}

/** 28 bytes, over the parts one after the other. */
export function sha224(...parts: readonly Uint8Array[]): Uint8Array {
    const hash = createHash('sha224');
    for (const part of parts) {
        hash.update(part);
    }
    return new Uint8Array(hash.digest());
}

/** A domain separator of the interface specification: the text behind one byte that holds its length. */
export function domainSeparator(text: string): Uint8Array {
    const bytes = utf8(text);
    return concatBytes(Uint8Array.of(bytes.length), bytes);
}
