import { after } from '../../../src/azle/timers';
import { NS_PER_S } from '../../../src/core/clock';
import { openRequest, recordResult } from '../clients/hub';
import type { DueMessage, OpenRequest, ResultRecord } from '../domain/outbox';
import { book, env, peers } from '../wiring';

/** Messages under way at a time; the hub's queue takes 500. */
const BATCH = 25;

/** A delivery that is announced but has not come by then never will: its message trapped, or an upgrade took its timer. */
const ANNOUNCED_NS = 30n * NS_PER_S;
let announcedUntilNs = 0n;

/** Delivers what is due in a message of its own, so that no failure there can undo what has just been decided here. */
export function deliverSoon(): void {
    const nowNs = env.nowNs();
    if (nowNs < announcedUntilNs || !book.outbox.isDue(nowNs)) return;
    announcedUntilNs = nowNs + ANNOUNCED_NS;
    after(0, async () => {
        announcedUntilNs = 0n;
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
