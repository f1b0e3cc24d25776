import { gunzipSync } from 'node:zlib';
import type { HttpAnswer } from '../http/http_server';
import { sha256, toHex } from '../wire/bytes';
import { InvalidBodyError } from './json';
import { errorAnswer } from './rest_answer';

interface Blob {
    readonly bytes: Uint8Array;
    readonly isGzip: boolean;
}

/** The server's blob store: bytes by the hexadecimal SHA-256 of their content. */
export class Blobs {
    readonly #blobs = new Map<string, Blob>();

    /** The key. Throws InvalidBodyError for encodings other than gzip. */
    put(bytes: Uint8Array, encoding: string | undefined): string {
        if (encoding !== undefined && encoding !== 'gzip') throw new InvalidBodyError(`Bad encoding: ${encoding}`);
        const key = toHex(sha256(bytes));
        this.#blobs.set(key, { bytes, isGzip: encoding === 'gzip' });
        return key;
    }

    /** As it was put. */
    answer(key: string): HttpAnswer {
        const blob = this.#blobs.get(key);
        if (blob === undefined) return errorAnswer(/^[0-9a-f]{64}$/.test(key) ? 404 : 400, 'BlobNotFound');
        return { status: 200, body: blob.bytes, ...(blob.isGzip ? { headers: { 'content-encoding': 'gzip' } } : {}) };
    }

    /** Its content, unpacked. Throws InvalidBodyError for what only said that it was packed. */
    content(key: string): Uint8Array | undefined {
        const blob = this.#blobs.get(key);
        if (blob?.isGzip !== true) return blob?.bytes;
        try {
            return new Uint8Array(gunzipSync(blob.bytes));
        } catch {
            throw new InvalidBodyError('The blob is no gzip');
        }
    }
}
