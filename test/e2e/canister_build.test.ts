/** Two processes build the same canister in one checkout at the same time. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** What a build reads of a checkout; what it writes is elsewhere. */
const SOURCES = ['bin', 'canisters', 'dfx.json', 'node_modules', 'package.json', 'package-lock.json', 'scripts', 'src'];
const CONFIGURATIONS = ['tsconfig.json', 'tsconfig.azle.json'];

let root: string;

beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'emc-checkout-'));
    for (const name of [...SOURCES, ...CONFIGURATIONS]) await symlink(resolve(name), join(root, name));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function build(name: string): Promise<string> {
    const builder = [resolve('test/support/canister_builder.ts'), name];
    const env = { ...process.env, EMC_ROOT: root };
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', ...builder], { env });
    return stdout.trim();
}

test('one makes it, the other one waits and finds it, and nothing half-made is left', async () => {
    const said = await Promise.all([build('token_icrc1'), build('token_icrc1')]);
    expect(said.sort()).toEqual(['token_icrc1 found', 'token_icrc1 made']);
    expect(await build('token_icrc1')).toBe('token_icrc1 found');
    const builds = await readdir(join(root, '.emc', 'build'));
    expect(builds).toEqual([expect.stringMatching(/^token_icrc1-[0-9a-f]{16}$/)]);
    const files = await readdir(join(root, '.emc', 'build', builds[0] ?? ''));
    expect(files.sort()).toEqual(['main.js', 'token_icrc1.did', 'token_icrc1.wasm', 'token_icrc1.wasm.gz']);
});
