/** Lays a Candid description out for reading: what does not fit a line is broken at its braces. */
const WIDTH = 110;
const INDENT = '    ';

const TOKEN = /"(?:[^"\\]|\\.)*"|->|[{}();,:=]|[^\s{}();,:="-]+|-/g;

/** The same Candid, formatted. Text in comments is not expected: the generator writes none. */
export function formatCandid(did: string): string {
    const tokens = did.match(TOKEN) ?? [];
    const cursor = { at: 0 };
    const groups: Node[] = [];
    while (cursor.at < tokens.length) groups.push(parse(tokens, cursor));
    return `${print(groups, '')}\n`;
}

type Node = string | { readonly open: string; readonly close: string; readonly items: readonly (readonly Node[])[] };

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')' };

function parse(tokens: readonly string[], cursor: { at: number }): Node {
    const token = tokens[cursor.at++] ?? '';
    const close = CLOSING[token];
    if (close === undefined) return token;
    const items: Node[][] = [[]];
    while (cursor.at < tokens.length && tokens[cursor.at] !== close) {
        const next = tokens[cursor.at];
        if (next === ';' || next === ',') {
            cursor.at++;
            items.push([]);
        } else {
            items[items.length - 1]?.push(parse(tokens, cursor));
        }
    }
    cursor.at++;
    return { open: token, close, items: items.filter((item) => item.length > 0) };
}

function print(nodes: readonly Node[], indent: string, forceBreak = isService(nodes)): string {
    const flat = nodes.map((node) => (typeof node === 'string' ? node : flatGroup(node))).reduce(join, '');
    if (!forceBreak && indent.length + flat.length <= WIDTH) return flat;
    return nodes
        .map((node) => (typeof node === 'string' ? node : brokenGroup(node, indent, forceBreak)))
        .reduce(join, '');
}

function isService(nodes: readonly Node[]): boolean {
    return nodes[0] === 'service';
}

function flatGroup(node: Exclude<Node, string>): string {
    const items = node.items.map((item) => print(item, '', false).replace(/\s*\n\s*/g, ' '));
    if (node.open === '(') return `(${items.join(', ')})`;
    return items.length === 0 ? '{}' : `{ ${items.join('; ')} }`;
}

/** A list of arguments stays on its line; a record, a variant and the service get a line per field. */
function brokenGroup(node: Exclude<Node, string>, indent: string, force: boolean): string {
    const flat = flatGroup(node);
    const isBody = node.open === '{';
    if (node.items.length === 0 || (!(force && isBody) && indent.length + flat.length <= WIDTH / 2)) return flat;
    if (!isBody && node.items.length === 1) return `(${print(node.items[0] ?? [], indent, false)})`;
    const inner = indent + INDENT;
    const separator = isBody ? ';' : ',';
    const lines = node.items.map((item) => inner + print(item, inner, false));
    const last = isBody ? separator : '';
    return `${node.open}\n${lines.join(`${separator}\n`)}${last}\n${indent}${node.close}`;
}

function join(left: string, right: string): string {
    if (left === '' || right === ':' || right === ';') return right === ':' ? `${left} :` : left + right;
    return `${left} ${right}`;
}
