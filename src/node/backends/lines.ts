/** A line is longer than any that a server has reason to send. */
class LineTooLong extends Error {
    constructor() {
        super(`a line is longer than ${MAX_LINE} characters`);
        this.name = 'LineTooLong';
    }
}

const MAX_LINE = 4 * 1_048_576;

/** Lines of a UTF-8 byte stream, without their ends; the last one also when nothing ends it. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of pieces) {
        rest += decoder.decode(piece, { stream: true });
        const lines = rest.split(/\r?\n/);
        rest = lines.pop() ?? '';
        if (rest.length > MAX_LINE) throw new LineTooLong();
        yield* lines;
    }
    rest += decoder.decode();
    if (rest !== '') yield rest;
}

/** Data of server-sent events (WHATWG HTML §9.2), one string per event; comments and other fields are passed over. */
export async function* eventsOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
    let data: string[] = [];
    for await (const line of linesOf(pieces)) {
        if (line === '') {
            if (data.length > 0) yield data.join('\n');
            data = [];
        } else if (line.startsWith('data:')) {
            data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
        }
    }
    if (data.length > 0) yield data.join('\n');
}
