import { concatBytes } from '../bytes';
import { codecOf, record, text, u32, u64 } from '../codec';
import { sha256 } from '../hash';

/**
 * Direct delivery: a node hands a result to the gateway that asked for the job, beside the chain. The gateway knows the
 * node by a hash of the lease's token, which nobody else can name. When the gateway has everything, it reveals a secret
 * whose hash came with the job: with it the node completes the job by the output's hash alone.
 */
interface NamedLease {
    readonly domain: string;
    readonly jobId: bigint;
    readonly attempt: number;
    readonly token: bigint;
}

export const LEASE_DOMAIN = 'emc-lease-1';

const leaseCodec = codecOf(record<NamedLease>({ domain: text, jobId: u64, attempt: u32, token: u64 }));

/** SHA-256 that names a lease without telling its token; 32 bytes. */
export function leaseHash(lease: Omit<NamedLease, 'domain'>): Uint8Array {
    return sha256(leaseCodec.encode({ domain: LEASE_DOMAIN, ...lease }));
}

const ACK_PREFIX = new TextEncoder().encode('emc-ack-1');

/** Commitment to the secret that acknowledges a direct delivery; 32 bytes. */
export function ackHash(secret: Uint8Array): Uint8Array {
    return sha256(concatBytes(ACK_PREFIX, secret));
}

/** Bytes of the secret. */
export const ACK_BYTES = 32;

/** Content type of a delivery: one JSON value per line. */
export const DELIVERY_CONTENT_TYPE = 'application/x-ndjson';

/** Where a gateway takes deliveries, behind its own address. */
export function deliveryPath(jobId: bigint, attempt: number): string {
    return `/deliveries/${jobId}/${attempt}`;
}

/**
 * A line of a delivery. Texts come in order as they are generated; other outputs as base64 of consecutive pieces. The last
 * line closes the output, with its SHA-256 in hexadecimal.
 */
export type DeliveryFrame =
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'bytes'; readonly base64: string }
    | { readonly kind: 'end'; readonly outputHash: string; readonly details: string };
