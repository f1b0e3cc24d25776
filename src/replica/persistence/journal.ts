/** Journals: the inputs of a network since a checkpoint, each written before it takes effect. */
import { closeSync, fdatasyncSync, ftruncateSync, openSync } from 'node:fs';
import type { NetworkInput } from '../state/api';
import { append, privateFile, reader } from './files';
import { decodeData, encodeData } from './plain_data';
import { frame, readRecords } from './records';

/** An open journal; what is appended is in the system's hands when `append` returns, or on the disk, if it is a durable one. */
export class Journal {
    readonly #file: number;
    readonly #durable: boolean;
    #bytes: number;

    private constructor(file: number, bytes: number, durable: boolean) {
        this.#file = file;
        this.#bytes = bytes;
        this.#durable = durable;
    }

    /** Opens or makes the file; what it holds up to the first torn record is handed to `replay`, the rest is cut off. */
    static open(path: string, replay: (input: NetworkInput) => void, durable: boolean): Journal {
        const file = openSync(path, 'a+', privateFile);
        let end = 0;
        for (const record of readRecords(reader(file), 0)) {
            replay(decodeData<NetworkInput>(record.payload));
            end = record.end;
        }
        ftruncateSync(file, end);
        return new Journal(file, end, durable);
    }

    get bytes(): number {
        return this.#bytes;
    }

    append(input: NetworkInput): void {
        const parts = frame(encodeData(input));
        append(this.#file, parts);
        if (this.#durable) fdatasyncSync(this.#file);
        this.#bytes += parts.reduce((sum, part) => sum + part.length, 0);
    }

    close(): void {
        closeSync(this.#file);
    }
}
