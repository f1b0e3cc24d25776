import { createHash } from 'node:crypto';
import { equalBytes } from '../core/bytes';
import { HASH_MISMATCH, type InputReference } from '../core/compute/input_reference';
import { err, ok, type Result } from '../core/result';
import type { Failure, LeasedJob } from './ports';

/** Gets the bytes of a locator: at most so many; undefined where they cannot be had. */
export type FetchInput = (url: string, maxBytes: number, signal: AbortSignal) => Promise<Uint8Array | undefined>;

/** Larger inputs than these are left to nodes with more memory. */
const MAX_INPUT_BYTES = 64 * 1_048_576;

/** A job's input, from wherever it is; its hash decides whether it is the one that was meant. */
export async function inputOf(
    { input, inputReference }: LeasedJob,
    fetchInput: FetchInput | undefined,
    signal: AbortSignal
): Promise<Result<Uint8Array, Failure>> {
    if (inputReference === undefined) return ok(input);
    if (fetchInput === undefined || inputReference.size > BigInt(MAX_INPUT_BYTES)) {
        return err({ code: 'input_too_large', retryable: true, isBlameless: true });
    }
    return fetched(inputReference, fetchInput, signal);
}

/** The first locator that answers decides: what its bytes are, the owner has said. */
async function fetched(
    { sha256, size, locators }: InputReference,
    fetchInput: FetchInput,
    signal: AbortSignal
): Promise<Result<Uint8Array, Failure>> {
    for (const url of locators) {
        const bytes = await fetchInput(url, Number(size), signal).catch(() => undefined);
        if (bytes === undefined) continue;
        const hash = Uint8Array.from(createHash('sha256').update(bytes).digest());
        return equalBytes(hash, sha256) ? ok(bytes) : err({ code: HASH_MISMATCH, retryable: false });
    }
    return err({ code: 'input_unreachable', retryable: true });
}
