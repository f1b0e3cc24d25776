/** Framed records: length, digest, payload. A record that is not whole, for whatever reason, is told from one that is. */
import { createHash } from 'node:crypto';

const lengthBytes = 4;
const digestBytes = 8;
const headBytes = lengthBytes + digestBytes;
/** Nothing that is written comes near; a length beyond it is garbage. */
const maxPayloadBytes = 1 << 30;

function digest(parts: readonly Uint8Array[]): Uint8Array {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest().subarray(0, digestBytes);
}

/** What to write for a payload that is given in parts. */
export function frame(...parts: readonly Uint8Array[]): readonly Uint8Array[] {
    const head = Buffer.alloc(headBytes);
    head.writeUInt32LE(parts.reduce((sum, part) => sum + part.length, 0));
    head.set(digest(parts), lengthBytes);
    return [head, ...parts];
}

/** A source of bytes by position; may return fewer than asked for at its end. */
export type ReadAt = (position: number, length: number) => Uint8Array;

/** A payload, and where its record ends. */
export interface FoundRecord {
    readonly payload: Uint8Array;
    readonly end: number;
}

/** Whole records from `start` on, up to the end or to the first that is not whole. */
export function* readRecords(readAt: ReadAt, start: number): Generator<FoundRecord> {
    for (let position = start; ;) {
        const head = readAt(position, headBytes);
        if (head.length < headBytes) return;
        const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
        const length = view.getUint32(0, true);
        if (length > maxPayloadBytes) return;
        const payload = readAt(position + headBytes, length);
        if (payload.length < length) return;
        if (Buffer.compare(digest([payload]), head.subarray(lengthBytes)) !== 0) return;
        position += headBytes + length;
        yield { payload, end: position };
    }
}
