import { codecOf, fixedBytes, list, record, text, u64 } from '../codec';

/** An input that is kept elsewhere because it is too large to be inline (compute.md §5.5). */
export interface InputReference {
    /** SHA-256 of the input: the node checks it, and gives a job back for good with `hash_mismatch` where it differs. 32 bytes. */
    readonly sha256: Uint8Array;
    /** Bytes; at most {@link MAX_REFERENCED_BYTES}. */
    readonly size: bigint;
    /** Where it can be had, to be tried in this order: URLs. */
    readonly locators: readonly string[];
}

/** 1 GiB. */
export const MAX_REFERENCED_BYTES = 1n << 30n;
export const MAX_LOCATORS = 8;
export const MAX_LOCATOR_LENGTH = 512;
const LOCATOR = /^(https?|ipfs):\/\/[\x21-\x7e]+$/;

/** Failure code of a node that got other bytes than the reference names; nobody tries again. */
export const HASH_MISMATCH = 'hash_mismatch';

const codec = codecOf(record<InputReference>({ sha256: fixedBytes(32), size: u64, locators: list(text) }));

export const encodeInputReference = (reference: InputReference): Uint8Array => codec.encode(reference);
export const decodeInputReference = (bytes: Uint8Array): InputReference => codec.decode(bytes);

/** The first field that breaks a rule; undefined for a reference in good order. */
export function faultOfReference({ sha256, size, locators }: InputReference): keyof InputReference | undefined {
    if (sha256.length !== 32) return 'sha256';
    if (size === 0n || size > MAX_REFERENCED_BYTES) return 'size';
    const isCountBad = locators.length === 0 || locators.length > MAX_LOCATORS;
    const isBad = isCountBad || locators.some((url) => url.length > MAX_LOCATOR_LENGTH || !LOCATOR.test(url));
    return isBad ? 'locators' : undefined;
}
