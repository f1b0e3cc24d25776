/** Numbers and bytes of elliptic curve arithmetic. Big end first, except for Ed25519. */

export function fromBytes(bytes: Uint8Array): bigint {
    return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** The number that bytes stand for, the lowest first. */
export function fromBytesLittleEndian(bytes: Uint8Array): bigint {
    return fromBytes(bytes.slice().reverse());
}

/** Padded with zeros to `length` bytes. */
export function toBytes(value: bigint, length: number): Uint8Array {
    return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'));
}

/** Padded with zeros to `length` bytes. */
export function toBytesLittleEndian(value: bigint, length: number): Uint8Array {
    return toBytes(value, length).reverse();
}

/** A key of a canister, derived from a master key along a path. */
export interface DerivedKey {
    readonly secret: bigint;
    readonly publicKey: Uint8Array;
    /** With it and the public key, further keys can be derived without a secret. */
    readonly chainCode: Uint8Array;
}

/** That of master keys. */
export const INITIAL_CHAIN_CODE: Uint8Array = new Uint8Array(32);
