/** Builds a small Azle canister with Azle's own build, in a folder of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A counter in the heap, a note in stable memory, a timer, and a call to raw_rand. */
const source = `
import { call, canisterSelf, IDL, init, postUpgrade, Principal, query, setTimer, StableBTreeMap, trap, update } from 'azle';

const notes = new StableBTreeMap<string, string>(0);

export default class {
    counter = 0n;
    ticks = 0n;

    @init([IDL.Nat])
    init(start: bigint): void {
        this.counter = start;
        setTimer(5, () => {
            this.ticks += 1n;
        });
    }

    @postUpgrade([IDL.Nat])
    upgraded(start: bigint): void {
        if (start === 13n) trap('unlucky');
        this.counter = start;
    }

    @update([], IDL.Nat)
    increment(): bigint {
        this.counter += 1n;
        return this.counter;
    }

    @query([], IDL.Nat)
    read(): bigint {
        return this.counter;
    }

    @query([], IDL.Nat)
    read_ticks(): bigint {
        return this.ticks;
    }

    @update([IDL.Text])
    note(text: string): void {
        notes.insert('note', text);
    }

    @query([], IDL.Text)
    read_note(): string {
        return notes.get('note') ?? '';
    }

    @update([IDL.Text])
    note_and_trap(text: string): void {
        this.counter += 100n;
        notes.insert('note', text);
        throw new Error('thrown on purpose');
    }

    @update([], IDL.Vec(IDL.Nat8))
    async random(): Promise<Uint8Array> {
        return await call<undefined, Uint8Array>(Principal.fromText('aaaaa-aa'), 'raw_rand', {
            returnIdlType: IDL.Vec(IDL.Nat8)
        });
    }

    @update([], IDL.Nat)
    async increment_by_self_call(): Promise<bigint> {
        return await call<undefined, bigint>(canisterSelf(), 'increment', { returnIdlType: IDL.Nat });
    }
}
`;

const name = 'probe';
const dfxJson = { canisters: { [name]: { type: 'azle', main: 'index.ts' } } };

export async function buildAzleCanister(): Promise<Uint8Array> {
    const folder = await mkdtemp(join(tmpdir(), 'azle-probe-'));
    const modules = join(process.cwd(), 'node_modules');
    await symlink(modules, join(folder, 'node_modules'));
    await writeFile(join(folder, 'dfx.json'), JSON.stringify(dfxJson));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, type: 'module' }));
    const options = { compilerOptions: { strict: true, target: 'ES2020', moduleResolution: 'node' } };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(options));
    await writeFile(join(folder, 'index.ts'), source);
    const build = join(modules, 'azle', 'src', 'build.ts');
    await promisify(execFile)(process.execPath, ['--import', 'tsx', build, 'build', name], {
        cwd: folder,
        env: { ...process.env, CANISTER_CANDID_PATH: join(folder, `${name}.did`) }
    });
    const wasm = await readFile(join(folder, '.azle', name, `${name}.wasm`));
    await rm(folder, { recursive: true });
    return new Uint8Array(wasm);
}
