import { LineSplitter } from '../../client/lines';

/** Lines of a UTF-8 byte stream; what follows the last line's end is no line. @throws {@link LineTooLong} */
export async function* linesOf(body: AsyncIterable<Uint8Array>, maxLength: number): AsyncGenerator<string> {
    const lines = new LineSplitter(maxLength);
    for await (const piece of body) yield* lines.push(piece);
}
