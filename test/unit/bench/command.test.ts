import type { Benchmark } from '../../../bench/lib/benchmark';
import { parseCommand } from '../../../bench/lib/command';

const known: readonly Benchmark[] = ['a', 'b', 'c'].map((name) => ({
    name,
    unit: 'ms',
    description: name,
    runs: async () => []
}));

function chosen(...args: string[]): readonly string[] | undefined {
    const command = parseCommand(args, known);
    return command.ok && command.value.kind === 'measure'
        ? command.value.benchmarks.map(({ name }) => name)
        : undefined;
}

test('command: without names everything, with names only those, in the usual order and once', () => {
    expect(chosen()).toEqual(['a', 'b', 'c']);
    expect(chosen('c', 'a', 'c')).toEqual(['a', 'c']);
});

test('command: unknown names are an error that lists them and the known ones', () => {
    const command = parseCommand(['a', 'x', 'y'], known);
    expect(command.ok).toBe(false);
    for (const name of ['x', 'y', 'a, b, c']) expect(!command.ok && command.error).toContain(name);
});

test('command: options', () => {
    expect(parseCommand(['--help'], known)).toEqual({ ok: true, value: { kind: 'help' } });
    expect(parseCommand(['--list'], known)).toEqual({ ok: true, value: { kind: 'list' } });
    expect(parseCommand(['--nonsense'], known).ok).toBe(false);
});
