/**
 * Rows and keys of the queue, laid out by hand for the reasons that `row_bytes.ts` and `fixed_rows.ts` of src/core give. Numbers of
 * keys are big-endian, those of rows little-endian.
 */
import { Principal } from '@dfinity/principal';
import { encodeName, encodeUtf8, latin1Of } from '../../src/core/candid/utf8';
import { CorruptBytes, ValueOutOfRange, type Codec } from '../../src/core/codec';
import { idCodec } from '../../src/core/fixed_rows';
import { nameOf } from '../../src/core/principals';
import { aligned } from '../../src/core/row_bytes';
import type { AppQueue, EntryKey, Flow, FlowName, Lane } from './domain/fair_queue';
import { PRIORITIES, type Payer } from './domain/job';
import type { SessionName } from './domain/sessions';
import type { OutboxEntry } from './domain/outbox';
import type { DueKey, IdempotencyScope, NodeCheckKey, PayerLoad, Totals } from './domain/tables';
import type { EntryPage, EntryPageKey } from './entry_pages';

/** A key is only ever made here, never read: nobody lists such a table. */
function writeOnly<T>(encode: (value: T) => Uint8Array): Codec<T> {
    return {
        encode,
        decode: () => {
            throw new CorruptBytes('a key that is never read', 0);
        }
    };
}

const words = new BigUint64Array(2);
const wordBytes = new Uint8Array(words.buffer);

/** Big-endian, so that the bytes have the order of the numbers: written backwards and turned round. */
function pair(first: bigint, second: bigint): Uint8Array {
    words[1] = first;
    words[0] = second;
    return wordBytes.reverse();
}

export const entryKey: Codec<EntryKey> = writeOnly(({ flow, position }) => pair(flow, position));
export const entryPageKey: Codec<EntryPageKey> = writeOnly(({ flow, page }) => pair(flow, page));

export const entryPageName = ({ flow, page }: EntryPageKey): bigint => (flow << 64n) | page;

export const entryPageCodec: Codec<EntryPage> = {
    encode: (page) => new Uint8Array(page.buffer),
    decode: (stored) => new BigUint64Array(stored.slice().buffer)
};

/** Ordered by time, then by id. */
export const dueKey: Codec<DueKey> = {
    encode: ({ atNs, id }) => pair(atNs, id),
    decode(bytes) {
        wordBytes.set(bytes);
        wordBytes.reverse();
        return { atNs: words[1] ?? 0n, id: words[0] ?? 0n };
    }
};

const instant = new BigUint64Array(1);
const instantBytes = new Uint8Array(instant.buffer);

/** Ordered by time, then by node. */
export const alarmKey: Codec<NodeCheckKey> = {
    encode({ atNs, node }) {
        const name = node.toUint8Array();
        const bytes = new Uint8Array(8 + name.length);
        instant[0] = atNs;
        bytes.set(instantBytes.reverse());
        bytes.set(name, 8);
        return bytes;
    },
    decode(bytes) {
        instantBytes.set(bytes.subarray(0, 8));
        instantBytes.reverse();
        return { atNs: instant[0] ?? 0n, node: Principal.fromUint8Array(bytes.slice(8)) };
    }
};

/** The jobs that a node holds. Schema 5 had a count of four bytes before them, and each big-endian. */
export const heldJobsCodec: Codec<readonly bigint[]> = {
    encode: (ids) => new Uint8Array(BigUint64Array.from(ids).buffer),
    decode(stored) {
        if (stored.length % 8 === 0) return Array.from(new BigUint64Array(stored.slice().buffer));
        const view = new DataView(stored.buffer, stored.byteOffset);
        return Array.from({ length: view.getUint32(0) }, (_, index) => view.getBigUint64(4 + 8 * index));
    }
};

