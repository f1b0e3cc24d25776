/** A run of tests ends with counts, whatever its processes do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { superviseRun, type Progress, type RunEnd } from '../../../scripts/lib/supervised_run';

const LONG_MS = 3_600_000;
const HANGS = 'setInterval(() => undefined, 1_000);';

/** Node with a script in place of Jest. */
function run(script: string, { silenceMs = LONG_MS, signal = new AbortController().signal } = {}): Promise<RunEnd> {
    return superviseRun(['-e', script], { cwd: process.cwd(), env: process.env, silenceMs, signal });
}

/** What a process tells that has ended one file and is in the midst of the next. */
const TOLD: readonly Progress[] = [
    { kind: 'begun', file: 'a' },
    { kind: 'tested', file: 'a', status: 'passed' },
    { kind: 'tested', file: 'a', status: 'failed' },
    { kind: 'tested', file: 'a', status: 'pending' },
    { kind: 'ended', file: 'a' },
    { kind: 'begun', file: 'b' },
    { kind: 'tested', file: 'b', status: 'passed' }
];

test('a run that ends by itself has its own code, and all that it has told is counted', async () => {
    const script = `for (const told of ${JSON.stringify(TOLD)}) process.send(told); process.exitCode = 3; process.disconnect();`;
    const counts = { passed: 2, failed: 1, unfinished: ['b'] };
    expect(await run(script)).toEqual({ how: 'ended', code: 3, counts });
});

test('a run that tells nothing any more is cut off, also when it is in an endless loop', async () => {
    for (const script of [HANGS, 'for (;;);']) {
        expect(await run(script, { silenceMs: 50 })).toMatchObject({ how: 'silent', code: undefined });
    }
});

test('a run that its caller stops ends, with all that it has started', async () => {
    const stop = new AbortController();
    const server = createServer();
    const ended = new Promise<void>((resolve) => {
        server.on('connection', (socket) => {
            socket.on('error', () => undefined).on('close', () => resolve());
            stop.abort();
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const left = `require('net').connect(${(server.address() as AddressInfo).port}, '127.0.0.1'); ${HANGS}`;
    const script = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(left)}], { stdio: 'ignore' }); ${HANGS}`;
    expect(await run(script, { signal: stop.signal })).toMatchObject({ how: 'stopped', code: undefined });
    await ended;
    server.close();
});

test('Jest tells of its files and tests as they begin and end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'emc-run-'));
    try {
        const tests = { passes: '', fails: 'expect(1).toBe(2);' };
        for (const [name, body] of Object.entries(tests)) {
            await writeFile(join(folder, `${name}.test.js`), `test('${name}', () => { ${body} });`);
        }
        const jest = resolve(process.cwd(), 'node_modules/jest/bin/jest.js');
        const reporter = resolve(process.cwd(), 'scripts/lib/progress_reporter.mjs');
        const config = JSON.stringify({ rootDir: folder, transform: {}, reporters: [reporter] });
        const end = await superviseRun([jest, '--config', config, '--silent'], {
            cwd: folder,
            env: process.env,
            silenceMs: LONG_MS,
            signal: new AbortController().signal
        });
        expect(end).toEqual({ how: 'ended', code: 1, counts: { passed: 1, failed: 1, unfinished: [] } });
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
});
