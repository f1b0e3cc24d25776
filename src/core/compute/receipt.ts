import type { Principal } from '@dfinity/principal';
import { codecOf, fixedBytes, principal, record, text, u32, u64 } from '../codec';
import { sha256 } from '../hash';
import { nameOf } from '../principals';
import { compress, digestFromBytes, digestToBytes, INITIAL, type Digest } from '../sha256';

/** What a node vouches for when it completes a job; its own signature on the call is the receipt's signature. */
export interface Receipt {
    readonly jobId: bigint;
    readonly attempt: number;
    readonly node: Principal;
    readonly outputHash: Uint8Array;
    readonly units: bigint;
}

export const RECEIPT_DOMAIN = 'emc-receipt-2';

/** What a receipt says besides the job and the node: the attempt (u32), the units (u64) and the hash of the output, big-endian. */
export const RECEIPT_BODY_BYTES = 44;
const BODY_UNITS = 4;
const BODY_OUTPUT = 12;

/** What whoever knows the job and the node needs to compute the receipt's hash; see {@link RECEIPT_BODY_BYTES}. */
export function receiptBody({ attempt, units, outputHash }: Omit<Receipt, 'jobId' | 'node'>): Uint8Array {
    const body = new Uint8Array(RECEIPT_BODY_BYTES);
    const view = new DataView(body.buffer);
    view.setUint32(0, attempt);
    view.setBigUint64(BODY_UNITS, units);
    body.set(outputHash, BODY_OUTPUT);
    return body;
}

/** The receipt with that body. */
export function receiptWith(jobId: bigint, node: Principal, body: Uint8Array): Receipt {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const outputHash = body.slice(BODY_OUTPUT, RECEIPT_BODY_BYTES);
    return { jobId, node, attempt: view.getUint32(0), units: view.getBigUint64(BODY_UNITS), outputHash };
}

const BLOCK_BYTES = 64;
/** Bytes of the second block that are hashed: job, attempt, units, output. */
const REST_BYTES = 52;
/** The second half of the padding of SHA-256 (FIPS 180-4 §5.1.1): the number of bits that were hashed. */
const HASHED_BITS = 8 * (BLOCK_BYTES + REST_BYTES);
const NODES_KEPT = 256;

/** SHA-256 after the first block, by node. */
let known = new Map<string, Digest>();

const numbers = new BigUint64Array(2);
/** The same as words; little-endian, so a number's low half comes first. */
const halves = new Int32Array(numbers.buffer);

/**
 * SHA-256 of 116 bytes, 32 bytes. The first block is the node's: the domain (text), the length of the principal (u8), the principal,
 * zeros. Behind it the job (u64), the attempt (u32), the units (u64) and the hash of the output, all big-endian. The job names
 * its app, and the app its model. What a node has done before is hashed once, so a receipt costs one block.
 */
export function receiptHash({ jobId, attempt, node, outputHash, units }: Receipt): Uint8Array {
    numbers[0] = jobId;
    numbers[1] = units;
    const of = digestFromBytes(outputHash);
    const left: Digest = [word(1), word(0), attempt | 0, word(3), word(2), of[0], of[1], of[2]];
    const right: Digest = [of[3], of[4], of[5], of[6], of[7], -0x80000000, 0, HASHED_BITS];
    return digestToBytes(compress(stateOf(node), left, right));
}

function word(index: number): number {
    return halves[index] ?? 0;
}

function stateOf(node: Principal): Digest {
    const name = nameOf(node);
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= NODES_KEPT) known = new Map();
    const block = new Uint8Array(BLOCK_BYTES);
    const bytes = node.toUint8Array();
    for (let i = 0; i < RECEIPT_DOMAIN.length; i++) block[i] = RECEIPT_DOMAIN.charCodeAt(i);
    block[RECEIPT_DOMAIN.length] = bytes.length;
    block.set(bytes, RECEIPT_DOMAIN.length + 1);
    const state = compress(INITIAL, digestFromBytes(block), digestFromBytes(block, BLOCK_BYTES / 2));
    known.set(name, state);
    return state;
}

/** The form of the receipts of jobs that were submitted to schema 5 of the queue. */
interface FirstReceipt extends Receipt {
    readonly domain: string;
}

const firstCodec = codecOf(
    record<FirstReceipt>({
        domain: text,
        jobId: u64,
        attempt: u32,
        node: principal,
        outputHash: fixedBytes(32),
        units: u64
    })
);

/** SHA-256 of the receipt's fixed-width encoding as it was at first: domain, job, attempt, node, output, units. 32 bytes. */
export function firstReceiptHash(receipt: Receipt): Uint8Array {
    return sha256(firstCodec.encode({ domain: 'emc-receipt-1', ...receipt }));
}
