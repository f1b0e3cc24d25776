/** Words of a .did file (Candid specification, section "Core grammar"). */

/** A word, and where it begins. */
export interface Token {
    readonly kind: 'id' | 'text' | 'number' | 'symbol' | 'end';
    /** Of a text the content, of a number its digits without underscores. */
    readonly value: string;
    readonly offset: number;
}

/** The text is no .did file. */
export class DidSyntaxError extends Error {
    override readonly name = 'DidSyntaxError';

    constructor(text: string, offset: number, what: string) {
        const lines = text.slice(0, offset).split('\n');
        super(`line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${what}`);
    }
}

const word =
    /(?<skip>\s+|\/\/[^\n]*)|(?<comment>\/\*)|(?<id>[A-Za-z_]\w*)|(?<number>0x[0-9a-fA-F_]+|[0-9][0-9_]*)|(?<text>"(?:[^"\\]|\\.)*")|(?<symbol>->|[{}();:,=.])/y;

/** All words, and the end. Throws DidSyntaxError. */
export function tokensOf(text: string): readonly Token[] {
    const tokens: Token[] = [];
    let offset = 0;
    while (offset < text.length) {
        word.lastIndex = offset;
        const groups = word.exec(text)?.groups;
        if (groups === undefined)
            throw new DidSyntaxError(text, offset, `unexpected ${text.slice(offset, offset + 1)}`);
        if (groups.comment === undefined) {
            const token = tokenOf(groups, offset);
            if (token !== undefined) tokens.push(token);
            offset = word.lastIndex;
        } else {
            offset = commentEnd(text, offset);
        }
    }
    return [...tokens, { kind: 'end', value: 'the end', offset }];
}

function tokenOf(groups: Partial<Record<string, string>>, offset: number): Token | undefined {
    const { id, number, text, symbol } = groups;
    if (id !== undefined) return { kind: 'id', value: id, offset };
    if (number !== undefined) return { kind: 'number', value: number.replaceAll('_', ''), offset };
    if (text !== undefined) return { kind: 'text', value: unescaped(text.slice(1, -1)), offset };
    return symbol === undefined ? undefined : { kind: 'symbol', value: symbol, offset };
}

/** Comments nest. */
function commentEnd(text: string, start: number): number {
    let depth = 0;
    for (const { 0: mark, index } of text.slice(start).matchAll(/\/\*|\*\//g)) {
        depth += mark === '/*' ? 1 : -1;
        if (depth === 0) return start + index + mark.length;
    }
    throw new DidSyntaxError(text, start, 'a comment that does not end');
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unescaped(text: string): string {
    const bytes: number[] = [];
    const encoder = new TextEncoder();
    for (const [part, unicode, hex, other] of text.matchAll(
        /\\u\{([0-9a-fA-F]+)\}|\\([0-9a-fA-F]{2})|\\(.)|[^\\]+/gs
    )) {
        if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
        else if (unicode !== undefined)
            bytes.push(...encoder.encode(String.fromCodePoint(Number.parseInt(unicode, 16))));
        else if (other === undefined) bytes.push(...encoder.encode(part));
        else bytes.push(...encoder.encode(escapes[other] ?? other));
    }
    return new TextDecoder().decode(new Uint8Array(bytes));
}
