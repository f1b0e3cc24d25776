/** `emc validator run` as its operator gets it wrong, from a folder of the operator's own: every mistake has its line, and ends with 2. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/lib/project';
import { startNetwork, type RunningNetwork } from '../../src/replica';

const launched = promisify(execFile);

let folder: string;
let network: RunningNetwork;

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-operator-'));
    network = await startNetwork({ port: 0 });
});
afterAll(async () => {
    await network.close();
    await rm(folder, { recursive: true, force: true });
});

/** An address where nobody listens any more. */
async function nobody(): Promise<string> {
    const brief = createServer().listen(0, '127.0.0.1');
    await once(brief, 'listening');
    const { port } = brief.address() as AddressInfo;
    brief.close();
    return `http://127.0.0.1:${port}`;
}

const config = (change: object): string =>
    JSON.stringify({
        host: network.url,
        canisterIds: { state_machine: 'rrkah-fqaaa-aaaaa-aaaaq-cai' },
        keyFile: 'keys/validator.pem',
        gatewayUrl: 'http://127.0.0.1:1',
        apiKey: 'a key',
        ...change
    });

/** Runs the command in the operator's folder; its exit code and what it said on standard error. */
async function run(file: string, content?: string): Promise<readonly [code: unknown, said: string]> {
    if (content !== undefined) await writeFile(join(folder, file), content);
    const args = [join(projectRoot(), 'scripts', 'emc.mjs'), 'validator', 'run', '--config', file];
    const ended = await launched(process.execPath, args, { cwd: folder }).catch((failure: unknown) => failure);
    const { code = 0, stderr } = ended as { code?: unknown; stderr: string };
    return [code, stderr.trim()];
}

test('each mistake is named in one line, with the file that it is in', async () => {
    expect(await run('absent.json')).toEqual([2, expect.stringMatching(/^absent\.json: ENOENT/)]);
    expect(await run('half.json', '{"host":')).toEqual([2, expect.stringMatching(/^half\.json: .*JSON/)]);
    const [code, problems] = await run('few.json', config({ host: 'nowhere', apiKey: undefined }));
    expect([code, problems]).toEqual([2, expect.stringMatching(/^few\.json: configuration: host: .*; apiKey: /)]);
    const both = await run('both.json', config({ apiKeyFile: 'key.txt' }));
    expect(both).toEqual([2, 'both.json: configuration: apiKey: either apiKey or apiKeyFile']);
    const noKey = config({ apiKey: undefined, apiKeyFile: 'no key.txt' });
    expect(await run('no_key.json', noKey)).toEqual([2, expect.stringMatching(/^no_key\.json: ENOENT.*no key\.txt/)]);
    await writeFile(join(folder, 'empty.txt'), '\n');
    const emptyFile = config({ apiKey: undefined, apiKeyFile: 'empty.txt' });
    expect(await run('empty.json', emptyFile)).toEqual([2, expect.stringMatching(/^empty\.json: .*no API key/)]);
    expect(await run('down.json', config({ host: await nobody() }))).toEqual([
        2,
        expect.stringMatching(/^down\.json: http:\S+: the network does not answer \(.*ECONNREFUSED/)
    ]);
    expect(await run('unknown.json', config({}))).toEqual([
        2,
        expect.stringMatching(/^unknown\.json: canisterIds\.state_machine rrkah-.*: no state machine on .*not found/)
    ]);
    expect(await run('short.json', config({ probeTextsFile: 'few.json' }))).toEqual([
        2,
        expect.stringMatching(/^short\.json: texts: \d+ characters; at least 2000/)
    ]);
});
