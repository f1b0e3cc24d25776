import { sha256, toHex } from '../wire/bytes';

/** The server's blob store: bytes by the hexadecimal SHA-256 of their content. */
export class Blobs {
    readonly #blobs = new Map<string, Uint8Array>();

    /** The key. */
    put(bytes: Uint8Array): string {
        const key = toHex(sha256(bytes));
        this.#blobs.set(key, bytes);
        return key;
    }

    get(key: string): Uint8Array | undefined {
        return this.#blobs.get(key);
    }
}