/** Keys that are asked for again and again, by what they name; forgotten all at once. */
export function rememberedKey(codec: Codec<string>, limit: number): Codec<string> {
    const known = new Map<string, Uint8Array>();
    return {
        encode(text) {
            const before = known.get(text);
            if (before !== undefined) return before;
            const bytes = codec.encode(text);
            if (known.size >= limit) known.clear();
            known.set(text, bytes);
            return bytes;
        },
        decode: (bytes) => codec.decode(bytes)
    };
}

interface NamedPayer {
    readonly name: string;
    readonly key: Uint8Array;
}

/** A job keeps its payer's object through all its states, so its names are made once. */
const namedPayers = new WeakMap<Payer, NamedPayer>();

function named(payer: Payer): NamedPayer {
    const known = namedPayers.get(payer);
    if (known !== undefined) return known;
    const key = payerBytes(payer, 0);
    // A canister asks for the name of the caller anyway.
    const made = { name: payer.kind === 'Principal' ? nameOf(payer.who) : `#${latin1Of(payer.keyHash)}`, key };
    namedPayers.set(payer, made);
    return made;
}

/** What cached rows call a payer. */
export function payerName(payer: Payer): string {
    return named(payer).name;
}

/** One byte for the kind, then the bytes that name the payer. */
function payerBytes(payer: Payer, before: number): Uint8Array {
    const name = payer.kind === 'Principal' ? payer.who.toUint8Array() : payer.keyHash;
    const bytes = new Uint8Array(before + 2 + name.length);
    bytes[before] = payer.kind === 'Principal' ? 0 : 1;
    bytes[before + 1] = name.length;
    bytes.set(name, before + 2);
    return bytes;
}

export const payerKey: Codec<Payer> = writeOnly((payer) => named(payer).key);

/** The lane, the payer behind its length, and the app's id to the end. */
export const flowNameKey: Codec<FlowName> = writeOnly(({ appId, lane, payer }) => {
    const text = encodeName(appId);
    const head = payerBytes(payer, 1);
    head[0] = PRIORITIES.indexOf(lane);
    const bytes = new Uint8Array(head.length + text.length);
    bytes.set(head);
    bytes.set(text, head.length);
    return bytes;
});

function payerAndText(payer: Payer, key: string): Uint8Array {
    const text = encodeUtf8(key);
    const head = named(payer).key;
    const bytes = new Uint8Array(head.length + text.length);
    bytes.set(head);
    bytes.set(text, head.length);
    return bytes;
}

export const sessionKey: Codec<SessionName> = writeOnly(({ payer, key }) => payerAndText(payer, key));
export const idempotencyKey: Codec<IdempotencyScope> = writeOnly(({ payer, key }) => payerAndText(payer, key));

const load = new Uint32Array(2);
const loadBytes = new Uint8Array(load.buffer);

export const payerLoadCodec: Codec<PayerLoad> = {
    encode({ active, leased }) {
        load[0] = active;
        load[1] = leased;
        return loadBytes;
    },
    decode(stored) {
        loadBytes.set(stored);
        return { active: load[0] ?? 0, leased: load[1] ?? 0 };
    }
};

const FLOW_U64S = 5;
const flowU64s = new BigUint64Array(FLOW_U64S + 1);
const flowU32s = new Uint32Array(flowU64s.buffer, 8 * FLOW_U64S, 2);
const flowBytes = new Uint8Array(flowU64s.buffer);

export const flowCodec: Codec<Flow> = {
    encode(flow) {
        flowU64s[0] = flow.next;
        flowU64s[1] = flow.previous;
        flowU64s[2] = flow.head;
        flowU64s[3] = flow.tail;
        flowU64s[4] = flow.deficit;
        flowU32s[0] = flow.lane;
        flowU32s[1] = flow.live;
        return flowBytes;
    },
    decode(stored) {
        const { buffer, byteOffset } = aligned(stored);
        const [next = 0n, previous = 0n, head = 0n, tail = 0n, deficit = 0n] = new BigUint64Array(
            buffer,
            byteOffset,
            FLOW_U64S
        );
        const [lane = 0, live = 0] = new Uint32Array(buffer, byteOffset + 8 * FLOW_U64S, 2);
        return { lane, next, previous, head, tail, live, deficit: BigInt.asIntN(64, deficit) };
    }
};

