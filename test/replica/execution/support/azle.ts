import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Builds a canister from one source text with Azle's own build, in a folder that is gone afterwards. */
export async function buildAzle(source: string): Promise<Uint8Array> {
    const folder = await mkdtemp(join(tmpdir(), 'azle-'));
    try {
        await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
        await writeFile(join(folder, 'index.ts'), source);
        await writeFile(join(folder, 'package.json'), '{"type":"module"}');
        await writeFile(join(folder, 'dfx.json'), '{"canisters":{"x":{"type":"azle","main":"index.ts"}}}');
        const azle = join('node_modules', 'azle', 'src', 'build.ts');
        await execute(process.execPath, ['--import', 'tsx', azle, 'build', 'x'], {
            cwd: folder,
            env: { ...process.env, CANISTER_CANDID_PATH: join(folder, 'x.did') }
        });
        return new Uint8Array(await readFile(join(folder, '.azle', 'x', 'x.wasm')));
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}
