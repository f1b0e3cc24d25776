import type { Vector } from '../ports';

/** Reads base64 of little-endian float32, the packed form of vectors in the OpenAI API and in jobs; cuts a last broken float. */
export function unpackVector(text: string): Vector {
    const bytes = Buffer.from(text, 'base64');
    return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readFloatLE(4 * i));
}
