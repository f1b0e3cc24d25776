/**
 * Rows and keys of the queue, laid out by hand for the reason that `job_codec.ts` gives. Numbers of keys are big-endian, those
 * of rows little-endian.
 */
import { encodeUtf8, latin1Of } from '../../src/core/candid/utf8';
import { CorruptBytes, ValueOutOfRange, type Codec } from '../../src/core/codec';
import type { AppQueue, EntryKey, Flow, FlowName, Lane } from './domain/fair_queue';
import { PRIORITIES, type Payer } from './domain/job';
import type { SessionName } from './domain/sessions';
import type { DueKey, IdempotencyScope, PayerLoad, Totals } from './domain/tables';

/** A key is only ever made here, never read: nobody lists such a table. */
function writeOnly<T>(encode: (value: T) => Uint8Array): Codec<T> {
    return {
        encode,
        decode: () => {
            throw new CorruptBytes('a key that is never read', 0);
        }
    };
}

function viewOf(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const words = new BigUint64Array(2);
const wordBytes = new Uint8Array(words.buffer);

/** Big-endian, so that the bytes have the order of the numbers: written backwards and turned round. */
function pair(first: bigint, second: bigint): Uint8Array {
    words[1] = first;
    words[0] = second;
    return wordBytes.slice().reverse();
}

export const entryKey: Codec<EntryKey> = writeOnly(({ flow, position }) => pair(flow, position));

/** Ordered by time, then by id. */
export const dueKey: Codec<DueKey> = {
    encode: ({ atNs, id }) => pair(atNs, id),
    decode(bytes) {
        const view = viewOf(bytes);
        return { atNs: view.getBigUint64(0), id: view.getBigUint64(8) };
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
    const made = { name: latin1Of(key), key };
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
    const text = encodeUtf8(appId);
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

/** Typed arrays want their bytes aligned. */
function aligned(bytes: Uint8Array): Uint8Array {
    return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

export const payerLoadCodec: Codec<PayerLoad> = {
    encode: ({ active, leased }) => new Uint8Array(Uint32Array.of(active, leased).buffer),
    decode(stored) {
        const { buffer, byteOffset } = aligned(stored);
        const [active = 0, leased = 0] = new Uint32Array(buffer, byteOffset, 2);
        return { active, leased };
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
        return flowBytes.slice();
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

export const appQueueCodec: Codec<AppQueue> = {
    encode([first, second, third]) {
        writeLane(0, first);
        writeLane(LANE_WORDS, second);
        writeLane(2 * LANE_WORDS, third);
        return queueBytes.slice();
    },
    decode(stored) {
        queueBytes.set(stored.subarray(0, queueBytes.length));
        return [readLane(0), readLane(LANE_WORDS), readLane(2 * LANE_WORDS)];
    }
};

function writeLane(at: number, { current, pass, quantum, flows, live }: Lane): void {
    queueU64s[at] = current;
    queueU64s[at + 1] = pass;
    queueU64s[at + 2] = quantum;
    queueU32s[2 * at + 6] = flows;
    queueU32s[2 * at + 7] = live;
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

const TOTALS = 7;

export const totalsCodec: Codec<Totals> = {
    encode({ active, completed, failed, timedOut, cancelled, expired, usualRunNs }) {
        // Only these two are ever counted down.
        if (active < 0n || usualRunNs < 0n) throw new ValueOutOfRange('u64', active);
        return new Uint8Array(
            BigUint64Array.of(active, completed, failed, timedOut, cancelled, expired, usualRunNs).buffer
        );
    },
    decode(stored) {
        const { buffer, byteOffset } = aligned(stored);
        const numbers = new BigUint64Array(buffer, byteOffset, TOTALS);
        const [active = 0n, completed = 0n, failed = 0n, timedOut = 0n, cancelled = 0n, expired = 0n] = numbers;
        return { active, completed, failed, timedOut, cancelled, expired, usualRunNs: numbers[6] ?? 0n };
    }
};
