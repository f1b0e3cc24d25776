import { spawn } from '../../../src/azle/spawn';
import { fundPurse, openRequest, recordResults } from '../clients/hub';
import type { DueMessage, OpenRequest, ResultRecord } from '../domain/outbox';
import { purseOf } from '../domain/socket';
import type { DueKey } from '../domain/tables';
import { book, env, peers, sockets } from '../wiring';

/** Messages that one delivery takes; what is left waits for the next one, or for the timer. */
const BATCH = 25;

/**
 * Delivers what a message has just pushed, from the message itself: three executions less than a timer takes, each at the
 * price of a call. Each entry is stored for its next try before it is sent: a lost reply or a trap only means that it is sent again.
 */
export function deliverSoon(): void {
    const fresh = book.outbox.takeFresh(BATCH);
    if (fresh.length > 0) spawn(() => deliver(fresh));
}

/** The timer's part: what was sent and not answered. */
export function deliverDue(): void {
    const due = book.outbox.take(env.nowNs(), BATCH);
    if (due.length > 0) spawn(() => deliver(due));
    deliverSoon();
}

/** Nearly always all are results. */
function deliver(due: readonly DueMessage[]): Promise<void> {
    const others = due.filter(({ message }) => message.kind === 'Release' || message.kind === 'Fund');
    const records = deliverRecords(due);
    if (others.length === 0) return records.then(deliverSoon);
    return Promise.all([records, ...others.map(release), ...others.map(fund)]).then(deliverSoon);
}

/** All results in one call. */
function deliverRecords(due: readonly DueMessage[]): Promise<void> {
    const keys: DueKey[] = [];
    const records: ResultRecord[] = [];
    for (let i = 0; i < due.length; i++) {
        const next = due[i];
        const record = next && book.recordOf(next.message);
        if (next === undefined || record === undefined) continue;
        keys.push(next.key);
        records.push(record);
    }
    if (records.length === 0) return Promise.resolve();
    return recordResults(peers, records).then((answers) => {
        for (let i = 0; i < keys.length; i++) {
            const key = keys[i];
            if (key !== undefined && answers[i] !== 'Retry') book.outbox.settle(key);
        }
    });
}

/** Brings the price of a compute socket to its purse; from then on the socket can be used. */
async function fund({ key, message }: DueMessage): Promise<void> {
    if (message.kind !== 'Fund') return;
    const answer = await fundPurse(peers, message.requestId, purseOf(message.socketId));
    if (answer === 'Retry') return;
    book.outbox.settle(key);
    if (answer === 'Recorded') sockets.funded(message.socketId);
}

/** Asks once more for a hold of which nobody knows, and gives it back. */
async function release({ key, message }: DueMessage): Promise<void> {
    if (message.kind !== 'Release') return;
    const answer = await openRequest(peers, message.request);
    if (answer.kind === 'Unknown' || isTemporary(answer)) return;
    book.outbox.settle(key);
    if (answer.kind === 'Held') book.outbox.push({ kind: 'Record', record: givenBack(message.request) }, env.nowNs());
}

function isTemporary(answer: Awaited<ReturnType<typeof openRequest>>): boolean {
    return answer.kind === 'Refused' && answer.error.kind === 'TemporarilyUnavailable';
}

function givenBack({ requestId }: OpenRequest): ResultRecord {
    return { requestId, status: 'Cancelled', creditsUsed: 0n };
}
