/** Canisters that exist for a benchmark alone, built from a text. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { projectRoot, workFolder } from '../../scripts/lib/project';
import { hashSources } from '../../scripts/lib/source_hash';

/** What every canister is made of besides its own text. */
const SHARED_SOURCES = ['src/core', 'src/azle', 'package-lock.json'];

/** A canister's class as TypeScript. */
export interface SmallCanister {
    readonly name: string;
    /** Told the project's root, for its imports. */
    readonly source: (root: string) => string;
    /** Files and folders besides the kernel and the azle layer whose change means another module, relative to the root. */
    readonly dependsOn?: readonly string[];
}

/** Gzipped module, as it is installed; built once per version of its sources. */
export async function smallCanister(canister: SmallCanister): Promise<Uint8Array> {
    const root = projectRoot();
    const hash = createHash('sha256')
        .update(canister.source(root))
        .update(await hashSources([...SHARED_SOURCES, ...(canister.dependsOn ?? [])]));
    const cached = workFolder('bench', `${canister.name}-${hash.digest('hex').slice(0, 16)}.wasm.gz`);
    if (existsSync(cached)) return new Uint8Array(await readFile(cached));
    const module = new Uint8Array(gzipSync(await build(canister, root), { level: 6 }));
    await mkdir(workFolder('bench'), { recursive: true });
    // Others may read it as soon as it has its name.
    const temporary = `${cached}.${process.pid}`;
    await writeFile(temporary, module);
    await rename(temporary, cached);
    return module;
}

/** A project of its own in a temporary folder: azle builds what the dfx.json of its working folder names. */
async function build({ name, source }: SmallCanister, root: string): Promise<Uint8Array> {
    const folder = await mkdtemp(join(tmpdir(), 'emc-bench-'));
    try {
        await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
        await writeFile(join(folder, 'dfx.json'), JSON.stringify({ canisters: { [name]: description } }));
        await writeFile(join(folder, 'package.json'), JSON.stringify({ name, type: 'module' }));
        await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
        await writeFile(join(folder, 'index.ts'), source(root));
        const azle = join(root, 'node_modules', 'azle', 'src', 'build.ts');
        await promisify(execFile)(process.execPath, ['--import', 'tsx', azle, 'build', name], {
            cwd: folder,
            env: { ...process.env, CANISTER_CANDID_PATH: join(folder, `${name}.did`) }
        });
        return await readFile(join(folder, '.azle', name, `${name}.wasm`));
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

const description = { type: 'azle', main: 'index.ts' };
const compilerOptions = { strict: true, target: 'ES2020', moduleResolution: 'node' };
