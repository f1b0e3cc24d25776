import type { IngressStatus } from '../state/api';
import { utf8 } from '../wire/bytes';
import { labels, leaf, type HashTree } from '../wire/hash_tree';
import { encodeLeb128 } from '../wire/leb128';

/** What stands below `request_status/<id>`; undefined for a request that the state does not know. */
export function requestTree(status: IngressStatus): HashTree | undefined {
    switch (status.kind) {
        case 'unknown':
            return undefined;
        case 'replied':
            return labels([
                [utf8('status'), leaf(utf8('replied'))],
                [utf8('reply'), leaf(status.data)]
            ]);
        case 'rejected':
            return labels([
                [utf8('status'), leaf(utf8('rejected'))],
                [utf8('reject_code'), leaf(encodeLeb128(BigInt(status.rejection.rejectCode)))],
                [utf8('reject_message'), leaf(utf8(status.rejection.message))],
                [utf8('error_code'), leaf(utf8(status.rejection.errorCode))]
            ]);
        case 'received':
        case 'processing':
        case 'done':
            return labels([[utf8('status'), leaf(utf8(status.kind))]]);
    }
}

/** Whether the status will never change again, except by being forgotten. */
export function isTerminal(status: IngressStatus): boolean {
    return status.kind === 'replied' || status.kind === 'rejected' || status.kind === 'done';
}
