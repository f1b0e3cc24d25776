/** The `emc` command in a process of its own, as its user starts it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { projectRoot } from '../../scripts/lib/project';

/** A running `emc`. */
export interface EmcProcess {
    readonly child: ChildProcess;
    readonly exit: Promise<number | null>;
    output(): string;
    /** Resolves with the first group (or the match) once the output matches; rejects when the process ends before. */
    said(pattern: RegExp): Promise<string>;
}

/** Those of this test file that run. */
const running = new Set<ChildProcess>();
// What a test that failed has left would work on beside all that follow.
afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
});

/** Starts `emc` with these arguments; it ends with the test file at the latest. */
export function emc(...args: string[]): EmcProcess {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
        cwd: projectRoot(),
        env: { ...process.env, EMC_ROOT: projectRoot() },
        stdio: ['ignore', 'pipe', 'pipe']
    });
    let text = '';
    const listeners = new Set<() => void>();
    const collect = (chunk: Buffer): void => {
        text += chunk.toString();
        for (const listener of listeners) listener();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    running.add(child);
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
    void exit.then(() => running.delete(child));
    return {
        child,
        exit,
        output: () => text,
        said: (pattern) =>
            new Promise((resolve, reject) => {
                const look = (): void => {
                    const match = pattern.exec(text);
                    if (match !== null) resolve(match[1] ?? match[0]);
                };
                listeners.add(look);
                look();
                void exit.then(() => reject(new Error(`ended without saying ${pattern}:\n${text}`)));
            })
    };
}
