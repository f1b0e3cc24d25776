import { concatBytes } from '../../src/core/bytes';

const CUSTOM_SECTION = 0;

/** Appends a custom section to a WebAssembly module (core specification §5.5.3). */
export function appendCustomSection(module: Uint8Array, name: string, content: string): Uint8Array {
    const encoder = new TextEncoder();
    const nameBytes = encoder.encode(name);
    const body = concatBytes(unsignedLeb128(nameBytes.length), nameBytes, encoder.encode(content));
    return concatBytes(module, Uint8Array.of(CUSTOM_SECTION), unsignedLeb128(body.length), body);
}

function unsignedLeb128(value: number): Uint8Array {
    const bytes: number[] = [];
    let rest = value;
    do {
        const more = rest > 0x7f;
        bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
        rest >>>= 7;
    } while (rest > 0);
    return Uint8Array.from(bytes);
}
