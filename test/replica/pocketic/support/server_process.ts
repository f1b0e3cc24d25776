import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The `pocket-ic` command in a process of its own, started as test clients start it. */
export interface ServerProcess {
    readonly url: string;
    readonly portFile: string;
    readonly child: ChildProcess;
    /** As `PocketIcServer.stop`: SIGTERM, then wait. */
    stop(): Promise<void>;
}

export const pocketIcBin = resolve(process.cwd(), 'bin/pocket-ic');

/** Each server gets a port file of its own, so that test files do not share servers. */
export async function startServer(args: readonly string[] = []): Promise<ServerProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'emc-pocket-ic-'));
    const portFile = join(folder, 'server.port');
    const child = spawn(pocketIcBin, ['--port-file', portFile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await readPort(child);
    const exited = new Promise<void>((done) => child.once('exit', () => done()));
    return {
        url: `http://127.0.0.1:${port}`,
        portFile,
        child,
        stop: async () => {
            child.kill();
            await exited;
            rmSync(folder, { recursive: true, force: true });
        }
    };

    async function readPort(process: ChildProcess): Promise<number> {
        // The server speaks only after it has written the file.
        await new Promise((done) => process.stdout?.once('data', done));
        return Number.parseInt(readFileSync(portFile, 'utf8'), 10);
    }
}
