import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A line is longer than any that its sender has reason to write. */
export class LineTooLong extends Error {
    constructor(readonly maxLength: number) {
        super(`a line is longer than ${maxLength} characters`);
        this.name = 'LineTooLong';
    }
}

const BYTE_ORDER_MARK = '\uFEFF';

/** Cuts a UTF-8 byte stream into lines, which end with LF or CRLF. */
export class LineSplitter {
    private readonly decoder = new StringDecoder('utf8');
    private rest = '';
    private isFirst = true;

    constructor(private readonly maxLength: number) {}

    /** The lines that a piece completes, without their ends. @throws {@link LineTooLong} */
    push(piece: Uint8Array): readonly string[] {
        const text = this.decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
        // Only what is new is searched: a line may come in as many pieces as it has bytes.
        const [first = '', ...others] = text.split('\n');
        this.rest += first;
        if (this.rest.length > this.maxLength) throw new LineTooLong(this.maxLength);
        if (others.length === 0) return [];
        const lines = [this.rest, ...others.slice(0, -1)];
        this.rest = others.at(-1) ?? '';
        return lines.map((line) => this.cleaned(line));
    }

    /** What follows the last line's end, where something does. */
    end(): readonly string[] {
        const rest = this.cleaned(this.rest + this.decoder.end());
        this.rest = '';
        return rest === '' ? [] : [rest];
    }

    private cleaned(line: string): string {
        const text = this.isFirst && line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
        this.isFirst = false;
        return text.endsWith('\r') ? text.slice(0, -1) : text;
    }
}

export interface LineLimits {
    /** Characters of a line. */
    readonly maxLength: number;
    /** A body that brings nothing for so long is given up. */
    readonly silenceMs: number;
}

/**
 * Hands the complete lines of a body over as they come. Ends with the body: when its sender ends it or goes, when it falls
 * silent, or when `take` answers that it should not go on. Never throws, unless `take` does.
 */
export function readLines(
    body: Readable,
    { maxLength, silenceMs }: LineLimits,
    take: (line: string) => boolean
): Promise<void> {
    const lines = new LineSplitter(maxLength);
    return new Promise((resolve, reject) => {
        const silence = setTimeout(() => body.destroy(), silenceMs);
        const finish = (): void => {
            clearTimeout(silence);
            resolve();
        };
        body.on('error', finish).once('end', finish).once('close', finish);
        body.on('data', (piece: Uint8Array) => {
            silence.refresh();
            try {
                if (lines.push(piece).every(take)) return;
            } catch (failure) {
                if (!(failure instanceof LineTooLong)) reject(failure);
            }
            body.destroy();
        });
    });
}
