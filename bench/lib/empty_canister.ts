/** The smallest canister that Azle makes: what every other canister's figures start from. */
import { IDL } from '@dfinity/candid';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { projectRoot, workFolder } from '../../scripts/lib/project';

const NAME = 'empty';

/** Its methods take nothing and answer nothing. */
export const emptyInterface: IDL.InterfaceFactory = ({ IDL: idl }) =>
    idl.Service({ update_nothing: idl.Func([], [], []), query_nothing: idl.Func([], [], ['query']) });

/** `()` */
export const NO_ARGUMENTS: Uint8Array = new Uint8Array(IDL.encode([], []));

function source(root: string): string {
    return `import { IDL } from 'azle';
import { query, update } from ${JSON.stringify(join(root, 'src', 'azle', 'endpoint'))};

export default class {
    @update([], IDL.Null)
    update_nothing(): null {
        return null;
    }

    @query([], IDL.Null)
    query_nothing(): null {
        return null;
    }
}
`;
}

/** Gzipped module, as it is installed; built once per version of its sources. */
export async function emptyCanister(): Promise<Uint8Array> {
    const root = projectRoot();
    const endpoint = await readFile(join(root, 'src', 'azle', 'endpoint.ts'));
    const lock = await readFile(join(root, 'package-lock.json'));
    const key = createHash('sha256').update(source(root)).update(endpoint).update(lock).digest('hex').slice(0, 16);
    const cached = workFolder('bench', `${NAME}-${key}.wasm.gz`);
    if (existsSync(cached)) return new Uint8Array(await readFile(cached));
    const module = new Uint8Array(gzipSync(await build(root), { level: 6 }));
    await mkdir(workFolder('bench'), { recursive: true });
    await writeFile(cached, module);
    return module;
}

/** A project of its own in a temporary folder: azle builds what the dfx.json of its working folder names. */
async function build(root: string): Promise<Uint8Array> {
    const folder = await mkdtemp(join(tmpdir(), 'emc-bench-'));
    try {
        await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
        await writeFile(join(folder, 'dfx.json'), JSON.stringify({ canisters: { [NAME]: canister } }));
        await writeFile(join(folder, 'package.json'), JSON.stringify({ name: NAME, type: 'module' }));
        await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
        await writeFile(join(folder, 'index.ts'), source(root));
        const azle = join(root, 'node_modules', 'azle', 'src', 'build.ts');
        await promisify(execFile)(process.execPath, ['--import', 'tsx', azle, 'build', NAME], {
            cwd: folder,
            env: { ...process.env, CANISTER_CANDID_PATH: join(folder, `${NAME}.did`) }
        });
        return await readFile(join(folder, '.azle', NAME, `${NAME}.wasm`));
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

const canister = { type: 'azle', main: 'index.ts' };
const compilerOptions = { strict: true, target: 'ES2020', moduleResolution: 'node' };
