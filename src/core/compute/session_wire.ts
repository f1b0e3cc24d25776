import type { Principal } from '@dfinity/principal';
import { codecOf, principal, record, text, u64 } from '../codec';
import type { DeliveryFrame } from './direct_delivery';

/**
 * The line between a gateway and the node that holds a session: one HTTP request of the node, whose body and answer both
 * grow, one JSON value per line in either direction. An empty line says that its sender is there.
 */
export const SESSION_CONTENT_TYPE = 'application/x-ndjson';

/** Where a gateway waits for the holder of a session, behind its own address. */
export function sessionPath(sessionId: bigint): string {
    return `/sessions/${sessionId}`;
}

/**
 * What the holder of a session signs with its node key to open the line: this gateway, this session, now. Milliseconds since
 * 1970; a gateway takes no older proof than {@link PROOF_MAX_AGE_MS}, and each only once.
 */
export interface LineProof {
    readonly canister: Principal;
    readonly sessionId: bigint;
    /** The gateway's address as the canister tells it. */
    readonly gatewayUrl: string;
    readonly atMs: bigint;
}

const proofCodec = codecOf(
    record<LineProof & { readonly domain: string }>({
        domain: text,
        canister: principal,
        sessionId: u64,
        gatewayUrl: text,
        atMs: u64
    })
);

/** The bytes that are signed. */
export function lineProofBytes(proof: LineProof): Uint8Array {
    return proofCodec.encode({ domain: 'emc-session-line-1', ...proof });
}

export const PROOF_MAX_AGE_MS = 60_000;

/** Request header: how many calls the latest receipt covers that the node has. */
export const KNOWN_CALLS_HEADER = 'x-emc-known-calls';

/** The fields of a receipt that change: units in decimal digits, the digest in hexadecimal. */
export interface ReceiptTotal {
    readonly calls: number;
    readonly units: string;
    readonly digest: string;
}

/**
 * What the gateway says. Calls are numbered by it, from 1, through all lines of a session. Its first word on a line is a
 * receipt of all that the node does not have yet: what is not in it did not arrive, and is not paid.
 */
export type GatewayFrame =
    /**
     * A payload as a job has it; `maxUnits` is what the call may cost, in decimal digits. With `whole`, nobody reads along:
     * the output comes at its end.
     */
    | {
          readonly kind: 'call';
          readonly id: number;
          readonly input: string;
          readonly maxUnits: string;
          readonly whole?: true | undefined;
      }
    /** Nobody waits for the call any more. */
    | { readonly kind: 'cancel'; readonly id: number }
    /**
     * The cumulative receipt after these further calls, in this order; the signature is hexadecimal. The first one on a line
     * says what all calls come to, for a node that has forgotten them.
     */
    | {
          readonly kind: 'receipt';
          readonly calls: readonly number[];
          readonly signature: string;
          readonly total?: ReceiptTotal | undefined;
      };

/** What the node says: a call's result as a delivery has it, with the units at its end, or why there is none. */
export type NodeFrame =
    | ({ readonly id: number } & Exclude<DeliveryFrame, { readonly kind: 'end' }>)
    | ({ readonly id: number; readonly units: string } & Extract<DeliveryFrame, { readonly kind: 'end' }>)
    | { readonly kind: 'failed'; readonly id: number; readonly code: string; readonly retryable: boolean };

/** Between two empty lines of a side that has nothing to say; a line that is silent for three of them is dead. */
export const SESSION_BEAT_MS = 15_000;

/** Most calls in flight on one session. */
export const MAX_SESSION_CALLS = 256;
