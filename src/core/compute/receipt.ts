import type { Principal } from '@dfinity/principal';
import { codecOf, fixedBytes, principal, record, text, u32, u64 } from '../codec';
import { sha256 } from '../hash';

/** What a node vouches for when it completes a job; its own signature on the call is the receipt's signature. */
export interface Receipt {
    readonly domain: string;
    readonly jobId: bigint;
    readonly attempt: number;
    readonly node: Principal;
    readonly outputHash: Uint8Array;
    readonly units: bigint;
}

export const RECEIPT_DOMAIN = 'emc-receipt-1';

const receiptCodec = codecOf(
    record<Receipt>({
        domain: text,
        jobId: u64,
        attempt: u32,
        node: principal,
        outputHash: fixedBytes(32),
        units: u64
    })
);

/**
 * SHA-256 of the receipt's fixed-width encoding: domain, job, attempt, node, output, units. 32 bytes. The job names its app,
 * and the app its model; two blocks of SHA-256 are what the rest needs.
 */
export function receiptHash(receipt: Omit<Receipt, 'domain'>): Uint8Array {
    return sha256(receiptCodec.encode({ domain: RECEIPT_DOMAIN, ...receipt }));
}
