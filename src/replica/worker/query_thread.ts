import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { buffersOf, type DetachedState } from '../execution';
import type { ExecutionOutput } from '../execution/types';
import { effectsOf, type Effect, type Evaluation } from '../query/evaluation';
import type { QueryTarget } from '../query';
import { executeMessage, type QueryMessages } from '../query/elsewhere';
import { filled, heldBytes, noPages, pageMessages } from '../scheduler/detached_pages';
import { executorScript } from './bundle.cjs';
import { hasRoom, threadLimits } from './thread_limits';

/** The thread is gone: killed, or without memory. */
export class ThreadGone extends Error {
    override readonly name = 'ThreadGone';
}

/** A canister cannot be executed elsewhere: its module has globals without a plain value, or the machine has no room for a copy. */
export class NoCopy extends Error {
    override readonly name = 'NoCopy';
}

/** Copies that a thread keeps besides those that an evaluation works in, in case they are needed again. */
const keptCopies = 3;

/** A thread that carries out the effects of one evaluation at a time. */
export class QueryThread {
    readonly #worker = new Worker(executorScript(), {
        // For a thread that runs from source.
        argv: ['./executor_main.ts'],
        execArgv: [],
        resourceLimits: threadLimits
    });
    /** By what they are copies of; the one that was left last is last. */
    readonly #copies = new Map<DetachedState, number>();
    readonly #entered = new Set<DetachedState>();
    #nextCopy = 0;
    #waiting:
        { readonly resolve: (output: ExecutionOutput) => void; readonly reject: (error: Error) => void } | undefined;
    #isGone = false;

    /** `onEnd` is told when the thread takes nothing any more. */
    constructor(onEnd: (thread: QueryThread) => void) {
        const gone = (): void => {
            this.#isGone = true;
            onEnd(this);
            this.#waiting?.reject(new ThreadGone());
        };
        this.#worker.on('message', (output: ExecutionOutput) => this.#waiting?.resolve(output));
        this.#worker.on('error', gone);
        this.#worker.on('exit', gone);
    }

    /** Rejects with ThreadGone or NoCopy; after NoCopy the thread takes nothing any more. */
    async run<T>(evaluation: Evaluation<T>): Promise<T> {
        const effects = effectsOf(evaluation);
        let step = effects.next();
        while (step.done !== true) step = effects.next(await this.#carryOut(step.value));
        const [last] = [...this.#copies.keys()].slice(-1);
        this.#releaseAllBut(last === undefined ? [] : [last]);
        return step.value;
    }

    /** Whoever works with it gets ThreadGone. */
    end(): void {
        void this.#worker.terminate();
    }

    async #carryOut(effect: Effect): Promise<ExecutionOutput | undefined> {
        const { target } = effect.frame;
        const state = stateOf(target);
        if (effect.kind === 'enter') await this.#attach(state);
        const copy = this.#copies.get(state);
        if (copy === undefined || target.copy === undefined) throw new NoCopy();
        if (effect.kind === 'execute') return this.#ask(executeMessage(copy, effect.input, target.copy));
        this.#post({ kind: effect.kind, copy });
        if (effect.kind === 'enter') this.#entered.add(state);
        else this.#left(state, copy);
        return undefined;
    }

    /** A large canister goes over in pieces, between which the network goes on. */
    async #attach(state: DetachedState): Promise<void> {
        if (this.#copies.has(state)) return;
        if (!hasRoom(heldBytes(state))) throw new NoCopy();
        for (const message of pageMessages(state)) {
            this.#post(message, buffersOf(message.written));
            await nextTurn();
        }
        this.#post({ kind: 'attach', copy: this.#nextCopy, state: filled(state, noPages) });
        this.#copies.set(state, this.#nextCopy);
        this.#nextCopy += 1;
    }

    #left(state: DetachedState, copy: number): void {
        this.#entered.delete(state);
        this.#copies.delete(state);
        this.#copies.set(state, copy);
        this.#releaseAllBut([...this.#copies.keys()].slice(-keptCopies));
    }

    #releaseAllBut(kept: readonly DetachedState[]): void {
        for (const [state, copy] of [...this.#copies]) {
            if (this.#entered.has(state) || kept.includes(state)) continue;
            this.#copies.delete(state);
            this.#post({ kind: 'release', copy });
        }
    }

    #ask(message: QueryMessages): Promise<ExecutionOutput> {
        return new Promise((resolve, reject) => {
            this.#waiting = { resolve, reject };
            this.#post(message);
            if (this.#isGone) reject(new ThreadGone());
        });
    }

    #post(message: QueryMessages, transfer: readonly ArrayBuffer[] = []): void {
        this.#worker.postMessage(message, transfer);
    }
}

function stateOf({ copy }: QueryTarget): DetachedState {
    if (copy?.state === undefined) throw new NoCopy();
    return copy.state;
}
