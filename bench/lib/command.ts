/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { err, ok, type Result } from '../../src/core/result';
import type { Benchmark } from './benchmark';

export type Command =
    | { readonly kind: 'help' }
    | { readonly kind: 'list' }
    | { readonly kind: 'measure'; readonly benchmarks: readonly Benchmark[] };

const OPTIONS = { help: { type: 'boolean', short: 'h' }, list: { type: 'boolean', short: 'l' } } as const;

export const HELP = `Usage: npm run bench -- [NAME…]

Measures on the embedded network, prints a table, and writes docs/benchmarks.md and docs/benchmarks.json.
With names it measures only those and keeps the others as they are.

Options:
  --list   names and descriptions of all benchmarks
  --help   shows this text

LEDGER_WASM=FILE adds the rows …_other: the same calls to another ICRC-1 ledger's module, installed with the official ledger's
init argument. BENCH_NODES=300 makes the crowd of the window benchmarks smaller; nothing is then written.
`;

/** What the arguments ask for; the error is a sentence for the user. */
export function parseCommand(args: readonly string[], known: readonly Benchmark[]): Result<Command, string> {
    const parsed = parse(args);
    if (!parsed.ok) return parsed;
    const { values, positionals: names } = parsed.value;
    if (values.help === true) return ok({ kind: 'help' });
    if (values.list === true) return ok({ kind: 'list' });
    const unknown = names.filter((name) => known.every((benchmark) => benchmark.name !== name));
    if (unknown.length > 0) return err(unknownNames(unknown, known));
    const chosen = known.filter(({ name }) => names.length === 0 || names.includes(name));
    return ok({ kind: 'measure', benchmarks: chosen });
}

function parse(args: readonly string[]): Result<ReturnType<typeof parseStrictly>, string> {
    try {
        return ok(parseStrictly(args));
    } catch (error) {
        // parseArgs throws for unknown options, with a text that names them.
        return err(error instanceof Error ? error.message : String(error));
    }
}

function parseStrictly(args: readonly string[]) {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
}

function unknownNames(unknown: readonly string[], known: readonly Benchmark[]): string {
    return `no such benchmark: ${unknown.join(', ')}\nknown: ${known.map(({ name }) => name).join(', ')}`;
}
