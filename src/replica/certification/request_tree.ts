import type { IngressStatus } from '../state/api';
import { utf8 } from '../wire/bytes';
import { ForkTree, LabeledTree, labels, leaf, type HashTree } from '../wire/hash_tree';
import { encodeLeb128 } from '../wire/leb128';

/** Shared by all requests: their digests are computed once, and a busy network keeps many requests. */
const name = {
    status: utf8('status'),
    reply: utf8('reply'),
    rejectCode: utf8('reject_code'),
    rejectMessage: utf8('reject_message'),
    errorCode: utf8('error_code')
};
const statusLeaf = {
    received: leaf(utf8('received')),
    processing: leaf(utf8('processing')),
    replied: leaf(utf8('replied')),
    rejected: leaf(utf8('rejected')),
    done: leaf(utf8('done'))
};
const statusOnly = {
    received: labels([[name.status, statusLeaf.received]]),
    processing: labels([[name.status, statusLeaf.processing]]),
    done: labels([[name.status, statusLeaf.done]])
};
const repliedStatus = new LabeledTree(name.status, statusLeaf.replied);

/** What stands below `request_status/<id>`; undefined for a request that the state does not know. */
export function requestTree(status: IngressStatus): HashTree | undefined {
    switch (status.kind) {
        case 'unknown':
            return undefined;
        case 'replied':
            return new ForkTree(new LabeledTree(name.reply, leaf(status.data)), repliedStatus);
        case 'rejected':
            return labels([
                [name.status, statusLeaf.rejected],
                [name.rejectCode, leaf(encodeLeb128(BigInt(status.rejection.rejectCode)))],
                [name.rejectMessage, leaf(utf8(status.rejection.message))],
                [name.errorCode, leaf(utf8(status.rejection.errorCode))]
            ]);
        case 'received':
        case 'processing':
        case 'done':
            return statusOnly[status.kind];
    }
}

/** Whether the status will never change again, except by being forgotten. */
export function isTerminal(status: IngressStatus): boolean {
    return status.kind === 'replied' || status.kind === 'rejected' || status.kind === 'done';
}
