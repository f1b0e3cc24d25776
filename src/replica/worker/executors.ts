import { Worker } from 'node:worker_threads';
import type { DetachedResult } from '../execution';
import type { InternetComputer, LongExecutionView } from '../ic';
import { transferOfExecution } from '../scheduler/detached_execution';
import { executorScript } from './bundle.cjs';
import { threadLimits } from './thread_limits';

/** Two, so that one that installs code for minutes leaves room for another. */
const threads = 2;

/** A thread that had nothing to do for so long is ended: it may hold the memory of what it executed last. */
const idleMs = 2_000;

/**
 * Threads that carry the long executions of a network through, the oldest first. What they find out follows from the state: a thread
 * that dies, for want of memory, leaves its execution to the network's own.
 */
export class Executors {
    readonly #ic: InternetComputer;
    readonly #onEnd: () => void;
    readonly #idle = new Set<Executor>();
    readonly #busy = new Map<number, Executor>();

    /** `onEnd` is told when there is something for the next round. */
    constructor(ic: InternetComputer, onEnd: () => void) {
        this.#ic = ic;
        this.#onEnd = onEnd;
    }

    /** Gives executions that wait to threads that do not work. */
    serve(): void {
        const waiting = this.#ic.longExecutions().filter(({ id }) => !this.#busy.has(id));
        for (const execution of waiting.slice(0, threads - this.#busy.size)) this.#start(execution);
    }

    close(): void {
        for (const executor of [...this.#idle, ...this.#busy.values()]) executor.end();
    }

    #start(execution: LongExecutionView): void {
        const detached = this.#ic.detachExecution(execution.canisterId);
        if (detached === undefined) return this.#ended(execution);
        const [idle] = this.#idle;
        const executor = idle ?? new Executor((dead) => this.#idle.delete(dead));
        this.#idle.delete(executor);
        this.#busy.set(execution.id, executor);
        executor.run(detached, (result) => {
            this.#busy.delete(execution.id);
            if (result !== undefined) this.#idle.add(executor);
            this.#ended(execution, result);
            this.serve();
        });
    }

    #ended({ canisterId, id }: LongExecutionView, result?: DetachedResult): void {
        // It may have ended meanwhile, in a round that did not wait for threads.
        if (!this.#ic.longExecutions().some((execution) => execution.id === id)) return;
        this.#ic.endExecution(canisterId, id, result);
        this.#onEnd();
    }
}

/** One thread. */
class Executor {
    readonly #worker = new Worker(executorScript(), {
        // For a thread that runs from source.
        argv: ['./executor_main.ts'],
        execArgv: [],
        resourceLimits: threadLimits
    });
    #deliver: ((result: DetachedResult | undefined) => void) | undefined;
    #idleTimer: NodeJS.Timeout | undefined;

    constructor(onDeath: (executor: Executor) => void) {
        this.#worker.on('message', (result: DetachedResult) => {
            this.#idleTimer = setTimeout(() => this.end(), idleMs);
            this.#settle(result);
        });
        this.#worker.on('error', () => this.#settle(undefined));
        this.#worker.on('exit', () => {
            clearTimeout(this.#idleTimer);
            onDeath(this);
            this.#settle(undefined);
        });
    }

    /** `deliver` gets the result; undefined when the thread has died. */
    run(
        execution: Parameters<typeof transferOfExecution>[0],
        deliver: (result: DetachedResult | undefined) => void
    ): void {
        clearTimeout(this.#idleTimer);
        this.#deliver = deliver;
        this.#worker.postMessage(execution, transferOfExecution(execution));
    }

    end(): void {
        void this.#worker.terminate();
    }

    #settle(result: DetachedResult | undefined): void {
        const deliver = this.#deliver;
        this.#deliver = undefined;
        deliver?.(result);
    }
}
