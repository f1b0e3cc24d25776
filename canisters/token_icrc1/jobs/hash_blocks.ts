import { certify, isReplicated } from '../../../src/azle/certified_data';
import { after } from '../../../src/azle/timers';
import { NS_PER_S } from '../../../src/core/clock';
import { books, env } from '../wiring';
import { archiveLater } from './feed_archive';

/** A timer that has not come by then never will: its message trapped, or an upgrade took it away. */
const LOST_AFTER_NS = 60n * NS_PER_S;

let armedAtNs: bigint | undefined;

/** Lets the chain follow the log right after this message. Called by everything that appends a block. */
export function hashLater(): void {
    if (books.chain.backlog() === 0n) return;
    const nowNs = env.nowNs();
    if (armedAtNs !== undefined && nowNs - armedAtNs < LOST_AFTER_NS) return;
    armedAtNs = nowNs;
    after(0, hashNow);
}

function hashNow(): void {
    armedAtNs = undefined;
    catchUp();
    hashLater();
    archiveLater();
}

/** Hashes a batch of blocks and certifies the last; in a query, for the query's own answer only. */
export function catchUp(): void {
    if (books.chain.extend() && isReplicated()) certifyTip();
}

/** Certifies the chain as far as it has come. */
export function certifyTip(): void {
    const root = books.chain.root();
    if (root !== undefined) certify(root);
}
