/** The queue's own rules over tables in the heap, with a market to run in: a canister of the bench calls them. */
import { Principal } from '@dfinity/principal';
import { registerApp } from '../../canisters/compute_gateway/domain/apps';
import { claim, heartbeat, type HeartbeatReply, type HeldLease } from '../../canisters/compute_gateway/domain/claim';
import { complete, type Completion } from '../../canisters/compute_gateway/domain/finish';
import type { Job } from '../../canisters/compute_gateway/domain/job';
import { JobBook } from '../../canisters/compute_gateway/domain/job_book';
import { attach } from '../../canisters/compute_gateway/domain/nodes';
import type { ResultRecord } from '../../canisters/compute_gateway/domain/outbox';
import { settleOpening, submit, type Submission } from '../../canisters/compute_gateway/domain/submit';
import { NS_PER_MS, NS_PER_S } from '../../src/core/clock';
import type { Result } from '../../src/core/result';
import { heapTables } from './heap_tables';

export const APP = 'embedding';
export const MODEL_HASH = new Uint8Array(32).fill(7);
export const USERS = 200;

/** Of all leases. */
export const NODE = principalOf(0);

const START_NS = 1_800_000_000n * NS_PER_S;
const SLOTS = 64;
/** More than any user of this bench has under way. */
const PLENTY = 1_000_000n;
const MOST_SENT = 25;

/** What had to be accepted was refused. */
class UnexpectedRefusal extends Error {
    constructor(readonly kind: string) {
        super(`refused: ${kind}`);
        this.name = 'UnexpectedRefusal';
    }
}

/** A principal of its own for every number, as long as those of users are. */
function principalOf(number: number): Principal {
    const bytes = new Uint8Array(29).fill(2);
    new DataView(bytes.buffer).setUint32(0, number);
    return Principal.fromUint8Array(bytes);
}

/** The value of a result. @throws {@link UnexpectedRefusal} */
export function accepted<T>(result: Result<T, { readonly kind: string }>): T {
    if (!result.ok) throw new UnexpectedRefusal(result.error.kind);
    return result.value;
}

export class QueueRules {
    readonly book = new JobBook(heapTables());
    /** The node of all leases. */
    readonly node = NODE;
    private readonly users = Array.from({ length: USERS }, (_, user) => principalOf(user + 1));
    /** What the hub was told last. */
    sent: ResultRecord | undefined;
    private nowNs = START_NS;
    private lastUser = 0;
    private lastToken = 1n << 60n;

    constructor() {
        const { tables } = this.book;
        const limits = { maxActive: PLENTY, maxActivePerPayer: PLENTY, maxQueuedPerApp: PLENTY };
        tables.limits.set({ ...tables.limits.get(), ...limits });
        const terms = { unit: 'input', unitPriceCredits: 10n, maxUnits: 64n, leaseS: 60n };
        const app = { appId: APP, kind: 'Embedding', modelHash: MODEL_HASH, ...terms } as const;
        accepted(registerApp(tables, app, this.node, START_NS));
        accepted(attach(tables, this.node, { apps: [APP], slots: SLOTS }, START_NS));
    }

    /** Queues jobs of all users in turn. */
    fill(jobs: number): void {
        for (let job = 0; job < jobs; job++) {
            const who = this.nextUser();
            const payer = { kind: 'Principal', who } as const;
            const input = new Uint8Array(64);
            this.submitted({ appId: APP, input, maxCredits: 100n, payer, submitter: who, priority: 'Standard' });
        }
    }

    /** The intent, and what the hub's consent makes of it. */
    submitted(submission: Submission): Job {
        const intent = accepted(submit(this.book, submission, this.now()));
        if (intent.kind !== 'Ask') throw new UnexpectedRefusal(intent.kind);
        const answer = { kind: 'Held', owner: submission.submitter } as const;
        return accepted(settleOpening(this.book, intent.request, answer, this.nowNs));
    }

    claimed(count: number): readonly Job[] {
        const tokens = Array.from({ length: count }, () => ++this.lastToken);
        return claim(this.book, this.node, tokens, this.now());
    }

    beaten(held: readonly HeldLease[]): HeartbeatReply {
        return heartbeat(this.book, this.node, held, this.now());
    }

    /** The record for the hub is sent, and answered at once. */
    completed(completion: Completion): Job {
        const job = accepted(complete(this.book, completion, this.now()));
        const { outbox } = this.book;
        for (const { key, message } of outbox.takeFresh(MOST_SENT)) {
            this.sent = this.book.recordOf(message);
            outbox.settle(key);
        }
        return job;
    }

    /** Jobs that wait, and messages that the hub has not answered. */
    lengths(): { readonly queued: bigint; readonly unsent: number } {
        return { queued: this.book.queue.length(APP), unsent: this.book.outbox.size() };
    }

    /** Users take turns. */
    nextUser(): Principal {
        this.lastUser = (this.lastUser + 1) % USERS;
        return this.users[this.lastUser] ?? this.node;
    }

    private now(): bigint {
        return (this.nowNs += NS_PER_MS);
    }
}
