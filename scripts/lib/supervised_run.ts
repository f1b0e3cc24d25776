/** A run of tests that comes to an end, also when a test or what it has started does not. */
import { spawn, type ChildProcess } from 'node:child_process';

/** What scripts/lib/progress_reporter.mjs tells. */
export type Progress =
    | { readonly kind: 'begun'; readonly file: string }
    | { readonly kind: 'tested'; readonly file: string; readonly status: string }
    | { readonly kind: 'ended'; readonly file: string };

/** What is known of a run: tests by their outcome, and the files that had begun and not ended. */
export interface Counts {
    readonly passed: number;
    readonly failed: number;
    readonly unfinished: readonly string[];
}

export interface RunEnd {
    /** By itself, or cut off: for its silence, or because its caller wanted it. */
    readonly how: 'ended' | 'silent' | 'stopped';
    /** The exit status; undefined after a signal. */
    readonly code: number | undefined;
    readonly counts: Counts;
}

export interface RunOptions {
    readonly env: NodeJS.ProcessEnv;
    readonly cwd: string;
    /** A run that tells nothing for so long is cut off. */
    readonly silenceMs: number;
    /** Cuts the run off as well. */
    readonly signal: AbortSignal;
}

/**
 * Runs Node with these arguments as a group of processes of its own. Whatever is left of the group when the run ends, or when
 * it is cut off, is ended with it: a server that hangs would hold the caller's output open.
 */
export function superviseRun(args: readonly string[], options: RunOptions): Promise<RunEnd> {
    const child = spawn(process.execPath, args, {
        cwd: options.cwd,
        env: options.env,
        detached: true,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc']
    });
    const known = new KnownProgress();
    let how: RunEnd['how'] = 'ended';
    const cutOff = (why: 'silent' | 'stopped'): void => {
        how = why;
        endGroup(child);
    };
    const silence = setTimeout(() => cutOff('silent'), options.silenceMs);
    const stop = (): void => cutOff('stopped');
    options.signal.addEventListener('abort', stop);
    if (options.signal.aborted) stop();
    child.on('message', (message) => {
        silence.refresh();
        known.take(message as Progress);
    });
    child.once('exit', () => endGroup(child));
    return new Promise((resolve, reject) => {
        child.once('error', reject);
        // After the last message.
        child.once('close', (code) => {
            clearTimeout(silence);
            options.signal.removeEventListener('abort', stop);
            resolve({ how, code: code ?? undefined, counts: known.counts() });
        });
    });
}

function endGroup({ pid }: ChildProcess): void {
    try {
        if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
        // Nothing is left of it.
    }
}

class KnownProgress {
    private passed = 0;
    private failed = 0;
    private readonly open = new Set<string>();

    take(progress: Progress): void {
        if (progress.kind === 'begun') this.open.add(progress.file);
        else if (progress.kind === 'ended') this.open.delete(progress.file);
        else if (progress.status === 'passed') this.passed++;
        else if (progress.status === 'failed') this.failed++;
    }

    counts(): Counts {
        return { passed: this.passed, failed: this.failed, unfinished: [...this.open] };
    }
}
