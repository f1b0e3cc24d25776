/** The answer to a claim, encoded by hand for the reason that `encode_job.ts` gives, and held to its type by the same test. */
import { Encoded } from '../../../src/core/candid/output';
import { encodeName } from '../../../src/core/candid/utf8';
import type { Job, Lease } from '../domain/job';

/** What a node is given: the job with its lease, and all that is kept elsewhere. */
export interface Granted {
    readonly job: Job;
    readonly lease: Lease;
    readonly input: Uint8Array;
    /** Where the result is wanted. */
    readonly replyUrl?: string;
}

const OK = 0;
/** No more than the numbers of a lease, the tags and the lengths take. */
const NUMBERS_BYTES = 64;

/** `variant { Ok : vec LeaseView }` of leases whose inputs are inline. */
export function encodeLeases(granted: readonly Granted[]): Encoded {
    let size = 2;
    for (let i = 0; i < granted.length; i++) size += sizeOf(granted[i]);
    const out = new Uint8Array(size);
    const view = new DataView(out.buffer);
    out[0] = OK;
    out[1] = granted.length;
    let at = 2;
    for (let i = 0; i < granted.length; i++) {
        const next = granted[i];
        if (next !== undefined) at = writeLease(out, view, at, next);
    }
    return new Encoded(out.subarray(0, at));
}

function sizeOf(granted: Granted | undefined): number {
    if (granted === undefined) return 0;
    const { job, input, replyUrl } = granted;
    const names = encodeName(job.appId).length + (replyUrl === undefined ? 0 : encodeName(replyUrl).length);
    return NUMBERS_BYTES + names + input.length;
}

function writeLease(
    out: Uint8Array,
    view: DataView,
    from: number,
    { job, lease: { token, attempt, deadlineNs }, input, replyUrl }: Granted
): number {
    view.setBigUint64(from, token, true);
    // input_ref
    out[from + 8] = 0;
    view.setUint32(from + 9, attempt, true);
    view.setBigUint64(from + 13, job.id, true);
    let at = writeBytes(out, from + 21, encodeName(job.appId));
    view.setBigUint64(at, deadlineNs, true);
    view.setBigUint64(at + 8, job.maxUnits, true);
    at = writeBytes(out, at + 16, input);
    out[at] = replyUrl === undefined ? 0 : 1;
    at = replyUrl === undefined ? at + 1 : writeBytes(out, at + 1, encodeName(replyUrl));
    view.setBigUint64(at, job.leaseNs, true);
    return at + 8;
}

/** The length as LEB128, and the bytes. */
function writeBytes(out: Uint8Array, from: number, bytes: Uint8Array): number {
    let at = from;
    let rest = bytes.length;
    for (; rest > 127; rest >>= 7) out[at++] = (rest & 127) | 128;
    out[at] = rest;
    out.set(bytes, at + 1);
    return at + 1 + bytes.length;
}
