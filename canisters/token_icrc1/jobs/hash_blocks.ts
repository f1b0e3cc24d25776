import { certify } from '../../../src/azle/certified_data';
import { after } from '../../../src/azle/timers';
import { NS_PER_S } from '../../../src/core/clock';
import { HASH_BATCH, HELP_BATCH, MAX_BACKLOG } from '../domain/chain';
import { books, env } from '../wiring';
import { archiveLater } from './feed_archive';

/** A timer that has not come by then never will: its message trapped, or an upgrade took it away. */
const LOST_AFTER_NS = 60n * NS_PER_S;

let armedAtNs: bigint | undefined;

/** Lets the chain follow the log right after this message. Called by everything that appends a block. */
export function hashLater(): void {
    const backlog = books.chain.backlog();
    if (backlog === 0n) return;
    if (backlog > MAX_BACKLOG) hash(HELP_BATCH);
    const nowNs = env.nowNs();
    if (armedAtNs !== undefined && nowNs - armedAtNs < LOST_AFTER_NS) return;
    armedAtNs = nowNs;
    after(0, hashNow);
}

function hashNow(): void {
    armedAtNs = undefined;
    hash(HASH_BATCH);
    hashLater();
    archiveLater();
}

/** What is hashed is certified in the same message: a certificate never shows another tip than the chain. */
function hash(limit: bigint): void {
    if (books.chain.extend(limit)) certifyTip();
}

/** Certifies the chain as far as it has come. */
export function certifyTip(): void {
    const root = books.chain.root();
    if (root !== undefined) certify(root);
}
