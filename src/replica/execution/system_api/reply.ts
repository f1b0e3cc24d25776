/** Answers: `msg_reply*` and `msg_reject`. */
import { contractViolation, userViolation } from '../traps';
import { decodeText, fromHeap, subslice } from './copy';
import type { Execution } from './execution';
import { group } from './handlers';

/** Largest answer (replica.md b.3): 2 MiB in replicated execution, 3 MiB for queries. */
const MAX_REPLICATED_BYTES = 2 * 1024 * 1024;
const MAX_QUERY_BYTES = 3 * 1024 * 1024;

function maxBytes(x: Execution): number {
    return x.isQuery && x.input.context !== 'RQ' ? MAX_QUERY_BYTES : MAX_REPLICATED_BYTES;
}

function requireOpen(x: Execution, call: string): void {
    if (x.hasResponded) throw contractViolation(`ic0.${call}: the call is already replied`);
}

/** `msg_reply*` and `msg_reject`. */
export const replyApi = group({
    msg_reply_data_append: (x, src, size) => {
        requireOpen(x, 'msg_reply_data_append');
        const total = x.replyData.length + size;
        if (total > maxBytes(x)) {
            throw userViolation(
                `ic0.msg_reply_data_append: application payload size (${total}) cannot be larger than ${maxBytes(x)}.`,
                'Consider checking the response size and returning an error if it is too long.',
                'msg_reply_data_append-payload-too-large'
            );
        }
        x.replyData.append(subslice('msg.reply', src, size, x.heap()));
    },
    msg_reply: (x) => {
        requireOpen(x, 'msg_reply');
        x.response = { kind: 'reply', data: x.replyData.contents() };
    },
    msg_reject: (x, src, size) => {
        requireOpen(x, 'msg_reject');
        if (size > maxBytes(x)) {
            throw userViolation(
                `ic0.msg_reject: application payload size (${size}) cannot be larger than ${maxBytes(x)}.`,
                'Try truncating the error messages that are too long.',
                'msg_reject-payload-too-large'
            );
        }
        const message = decodeText(fromHeap(x, 'ic0.msg_reject', src, size));
        if (message === undefined) throw contractViolation('ic0.msg_reject: invalid UTF-8 string provided');
        x.response = { kind: 'reject', message };
    }
});
