/** A line is longer than any that a node has reason to send. */
export class LineTooLong extends Error {
    constructor(readonly maxBytes: number) {
        super(`a line is longer than ${maxBytes} bytes`);
        this.name = 'LineTooLong';
    }
}

/** Lines of a UTF-8 byte stream; what follows the last line's end is no line. @throws {@link LineTooLong} */
export async function* linesOf(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
    let rest = Buffer.alloc(0);
    for await (const piece of body) {
        rest = Buffer.concat([rest, piece]);
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
            yield rest.subarray(0, end).toString('utf8');
            rest = rest.subarray(end + 1);
        }
        if (rest.length > maxBytes) throw new LineTooLong(maxBytes);
    }
}
