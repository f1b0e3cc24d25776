/** What a log record takes besides its text, in the replica's accounting. */
const RECORD_BYTES = 40;
/** The largest log that a canister's settings allow: nobody keeps more of one execution. */
const MAX_KEPT_BYTES = 2 * 1024 * 1024;

/**
 * Texts that an execution printed. Printing is cheap, so a loop could fill the memory of this process: the oldest texts go when
 * there are more than any canister log holds.
 */
export class LogCollector {
    private texts: Uint8Array[] = [];
    private keptBytes = 0;
    /** Of everything that was printed, records included. */
    totalBytes = 0;

    append(text: Uint8Array): void {
        const size = RECORD_BYTES + text.length;
        this.texts.push(text);
        this.totalBytes += size;
        this.keptBytes += size;
        // At twice the limit, so that the cost of moving the array is spread over many records.
        if (this.keptBytes > 2 * MAX_KEPT_BYTES) this.dropOldest();
    }

    private dropOldest(): void {
        let dropped = 0;
        while (this.keptBytes > MAX_KEPT_BYTES && dropped < this.texts.length - 1) {
            this.keptBytes -= RECORD_BYTES + (this.texts[dropped]?.length ?? 0);
            dropped += 1;
        }
        this.texts = this.texts.slice(dropped);
    }

    /** In the order of printing. */
    records(): readonly Uint8Array[] {
        return this.texts;
    }
}
