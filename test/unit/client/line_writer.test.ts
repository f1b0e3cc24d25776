/** Lines of a body that stays open: together where that is cheaper, at once where somebody waits, and never without end. */
import { Writable } from 'node:stream';
import { LineWriter } from '../../../src/client/line_writer';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Keeps each write; while it is stuck, nobody reads. */
class Body extends Writable {
    readonly written: string[] = [];
    isStuck = false;

    constructor() {
        super({ highWaterMark: 1 });
    }

    override _write(piece: Buffer, _encoding: string, done: () => void): void {
        this.written.push(piece.toString());
        if (!this.isStuck) done();
    }
}

test('what is written in one turn goes out in one piece, in its order', async () => {
    const body = new Body();
    const lines = new LineWriter(body, 1_000);
    lines.write({ a: 1 });
    lines.write({ b: 'é\n' });
    expect(body.written).toEqual([]);
    await turn();
    expect(body.written).toEqual(['{"a":1}\n{"b":"é\\n"}\n']);
    lines.write({ c: 3 });
    await turn();
    expect(body.written).toHaveLength(2);
    await turn();
    expect(body.written).toHaveLength(2);
});

test('a beat is an empty line and takes along what waits; a flush leaves nothing behind', async () => {
    const body = new Body();
    const lines = new LineWriter(body, 1_000);
    lines.beat();
    expect(body.written).toEqual(['\n']);
    lines.write({ a: 1 });
    lines.beat();
    expect(body.written).toEqual(['\n', '{"a":1}\n\n']);
    lines.write({ b: 2 });
    lines.flush();
    body.end();
    await turn();
    expect(body.written.at(-1)).toBe('{"b":2}\n');
});

test('a body that has ended or broken is left alone', async () => {
    const ended = new Body();
    const broken = new Body();
    const problems: unknown[] = [];
    for (const body of [ended, broken]) body.on('error', (failure) => problems.push(failure));
    ended.end();
    broken.destroy();
    for (const body of [ended, broken]) {
        const lines = new LineWriter(body, 1_000);
        lines.write({ late: true });
        await turn();
        expect(body.written).toEqual([]);
    }
    expect(problems).toEqual([]);
});

test('a peer that does not read loses the connection before it costs more memory than allowed', async () => {
    const body = new Body();
    body.isStuck = true;
    const lines = new LineWriter(body, 100);
    lines.write({ first: 'x'.repeat(60) });
    await turn();
    expect(body.destroyed).toBe(false);
    lines.write({ second: 'x'.repeat(60) });
    await turn();
    expect(body.destroyed).toBe(true);
});
