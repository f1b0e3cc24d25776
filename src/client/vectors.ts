/** Vectors as job payloads and the OpenAI API carry them: base64 of little-endian float32. */

export function encodeVector(values: readonly number[]): string {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
    return bytes.toString('base64');
}

/** Bytes behind the last whole float are cut. */
export function decodeVector(text: string): number[] {
    const bytes = Buffer.from(text, 'base64');
    return Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readFloatLE(index * 4));
}
