import { utf8 } from '../../wire/bytes';
import type { HashTree } from '../../wire/hash_tree';
import { lookupPath } from '../../wire/lookup';

const root = 'http_expr';
const exact = '<$>';
const wildcard = '<*>';

/**
 * Whether an expression path stands in the canister's tree and is the most specific one for a request's path (HTTP gateway protocol
 * specification, "Expression Path"). `/app` and `/app/` are different: a directory has an empty label at its end.
 */
export function governs(expressionPath: readonly string[], requestPath: string, tree: HashTree): boolean {
    const requested = requestPath.split('/').filter((segment) => segment !== '');
    if (requestPath.endsWith('/')) requested.push('');
    const [first, ...rest] = expressionPath;
    const ending = rest.pop();
    if (first !== root || lookup(tree, expressionPath).kind !== 'found') return false;
    if (ending === exact) return isSame(rest, requested);
    if (ending !== wildcard || !covers(rest, requested)) return false;
    const rivals = [[...requested, exact], ...moreSpecific(requested, rest).map((path) => [...path, wildcard])];
    return rivals.every((path) => lookup(tree, [root, ...path]).kind === 'absent');
}

function lookup(tree: HashTree, path: readonly string[]): ReturnType<typeof lookupPath> {
    return lookupPath(
        tree,
        path.map((label) => utf8(label))
    );
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
    return a.length === b.length && isPrefix(a, b);
}

function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
    return prefix.every((label, index) => path[index] === label);
}

/** A wildcard below `/app/` covers `/app/x`, whose path has no empty label between the two. */
function covers(prefix: readonly string[], requested: readonly string[]): boolean {
    return isPrefix(prefix, requested) || (prefix.at(-1) === '' && isPrefix(prefix.slice(0, -1), requested));
}

/** Paths whose wildcards cover the request and say more about it than that of `prefix`, which covers it. */
function moreSpecific(requested: readonly string[], prefix: readonly string[]): readonly string[][] {
    const found: string[][] = [];
    const path = [...requested];
    while (path.length > prefix.length || path.at(-1) !== prefix.at(-1)) {
        found.push([...path]);
        // `/a/b` is followed by `/a/`, and that by `/a`.
        if (path.pop() !== '') path.push('');
    }
    return found;
}
