import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { lockFileInTurn } from '../../src/client/process_lock';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { readableCandid } from './candid/readable_candid';
import { projectRoot, workFolder } from './project';
import { hashSources } from './source_hash';
import { appendCustomSection } from './wasm_sections';

/**
 * What can be built: the suite's canisters, and the ledger's archive, which no tool deploys: the ledger installs it by itself.
 * The archive has a project file of its own, so that `dfx deploy` and `icp deploy` do not take it for a sixth canister.
 */
export const ARCHIVE = 'token_icrc1_archive';
export type BuildName = CanisterName | typeof ARCHIVE;

/** Azle's build refused a canister; `output` is what it printed. */
export class BuildFailed extends Error {
    constructor(
        readonly canister: BuildName,
        readonly output: string
    ) {
        super(`${canister} could not be built:\n${output}`);
        this.name = 'BuildFailed';
    }
}

export interface CanisterBuild<Name extends BuildName = CanisterName> {
    readonly name: Name;
    /** Gzipped module with `candid:service` and `cdk:name` metadata: what is installed. */
    readonly wasmGzPath: string;
    readonly wasmPath: string;
    readonly didPath: string;
    /** False when an earlier build of the same sources served. */
    readonly fresh: boolean;
}

/** What a canister is made of besides its own folder. */
const SHARED_SOURCES = ['src/core', 'src/azle', 'src/replica/candid', 'package-lock.json', 'dfx.json', 'scripts/lib'];

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

/** Builds the module that archives of the ledger run. */
export async function buildArchive(): Promise<CanisterBuild<typeof ARCHIVE>> {
    return buildCanister(ARCHIVE, await hashSources(SHARED_SOURCES));
}

interface Folders {
    /** Of the canister's project file. */
    readonly project: string;
    /** Of all its own sources. */
    readonly sources: string;
    /** Where its interface is declared. */
    readonly api: readonly string[];
}

/** A canister's folders below the project's root. */
function foldersOf(name: BuildName): Folders {
    if (name !== ARCHIVE)
        return { project: '.', sources: join('canisters', name), api: [join('canisters', name, 'api')] };
    const ledger = join('canisters', 'token_icrc1');
    const project = join(ledger, 'archive');
    return { project, sources: ledger, api: [join(project, 'api'), join(ledger, 'api')] };
}

async function buildCanister<Name extends BuildName>(name: Name, shared: string): Promise<CanisterBuild<Name>> {
    const own = await hashSources([foldersOf(name).sources]);
    const key = createHash('sha256').update(shared).update(own).digest('hex').slice(0, 16);
    const folder = workFolder('build', `${name}-${key}`);
    const build = {
        name,
        wasmGzPath: join(folder, `${name}.wasm.gz`),
        wasmPath: join(folder, `${name}.wasm`),
        didPath: join(folder, `${name}.did`)
    };
    if (existsSync(folder)) return { ...build, fresh: false };
    return { ...build, fresh: await makeInTurn(name, folder) };
}

/** Longer than a build takes on a slow and busy machine. */
const TURN_MS = 600_000;

/** Azle builds a canister in one folder of the checkout, so one process does at a time; whoever comes later finds it built. */
async function makeInTurn(name: BuildName, folder: string): Promise<boolean> {
    const lock = await lockFileInTurn(workFolder('build', name), TURN_MS);
    try {
        if (existsSync(folder)) return false;
        await make(name, folder);
        return true;
    } finally {
        await lock.release();
    }
}

/** Works in a folder of its own and renames it last, so that an interrupted build leaves nothing that looks finished. */
async function make(name: BuildName, folder: string): Promise<void> {
    const temporary = `${folder}.${process.pid}`;
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    const didPath = join(temporary, `${name}.did`);
    await runAzle(name, didPath);
    const { api } = foldersOf(name);
    await writeFile(didPath, await readableCandid(await readFile(didPath, 'utf8'), api));
    await writeModule(name, temporary, didPath);
    await rename(temporary, folder);
}

async function runAzle(name: BuildName, didPath: string): Promise<void> {
    const root = projectRoot();
    const azle = join(root, 'node_modules', 'azle', 'src', 'build.ts');
    try {
        await promisify(execFile)(process.execPath, ['--import', 'tsx', azle, 'build', name], {
            cwd: join(root, foldersOf(name).project),
            env: { ...process.env, CANISTER_CANDID_PATH: didPath }
        });
    } catch (failure) {
        const { stdout = '', stderr = '' } = failure as { stdout?: string; stderr?: string };
        throw new BuildFailed(name, stdout + stderr);
    }
}

async function writeModule(name: BuildName, folder: string, didPath: string): Promise<void> {
    const output = join(projectRoot(), foldersOf(name).project, '.azle', name);
    const built = await readFile(join(output, `${name}.wasm`));
    const azleVersion = await packageVersion('azle');
    const withCandid = appendCustomSection(built, 'icp:public candid:service', await readFile(didPath, 'utf8'));
    const module = appendCustomSection(withCandid, 'icp:public cdk:name', `azle ${azleVersion}`);
    await writeFile(join(folder, `${name}.wasm`), module);
    await writeFile(join(folder, `${name}.wasm.gz`), gzipSync(module, { level: 6 }));
    await copyFile(join(output, 'main.js'), join(folder, 'main.js'));
}

async function packageVersion(name: string): Promise<string> {
    const manifest = await readFile(join(projectRoot(), 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
}
