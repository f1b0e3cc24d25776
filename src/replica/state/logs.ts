/** Canister logs: a ring of the last texts that a canister printed (interface specification, "Canister logs"). */

export interface LogRecord {
    readonly idx: bigint;
    readonly timestampNs: bigint;
    readonly content: Uint8Array;
}

/** Bytes of a fresh canister's log ring. */
export const defaultLogBytes = 4096;
/** What a record takes beside its content: index and timestamp. */
const recordOverhead = 16;

/** The ring of one canister. */
export class CanisterLog {
    private records: LogRecord[] = [];
    private bytes = 0;
    private nextIdx = 0n;

    /** Oldest first. */
    list(): readonly LogRecord[] {
        return this.records;
    }

    /** Index of the next record. */
    get next(): bigint {
        return this.nextIdx;
    }

    /** The records of a canister that is restored. */
    restore(records: readonly LogRecord[], nextIdx: bigint): void {
        this.records = [...records];
        this.bytes = records.reduce((total, { content }) => total + recordOverhead + content.length, 0);
        this.nextIdx = nextIdx;
    }

    get sizeBytes(): number {
        return this.bytes;
    }

    /** Appends; the oldest records make room. A content longer than the ring is cut at its end. */
    append(content: Uint8Array, timestampNs: bigint, limitBytes: number): void {
        const room = Math.max(0, limitBytes - recordOverhead);
        this.records.push({ idx: this.nextIdx, timestampNs, content: content.slice(0, room) });
        this.nextIdx += 1n;
        this.bytes += recordOverhead + Math.min(content.length, room);
        while (this.bytes > limitBytes) this.dropOldest();
    }

    /** Indices go on counting, so that a reader notices the gap. */
    clear(): void {
        this.records = [];
        this.bytes = 0;
    }

    private dropOldest(): void {
        const oldest = this.records.shift();
        this.bytes -= oldest === undefined ? this.bytes : recordOverhead + oldest.content.length;
    }
}
