import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { buffersOf, type DetachedResult } from '../execution';
import type { InternetComputer, LongExecutionView } from '../ic';
import { bytesOf, messagesOf, type DetachedExecution } from '../scheduler/detached_execution';
import { executorScript } from './bundle.cjs';
import { hasRoom, idleMs, threadLimits, tryThread } from './thread_limits';

/** Two, so that one that installs code for minutes leaves room for another. */
const threads = 2;

/**
 * Threads that carry the long executions of a network through, the oldest first. What they find out follows from the state: a thread
 * that dies, for want of memory, leaves its execution to the network's own.
 */
export class Executors {
    readonly #ic: InternetComputer;
    readonly #onEnd: () => void;
    readonly #idle = new Set<ExecutionThread>();
    readonly #busy = new Map<number, ExecutionThread>();
    readonly #newThread: typeof newThread;
    #isClosed = false;

    /** `onEnd` is told when there is something for the next round. */
    constructor(ic: InternetComputer, onEnd: () => void, makeThread = newThread) {
        this.#ic = ic;
        this.#onEnd = onEnd;
        this.#newThread = makeThread;
    }

    /** Gives executions that wait to threads that do not work. */
    serve(): void {
        if (this.#isClosed) return;
        const waiting = this.#ic.longExecutions().filter(({ id }) => !this.#busy.has(id));
        for (const execution of waiting.slice(0, threads - this.#busy.size)) this.#start(execution);
    }

    close(): void {
        this.#isClosed = true;
        for (const executor of [...this.#idle, ...this.#busy.values()]) executor.end();
    }

    #start(execution: LongExecutionView): void {
        const detached = this.#ic.detachExecution(execution.canisterId);
        if (detached === undefined || !hasRoom(bytesOf(detached))) return this.#ended(execution);
        const [idle] = this.#idle;
        const executor = idle ?? tryThread(() => this.#newThread((ended) => this.#idle.delete(ended)));
        // Without a thread the next round finds out itself what the execution does.
        if (executor === undefined) return this.#ended(execution);
        this.#idle.delete(executor);
        this.#busy.set(execution.id, executor);
        const isWanted = (): boolean => this.#isOpen(execution);
        void executor.run(detached, isWanted, (result) => {
            this.#busy.delete(execution.id);
            if (result !== undefined) this.#idle.add(executor);
            this.#ended(execution, result);
            this.serve();
        });
    }

    #ended({ canisterId, id }: LongExecutionView, result?: DetachedResult): void {
        if (!this.#isOpen({ canisterId, id })) return;
        this.#ic.endExecution(canisterId, id, result);
        this.#onEnd();
    }

    /** It may have ended meanwhile, in a round that did not wait for threads. */
    #isOpen({ id }: LongExecutionView): boolean {
        return !this.#isClosed && this.#ic.longExecutions().some((execution) => execution.id === id);
    }
}

/** Carries executions through, one at a time. */
export interface ExecutionThread {
    /** `deliver` gets the result; undefined when the thread has died, or the execution was no longer wanted. */
    run(
        execution: DetachedExecution,
        isWanted: () => boolean,
        deliver: (result: DetachedResult | undefined) => void
    ): Promise<void>;
    /** Waits for nothing: who works with it now gets no result. */
    end(): void;
}

function newThread(onEnd: (thread: ExecutionThread) => void): ExecutionThread {
    return new Executor(onEnd);
}

class Executor implements ExecutionThread {
    readonly #worker = new Worker(executorScript(), {
        // For a thread that runs from source.
        argv: ['./executor_main.ts'],
        execArgv: [],
        resourceLimits: threadLimits
    });
    #deliver: ((result: DetachedResult | undefined) => void) | undefined;
    #idleTimer: NodeJS.Timeout | undefined;
    readonly #onEnd: (executor: Executor) => void;

    /** `onEnd` is told when the thread takes nothing any more. */
    constructor(onEnd: (executor: Executor) => void) {
        this.#onEnd = onEnd;
        this.#worker.on('message', (result: DetachedResult) => {
            this.#idleTimer = setTimeout(() => this.end(), idleMs);
            this.#settle(result);
        });
        this.#worker.on('error', () => this.end());
        this.#worker.on('exit', () => this.end());
    }

    async run(
        execution: DetachedExecution,
        isWanted: () => boolean,
        deliver: (result: DetachedResult | undefined) => void
    ): Promise<void> {
        clearTimeout(this.#idleTimer);
        this.#deliver = deliver;
        for (const message of messagesOf(execution)) {
            this.#worker.postMessage(message, message.kind === 'pages' ? buffersOf(message.written) : []);
            // The network goes on between two messages, and may end the execution on its own.
            if (message.kind === 'pages') await nextTurn();
            if (!isWanted()) return this.end();
        }
    }

    end(): void {
        clearTimeout(this.#idleTimer);
        this.#onEnd(this);
        this.#settle(undefined);
        void this.#worker.terminate();
    }

    #settle(result: DetachedResult | undefined): void {
        const deliver = this.#deliver;
        this.#deliver = undefined;
        deliver?.(result);
    }
}
