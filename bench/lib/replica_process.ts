import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/lib/project';

/** The server ended before it was ready; `output` is what it wrote. */
export class ServerEnded extends Error {
    constructor(
        readonly code: number | null,
        readonly output: string
    ) {
        super(`emc-replica ended with code ${code}: ${output}`);
        this.name = 'ServerEnded';
    }
}

/** `emc-replica` in a process of its own, as a user starts it, so that the client's work is not the server's. */
export class ReplicaProcess {
    private constructor(
        readonly url: string,
        private readonly child: ChildProcess
    ) {}

    /** Resolves when the server has said that it is ready. @throws {@link ServerEnded} */
    static async start(): Promise<ReplicaProcess> {
        const command = [join(projectRoot(), 'bin', 'emc-replica'), 'start', '--port', '0'];
        const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
        const output: string[] = [];
        child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
        const url = await new Promise<string>((resolve, reject) => {
            createInterface(child.stdout).on('line', (line) => {
                output.push(line);
                const ready = /^Network ready at (\S+)/.exec(line);
                if (ready?.[1] !== undefined) resolve(ready[1]);
            });
            child.once('close', (code) => reject(new ServerEnded(code, output.join('\n'))));
        });
        return new ReplicaProcess(url, child);
    }

    async close(): Promise<void> {
        if (this.child.exitCode !== null || this.child.signalCode !== null) return;
        const ended = new Promise((resolve) => this.child.once('close', resolve));
        this.child.kill('SIGTERM');
        await ended;
    }
}

/** Runs the work with a server of its own and ends that in any case. */
export async function withReplica<T>(work: (replica: ReplicaProcess) => Promise<T>): Promise<T> {
    const replica = await ReplicaProcess.start();
    try {
        return await work(replica);
    } finally {
        await replica.close();
    }
}
