import { FairLine } from '../../../src/replica/worker/fair_line';

const served = (line: FairLine<string>, costs: Readonly<Record<string, number>>, times: number): string => {
    let order = '';
    for (let i = 0; i < times; i += 1) {
        const entry = line.shift() ?? '-';
        order += entry;
        line.charge(entry, costs[entry] ?? 0);
    }
    return order;
};

const lineOf = (...keys: readonly string[]): FairLine<string> => {
    const line = new FairLine<string>();
    for (const key of keys) line.push(key, key);
    return line;
};

test('everybody has the same share, whatever an entry costs and however many there are of one', () => {
    const line = lineOf(...Array<string>(50).fill('h'), ...Array<string>(50).fill('l'));
    expect(served(line, { h: 10, l: 1 }, 33)).toBe('h' + 'l'.repeat(10) + 'h' + 'l'.repeat(10) + 'h' + 'l'.repeat(10));
});

test('who comes later starts level: neither behind for having paused, nor ahead', () => {
    const line = lineOf('a', 'a', 'a', 'a', 'a', 'a');
    expect(served(line, { a: 1 }, 3)).toBe('aaa');
    for (let i = 0; i < 4; i += 1) line.push('b', 'b');
    expect(served(line, { a: 1, b: 1 }, 6)).toMatch(/^(ba|ab){3}$/);
});

test('entries of one stay in their order, and those that are not allowed keep their place', () => {
    const line = new FairLine<number>();
    [1, 2].forEach((entry) => line.push('a', entry));
    line.push('b', 3);
    expect([line.shift((key) => key !== 'a'), line.shift((key) => key !== 'a')]).toEqual([3, undefined]);
    expect([line.length, line.lengthOf('a'), line.shift(), line.shift(), line.shift()]).toEqual([
        2,
        2,
        1,
        2,
        undefined
    ]);
});

test('an empty line forgets what was used', () => {
    const line = lineOf('a');
    expect(served(line, { a: 1_000 }, 1)).toBe('a');
    ['a', 'b', 'a'].forEach((key) => line.push(key, key));
    expect(served(line, { a: 1, b: 1 }, 3)).toBe('aba');
});
