import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { formatCandid } from './candid_format';
import { projectRoot, workFolder } from './project';
import { appendCustomSection } from './wasm_sections';

/** Azle's build refused a canister; `output` is what it printed. */
export class BuildFailed extends Error {
    constructor(
        readonly canister: CanisterName,
        readonly output: string
    ) {
        super(`${canister} could not be built:\n${output}`);
        this.name = 'BuildFailed';
    }
}

export interface CanisterBuild {
    readonly name: CanisterName;
    /** Gzipped module with `candid:service` and `cdk:name` metadata: what is installed. */
    readonly wasmGzPath: string;
    readonly wasmPath: string;
    readonly didPath: string;
    /** False when an earlier build of the same sources served. */
    readonly fresh: boolean;
}

/** What a canister is made of besides its own folder. */
const SHARED_SOURCES = ['src/core', 'src/azle', 'package-lock.json', 'dfx.json', 'scripts/lib'];

/** Builds the named canisters, several at a time; an unchanged canister costs only the hashing of its sources. */
export async function buildCanisters(
    names: readonly CanisterName[] = CANISTERS,
    onBuilt: (build: CanisterBuild) => void = () => undefined
): Promise<readonly CanisterBuild[]> {
    const shared = await hashSources(SHARED_SOURCES);
    return Promise.all(
        names.map(async (name) => {
            const build = await buildCanister(name, shared);
            onBuilt(build);
            return build;
        })
    );
}

async function buildCanister(name: CanisterName, shared: string): Promise<CanisterBuild> {
    const own = await hashSources([join('canisters', name)]);
    const key = createHash('sha256').update(shared).update(own).digest('hex').slice(0, 16);
    const folder = workFolder('build', `${name}-${key}`);
    const build = {
        name,
        wasmGzPath: join(folder, `${name}.wasm.gz`),
        wasmPath: join(folder, `${name}.wasm`),
        didPath: join(folder, `${name}.did`)
    };
    if (existsSync(folder)) return { ...build, fresh: false };
    await make(name, folder);
    return { ...build, fresh: true };
}

/** Works in a folder of its own and renames it last, so that an interrupted build leaves nothing that looks finished. */
async function make(name: CanisterName, folder: string): Promise<void> {
    const temporary = `${folder}.${process.pid}`;
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    const didPath = join(temporary, `${name}.did`);
    await runAzle(name, didPath);
    await writeFile(didPath, formatCandid(await readFile(didPath, 'utf8')));
    await writeModule(name, temporary, didPath);
    await rename(temporary, folder).catch(async () => {
        // Another process finished the same build first.
        await rm(temporary, { recursive: true, force: true });
    });
}

async function runAzle(name: CanisterName, didPath: string): Promise<void> {
    const root = projectRoot();
    const azle = join(root, 'node_modules', 'azle', 'src', 'build.ts');
    try {
        await promisify(execFile)(process.execPath, ['--import', 'tsx', azle, 'build', name], {
            cwd: root,
            env: { ...process.env, CANISTER_CANDID_PATH: didPath }
        });
    } catch (failure) {
        const { stdout = '', stderr = '' } = failure as { stdout?: string; stderr?: string };
        throw new BuildFailed(name, stdout + stderr);
    }
}

async function writeModule(name: CanisterName, folder: string, didPath: string): Promise<void> {
    const built = await readFile(join(projectRoot(), '.azle', name, `${name}.wasm`));
    const azleVersion = await packageVersion('azle');
    const withCandid = appendCustomSection(built, 'icp:public candid:service', await readFile(didPath, 'utf8'));
    const module = appendCustomSection(withCandid, 'icp:public cdk:name', `azle ${azleVersion}`);
    await writeFile(join(folder, `${name}.wasm`), module);
    await writeFile(join(folder, `${name}.wasm.gz`), gzipSync(module, { level: 6 }));
    await copyFile(join(projectRoot(), '.azle', name, 'main.js'), join(folder, 'main.js'));
}

async function packageVersion(name: string): Promise<string> {
    const manifest = await readFile(join(projectRoot(), 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
}

async function hashSources(paths: readonly string[]): Promise<string> {
    const hash = createHash('sha256');
    for (const path of paths) {
        for (const file of await filesBelow(join(projectRoot(), path))) {
            if (file.endsWith('.did')) continue;
            hash.update(relative(projectRoot(), file)).update('\0');
            hash.update(await readFile(file)).update('\0');
        }
    }
    return hash.digest('hex');
}

async function filesBelow(path: string): Promise<readonly string[]> {
    const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => undefined);
    if (entries === undefined) return [path];
    return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        .sort();
}
