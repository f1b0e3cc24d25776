/** Base64 of little-endian float32: the form of vectors in job payloads and in the OpenAI API. */
export function encodeVector(values: readonly number[]): string {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
    return bytes.toString('base64');
}
