/** Programs in processes of their own, which may be ended without notice and started again, as a machine that fails does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { projectRoot } from '../../scripts/lib/project';

/** A program ended before it was ready. */
export class ProgramEnded extends Error {
    constructor(
        readonly program: string,
        readonly code: number | null,
        readonly output: string
    ) {
        super(`${program} ended with ${code}:\n${output}`);
        this.name = 'ProgramEnded';
    }
}

/** A program that runs, or is down between a kill and the next start. */
export class Program {
    private child: ChildProcess | undefined;
    private text = '';
    kills = 0;

    constructor(
        readonly name: string,
        /** Arguments of the executable. */
        private readonly args: readonly string[],
        /** What it prints when it works. */
        private readonly ready: RegExp,
        private readonly executable = process.execPath
    ) {}

    /** Resolves when it has said that it is ready; the text that it said. */
    async start(): Promise<string> {
        this.text = '';
        const child = spawn(this.executable, [...this.args], {
            cwd: projectRoot(),
            env: { ...process.env, EMC_ROOT: projectRoot() },
            stdio: ['ignore', 'pipe', 'pipe']
        });
        this.child = child;
        return new Promise((resolve, reject) => {
            const hear = (piece: Buffer): void => {
                this.text = (this.text + piece.toString()).slice(-100_000);
                if (this.ready.test(this.text)) resolve(this.text);
            };
            child.stdout.on('data', hear);
            child.stderr.on('data', hear);
            child.once('close', (code) => reject(new ProgramEnded(this.name, code, this.text)));
        });
    }

    /** SIGKILL: nothing is flushed, nobody is told. Resolves when it is gone. */
    async kill(): Promise<void> {
        const { child } = this;
        if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
        this.kills++;
        const gone = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGKILL');
        await gone;
    }

    /** Ends it as its user would. */
    async stop(): Promise<number | null> {
        const { child } = this;
        if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
        const gone = new Promise<number | null>((resolve) => child.once('close', resolve));
        child.kill('SIGTERM');
        return gone;
    }
}
