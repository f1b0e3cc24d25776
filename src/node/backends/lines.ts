import { LineSplitter } from '../../client/lines';
import type { Failure } from '../ports';
import type { ServerAnswer, Verdict } from './server';

/** Characters of the longest line that a server has reason to send. */
const MAX_LINE = 4 * 1_048_576;

/** Lines of an AI server's answer. */
export class AnswerLines extends LineSplitter {
    constructor() {
        super(MAX_LINE);
    }
}

/** Cuts a stream of server-sent events (WHATWG HTML §9.2) into their data; comments and other fields are passed over. */
export class EventSplitter {
    private readonly lines = new AnswerLines();
    private data: string[] = [];

    /** The data of each event that a piece completes. @throws {@link LineTooLong} */
    push(piece: Uint8Array): readonly string[] {
        const events: string[] = [];
        for (const line of this.lines.push(piece)) this.take(line, events);
        return events;
    }

    /** What the stream's end completes. */
    end(): readonly string[] {
        const events: string[] = [];
        for (const line of [...this.lines.end(), '']) this.take(line, events);
        return events;
    }

    private take(line: string, events: string[]): void {
        if (line.startsWith('data:')) {
            this.data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
        } else if (line === '' && this.data.length > 0) {
            events.push(this.data.join('\n'));
            this.data = [];
        }
    }
}

/** Hands the texts of an answer over, one by one, until it ends or `take` has all of it (`done`) or names what is wrong. */
export async function readTexts(
    answer: ServerAnswer,
    splitter: Pick<LineSplitter, 'push' | 'end'>,
    take: (text: string) => Failure | 'done' | undefined
): Promise<Failure | undefined> {
    let failure: Failure | undefined;
    const takeAll = (texts: readonly string[]): Verdict => {
        for (const text of texts) {
            const said = take(text);
            if (said === 'done') return 'enough';
            failure = said;
            if (failure !== undefined) return 'bad';
        }
        return 'more';
    };
    const read = await answer.read((piece) => takeAll(splitter.push(piece)));
    if (read === 'ended') takeAll(splitter.end());
    return failure;
}
