/** Rows and keys of the queue, laid out by hand for the reason that `job_codec.ts` gives. All numbers big-endian. */
import { encodeUtf8 } from '../../src/core/candid/utf8';
import { CorruptBytes, type Codec } from '../../src/core/codec';
import type { AppQueue, EntryKey, Flow, FlowName, Lane } from './domain/fair_queue';
import { PRIORITIES, type Payer } from './domain/job';
import type { SessionName } from './domain/sessions';
import type { DueKey, IdempotencyScope, PayerLoad } from './domain/tables';

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

function pair(first: bigint, second: bigint): Uint8Array {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, first);
    view.setBigUint64(8, second);
    return bytes;
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

/** One byte for the kind, then the bytes that name the payer. */
function payerBytes(payer: Payer, before: number): Uint8Array {
    const name = payer.kind === 'Principal' ? payer.who.toUint8Array() : payer.keyHash;
    const bytes = new Uint8Array(before + 2 + name.length);
    bytes[before] = payer.kind === 'Principal' ? 0 : 1;
    bytes[before + 1] = name.length;
    bytes.set(name, before + 2);
    return bytes;
}

export const payerKey: Codec<Payer> = writeOnly((payer) => payerBytes(payer, 0));

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
    const head = payerBytes(payer, 0);
    const bytes = new Uint8Array(head.length + text.length);
    bytes.set(head);
    bytes.set(text, head.length);
    return bytes;
}

export const sessionKey: Codec<SessionName> = writeOnly(({ payer, key }) => payerAndText(payer, key));
export const idempotencyKey: Codec<IdempotencyScope> = writeOnly(({ payer, key }) => payerAndText(payer, key));

export const payerLoadCodec: Codec<PayerLoad> = {
    encode({ active, leased }) {
        const bytes = new Uint8Array(8);
        const view = new DataView(bytes.buffer);
        view.setUint32(0, active);
        view.setUint32(4, leased);
        return bytes;
    },
    decode(bytes) {
        const view = viewOf(bytes);
        return { active: view.getUint32(0), leased: view.getUint32(4) };
    }
};

const FLOW_BYTES = 45;

export const flowCodec: Codec<Flow> = {
    encode(flow) {
        const bytes = new Uint8Array(FLOW_BYTES);
        const view = new DataView(bytes.buffer);
        view.setUint8(0, flow.lane);
        view.setUint32(1, flow.live);
        view.setBigUint64(5, flow.next);
        view.setBigUint64(13, flow.previous);
        view.setBigUint64(21, flow.head);
        view.setBigUint64(29, flow.tail);
        view.setBigInt64(37, flow.deficit);
        return bytes;
    },
    decode(bytes) {
        const view = viewOf(bytes);
        return {
            lane: view.getUint8(0),
            live: view.getUint32(1),
            next: view.getBigUint64(5),
            previous: view.getBigUint64(13),
            head: view.getBigUint64(21),
            tail: view.getBigUint64(29),
            deficit: view.getBigInt64(37)
        };
    }
};

const LANE_BYTES = 32;

export const appQueueCodec: Codec<AppQueue> = {
    encode(queue) {
        const bytes = new Uint8Array(3 * LANE_BYTES);
        const view = new DataView(bytes.buffer);
        for (let i = 0; i < 3; i++) writeLane(view, i * LANE_BYTES, queue[i]);
        return bytes;
    },
    decode(bytes) {
        const view = viewOf(bytes);
        return [readLane(view, 0), readLane(view, LANE_BYTES), readLane(view, 2 * LANE_BYTES)];
    }
};

function writeLane(view: DataView, at: number, lane: Lane | undefined): void {
    if (lane === undefined) return;
    view.setBigUint64(at, lane.current);
    view.setUint32(at + 8, lane.flows);
    view.setUint32(at + 12, lane.live);
    view.setBigUint64(at + 16, lane.pass);
    view.setBigUint64(at + 24, lane.quantum);
}

function readLane(view: DataView, at: number): Lane {
    return {
        current: view.getBigUint64(at),
        flows: view.getUint32(at + 8),
        live: view.getUint32(at + 12),
        pass: view.getBigUint64(at + 16),
        quantum: view.getBigUint64(at + 24)
    };
}
