import { Gathering } from '../../../src/client/gathering';

const LIMITS = { waitMs: 5, maxItems: 3, maxSize: 100, sizeOf: (text: string) => text.length };

/** Answers each text with its length, and keeps the calls. */
function counting(limits = LIMITS) {
    const calls: (readonly string[])[] = [];
    const gathering = new Gathering(async (texts: readonly string[]) => {
        calls.push(texts);
        return texts.map(({ length }) => length);
    }, limits);
    return { calls, ask: (...texts: string[]) => Promise.all(texts.map((text) => gathering.ask(text))) };
}

test('what is asked together goes in one call, and each has its own answer', async () => {
    const { calls, ask } = counting();
    expect(await ask('a', 'bb')).toEqual([1, 2]);
    expect(await ask('ccc')).toEqual([3]);
    expect(calls).toEqual([['a', 'bb'], ['ccc']]);
});

test('a call takes no more items and no larger ones than it may; nobody waits for what does not fit', async () => {
    const { calls, ask } = counting({ ...LIMITS, waitMs: 60_000 });
    const [long, longer] = ['x'.repeat(60), 'y'.repeat(120)];
    expect(await ask('a', 'b', 'c')).toEqual([1, 1, 1]);
    expect(await ask('d', long, long, longer)).toEqual([1, 60, 60, 120]);
    expect(calls).toEqual([['a', 'b', 'c'], ['d', long], [long], [longer]]);
});

test('a call that fails fails for all who share it, and for nobody else', async () => {
    let isDown = true;
    const gathering = new Gathering(async (texts: readonly string[]) => {
        if (isDown) throw new RangeError('down');
        return texts;
    }, LIMITS);
    const failed = await Promise.allSettled([gathering.ask('a'), gathering.ask('b')]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isDown = false;
    expect(await gathering.ask('c')).toBe('c');
});
