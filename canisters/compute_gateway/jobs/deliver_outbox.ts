import { after } from '../../../src/azle/timers';
import { openRequest, recordResult } from '../clients/hub';
import type { DueMessage, OpenRequest, ResultRecord } from '../domain/outbox';
import { book, env, peers } from '../wiring';

/** Messages under way at a time; the hub's queue takes 500. */
const BATCH = 25;

/** Lost with an upgrade, and with it the timer that it stands for. */
let scheduled = false;

/** Delivers what is due in a message of its own, so that no failure there can undo what has just been decided here. */
export function deliverSoon(): void {
    if (scheduled || !book.outbox.isDue(env.nowNs())) return;
    scheduled = true;
    after(0, async () => {
        scheduled = false;
        await deliverOutbox();
    });
}

async function deliverOutbox(): Promise<void> {
    const due = book.outbox.take(env.nowNs(), BATCH);
    await Promise.all(due.map(deliver));
    deliverSoon();
}

async function deliver({ key, message }: DueMessage): Promise<void> {
    if (message.kind === 'Record') {
        const answer = await recordResult(peers, message.record);
        if (answer !== 'Retry') book.outbox.settle(key);
        return;
    }
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
