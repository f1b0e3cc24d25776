import { sha224 as nobleSha224 } from '@noble/hashes/sha2';
import { digestOf, digestToBytes } from './sha256';

/** SHA-256 (FIPS 180-4) of the message; 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
    return digestToBytes(digestOf(message));
}

/** SHA-224 (FIPS 180-4) of the message; 28 bytes. */
export function sha224(message: Uint8Array): Uint8Array {
    return nobleSha224(message);
}
