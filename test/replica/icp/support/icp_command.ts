import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { counterWasm } from '../../http/support/counter_canister';

/** The `icp` binary: ICP_BIN, or the optional npm package; undefined where there is neither. */
export const icpBinary: string | undefined = [
    process.env.ICP_BIN,
    resolve(process.cwd(), 'node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp')
].find((path) => path !== undefined && existsSync(path));

/** Tests of the command line; without the binary each says so in its name and is skipped. */
export const icpTest: typeof test =
    icpBinary === undefined
        ? (Object.assign(
              (name: string) =>
                  test.skip(`${name} (no icp: set ICP_BIN or install @icp-sdk/icp-cli-linux-x64)`, () => undefined),
              test
          ) as typeof test)
        : test;

/** What a command printed, and how it ended. */
export interface Outcome {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

class IcpFailed extends Error {
    constructor(
        readonly args: readonly string[],
        readonly outcome: Outcome
    ) {
        super(`icp ${args.join(' ')} ended with ${outcome.code}: ${outcome.stdout}${outcome.stderr}`);
    }
}

/** A project in a folder of its own, with a home of its own for icp. */
export class IcpProject {
    readonly folder = mkdtempSync(join(tmpdir(), 'emc-icp-'));

    private constructor(private readonly environment: NodeJS.ProcessEnv) {}

    /** One canister, `counter`, with its Candid interface, and the given networks and environments. */
    static async create(networks: string, environment: NodeJS.ProcessEnv = {}): Promise<IcpProject> {
        const project = new IcpProject(environment);
        await project.setCode(counterInterface);
        writeFileSync(
            join(project.folder, 'icp.yaml'),
            `canisters:
  - name: counter
    build:
      steps:
        - type: script
          command: cp counter.wasm "$ICP_WASM_OUTPUT_PATH"
${networks}`
        );
        return project;
    }

    /** The counter with another interface is another module. */
    async setCode(did: string): Promise<void> {
        writeFileSync(join(this.folder, 'counter.wasm'), withMetadata(await counterWasm(), 'candid:service', did));
    }

    /** Runs a command to its end, whatever the end is. */
    run(...args: readonly string[]): Promise<Outcome> {
        const env = {
            ...process.env,
            CI: '1',
            NO_COLOR: '1',
            ICP_HOME: join(this.folder, 'home'),
            ...this.environment
        };
        const child = spawn(icpBinary ?? 'icp', args, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
        const output = { stdout: '', stderr: '' };
        child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
        child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
        return new Promise((done, reject) => {
            child.once('error', reject);
            child.once('close', (code) => done({ code, ...output }));
        });
    }

    /** Standard output of a command that must succeed. */
    async ok(...args: readonly string[]): Promise<string> {
        const outcome = await this.run(...args);
        if (outcome.code !== 0) throw new IcpFailed(args, outcome);
        return outcome.stdout.trim();
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}

export const counterInterface = 'service : { inc : () -> (); read : () -> (nat64) query; fail : () -> () }';

/** Appends an `icp:public` section. */
function withMetadata(wasm: Uint8Array, name: string, content: string): Uint8Array {
    const sectionName = Buffer.from(`icp:public ${name}`);
    const payload = Buffer.concat([leb(sectionName.length), sectionName, Buffer.from(content)]);
    return new Uint8Array(Buffer.concat([wasm, Buffer.from([0]), leb(payload.length), payload]));
}

function leb(value: number): Buffer {
    const bytes = [];
    for (let rest = value; ; rest >>>= 7) {
        if (rest < 0x80) return Buffer.from([...bytes, rest]);
        bytes.push((rest & 0x7f) | 0x80);
    }
}
