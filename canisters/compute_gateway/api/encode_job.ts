/**
 * The answers to a submission and to a completion, encoded by hand: what most answers of this canister are. Making a view of twenty
 * fields and encoding it by its type costs four times as much. A test holds the bytes to those of the types.
 */
import { Encoded } from '../../../src/core/candid/output';
import { encodeName } from '../../../src/core/candid/utf8';
import { creditsUsed, holdOf, isTerminal, unitsUsed, type Job, type JobState } from '../domain/job';

/** Tags of the views' `state`, in the order of Candid's field ids. */
const STATE_TAGS = {
    Opening: 0,
    Queued: 0,
    Waiting: 0,
    Failed: 1,
    Cancelling: 2,
    Cancelled: 3,
    Leased: 4,
    TimedOut: 5,
    Completed: 6,
    Expired: 7
} as const satisfies Record<JobState['kind'], number>;

const OK = 0;
const MOST_BYTES = 1_024;
const out = new Uint8Array(MOST_BYTES);
const view = new DataView(out.buffer);

/** `variant { Ok : JobView }` of the view of a job that has no details in it (`toJobView(book, job, nowNs)`). */
export function encodeJobAnswer(job: Job): Encoded {
    const { state, lease } = job;
    const isOver = isTerminal(state);
    // output, lease_hash
    out[0] = OK;
    out[1] = 0;
    out[2] = 0;
    view.setUint32(3, job.attempt, true);
    let at = principalAt(7, (job.owner ?? job.submitter).toUint8Array());
    if (lease === undefined) {
        out[at++] = 0;
    } else {
        out[at] = 1;
        at = principalAt(at + 1, lease.node.toUint8Array());
    }
    view.setBigUint64(at, isOver ? state.finishedAtNs : 0n, true);
    view.setBigUint64(at + 8, isOver ? 0n : holdOf(job), true);
    view.setBigUint64(at + 16, creditsUsed(job), true);
    at = state.kind === 'Failed' ? bytesAt(at + 24, encodeName(state.code)) : noneAt(at + 24);
    view.setBigUint64(at, job.createdAtNs, true);
    out[at + 8] = STATE_TAGS[state.kind];
    view.setBigUint64(at + 9, job.id, true);
    at = lengthAndBytesAt(at + 17, encodeName(job.appId));
    at = numberAt(at, job.group);
    view.setBigUint64(at, unitsUsed(job), true);
    // details, receipt_hash
    out[at + 8] = 0;
    out[at + 9] = 0;
    at = state.kind === 'Completed' ? bytesAt(at + 10, state.outputHash) : noneAt(at + 10);
    // why_not
    out[at] = 0;
    at = numberAt(at + 1, job.redriveOf);
    return new Encoded(out.slice(0, at));
}

/** The tag, and {@link WorkView}'s five fields of fixed size. */
const WORK_BYTES = 30;

/** `variant { Ok : WorkView }`: what the node is told that has completed the job. */
export function encodeWorkAnswer(job: Job): Encoded {
    out[0] = OK;
    view.setUint32(1, job.attempt, true);
    view.setBigUint64(5, creditsUsed(job), true);
    out[13] = STATE_TAGS[job.state.kind];
    view.setBigUint64(14, job.id, true);
    view.setBigUint64(22, unitsUsed(job), true);
    return new Encoded(out.slice(0, WORK_BYTES));
}

function noneAt(at: number): number {
    out[at] = 0;
    return at + 1;
}

function bytesAt(at: number, bytes: Uint8Array): number {
    out[at] = 1;
    return lengthAndBytesAt(at + 1, bytes);
}

/** LEB128 of a length below 2^14, and the bytes. */
function lengthAndBytesAt(at: number, bytes: Uint8Array): number {
    const { length } = bytes;
    let from = at;
    if (length > 127) out[from++] = (length & 127) | 128;
    out[from++] = length > 127 ? length >> 7 : length;
    out.set(bytes, from);
    return from + length;
}

function principalAt(at: number, bytes: Uint8Array): number {
    out[at] = 1;
    out[at + 1] = bytes.length;
    out.set(bytes, at + 2);
    return at + 2 + bytes.length;
}

function numberAt(at: number, value: bigint | undefined): number {
    if (value === undefined) return noneAt(at);
    out[at] = 1;
    view.setBigUint64(at + 1, value, true);
    return at + 9;
}