/** A lane's words of 64 bits; the last one is two numbers of 32. */
const LANE_WORDS = 4;
const queueU64s = new BigUint64Array(3 * LANE_WORDS);
const queueU32s = new Uint32Array(queueU64s.buffer);
const queueBytes = new Uint8Array(queueU64s.buffer);

/** The lanes whose words stand there now: most changes leave two of three as they were. */
const writtenLanes: (Lane | undefined)[] = [undefined, undefined, undefined];

export const appQueueCodec: Codec<AppQueue> = {
    encode([first, second, third]) {
        writeLane(0, first);
        writeLane(1, second);
        writeLane(2, third);
        return queueBytes;
    },
    decode(stored) {
        writtenLanes.fill(undefined);
        queueBytes.set(stored.subarray(0, queueBytes.length));
        return [readLane(0), readLane(LANE_WORDS), readLane(2 * LANE_WORDS)];
    }
};

function writeLane(index: number, lane: Lane): void {
    if (writtenLanes[index] === lane) return;
    writtenLanes[index] = lane;
    const at = index * LANE_WORDS;
    queueU64s[at] = lane.current;
    queueU64s[at + 1] = lane.pass;
    queueU64s[at + 2] = lane.quantum;
    queueU32s[2 * at + 6] = lane.flows;
    queueU32s[2 * at + 7] = lane.live;
}

function readLane(at: number): Lane {
    return {
        current: queueU64s[at] ?? 0n,
        flows: queueU32s[2 * at + 6] ?? 0,
        live: queueU32s[2 * at + 7] ?? 0,
        pass: queueU64s[at + 1] ?? 0n,
        quantum: queueU64s[at + 2] ?? 0n
    };
}

const totalsU64s = new BigUint64Array(8);
const totalsBytes = new Uint8Array(totalsU64s.buffer);

export const totalsCodec: Codec<Totals> = {
    encode(totals) {
        // Only these two are ever counted down.
        if (totals.active < 0n || totals.usualRunNs < 0n) throw new ValueOutOfRange('u64', totals.active);
        totalsU64s[0] = totals.active;
        totalsU64s[1] = totals.completed;
        totalsU64s[2] = totals.failed;
        totalsU64s[3] = totals.timedOut;
        totalsU64s[4] = totals.cancelled;
        totalsU64s[5] = totals.expired;
        totalsU64s[6] = totals.usualRunNs;
        totalsU64s[7] = totals.nextId;
        return totalsBytes;
    },
    decode(stored) {
        totalsBytes.set(stored);
        const at = (index: number): bigint => totalsU64s[index] ?? 0n;
        return {
            active: at(0),
            completed: at(1),
            failed: at(2),
            timedOut: at(3),
            cancelled: at(4),
            expired: at(5),
            usualRunNs: at(6),
            nextId: at(7)
        };
    }
};

/** Tag of {@link OutboxMessage}'s case `Ended` in `storage.ts`. */
const ENDED = 0;
const endedBytes = new Uint8Array(13);
const endedId = idCodec();

/** What nearly every entry is, written by hand as the other codec writes it: the tag, the id (u64), the tries (u32). */
export function outboxCodec(codec: Codec<OutboxEntry>): Codec<OutboxEntry> {
    return {
        encode(entry) {
            if (entry.message.kind !== 'Ended' || entry.tries > 255) return codec.encode(entry);
            endedBytes[0] = ENDED;
            endedBytes.set(endedId.encode(entry.message.requestId), 1);
            endedBytes[12] = entry.tries;
            return endedBytes;
        },
        decode: (bytes) => codec.decode(bytes)
    };
}
