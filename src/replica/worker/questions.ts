import type { InternetComputer } from '../ic';
import type { Evaluation, Question, Sliced } from '../query';
import { overloaded, queryThreadGone } from '../state/failures';
import { querySliceLimits } from '../state/limits';
import { idKey } from '../state/principals';
import { FairLine } from './fair_line';
import { NoCopy, QueryThread, ThreadGone } from './query_thread';
import { idleMs, tryThread } from './thread_limits';

/** Threads for questions that outlast their slice; a canister has one of them at a time. */
const maxThreads = 2;
/** Long questions that may wait for a thread, of one canister and of all together. */
const maxWaitingOfOne = 16;
const maxWaiting = 64;
/** Questions that may wait for their first slice; more of them would only grow old. */
const maxFresh = 2_000;
/** After so much time with questions the rounds have their turn. */
const turnMs = 20;

/** An answer, or none because too many wait already. */
export type Answered<T> =
    { readonly kind: 'answered'; readonly answer: T } | { readonly kind: 'overloaded'; readonly answer: T };

/** Carries evaluations through, one at a time. */
export interface EvaluationThread {
    /** Rejects with ThreadGone or NoCopy. */
    run<T>(evaluation: Evaluation<T>): Promise<T>;
    end(): void;
}

/** What is done with a question, whatever its answer is. */
interface Waiting {
    readonly key: string;
    /** Must be answered: it may wait for as long as it takes. */
    readonly isPatient: boolean;
    hasLostThread: boolean;
    /** False when the slice was not enough. */
    answerWithin(slice: <T>(question: Question<T>, key: string) => Sliced<T>): boolean;
    answerHere(): void;
    /** Rejects with ThreadGone or NoCopy, and may then be asked again. */
    answerElsewhere(thread: EvaluationThread): Promise<void>;
    refuse(): void;
    giveUp(): void;
    fail(error: unknown): void;
}

class Asked<T> implements Waiting {
    hasLostThread = false;

    constructor(
        private readonly ic: InternetComputer,
        private readonly question: Question<T>,
        readonly key: string,
        readonly isPatient: boolean,
        private readonly resolve: (answered: Answered<T>) => void,
        readonly fail: (error: unknown) => void
    ) {}

    private answered(answer: T): void {
        this.resolve({ kind: 'answered', answer });
    }

    answerWithin(slice: <U>(question: Question<U>, key: string) => Sliced<U>): boolean {
        const sliced = slice(this.question, this.key);
        if (sliced.kind === 'answered') this.resolve(sliced);
        return sliced.kind === 'answered';
    }

    answerHere(): void {
        this.answered(this.ic.answerHere(this.question));
    }

    async answerElsewhere(thread: EvaluationThread): Promise<void> {
        this.answered(await thread.run(this.ic.evaluateCopy(this.question)));
    }

    refuse(): void {
        const error = overloaded(this.question.canisterId);
        this.resolve({ kind: 'overloaded', answer: this.question.failed(error) });
    }

    giveUp(): void {
        this.answered(this.question.failed(queryThreadGone(this.question.canisterId)));
    }
}

/**
 * Answers what canisters are asked outside of rounds, so that none of them holds the network up: each question has a slice of this thread,
 * in turns of the canisters; what outlasts it goes on in another thread, on a copy of the state of its beginning (README, "Queries").
 */
export class Questions {
    readonly #ic: InternetComputer;
    /** Those that have not had their slice. */
    readonly #fresh = new FairLine<Waiting>();
    /** Those that outlasted it. */
    readonly #long = new FairLine<Waiting>();
    readonly #idle = new Map<EvaluationThread, NodeJS.Timeout>();
    readonly #busy = new Map<string, EvaluationThread>();
    readonly #newThread: typeof newThread;
    #spentMs = 0;
    #nextTurn: NodeJS.Immediate | undefined;
    #isClosed = false;

    constructor(ic: InternetComputer, makeThread = newThread) {
        this.#ic = ic;
        this.#newThread = makeThread;
    }

    /** At once, unless others wait or have just used the turn up. A patient question is never refused, however long it has to wait. */
    ask<T>(question: Question<T>, isPatient = false): Answered<T> | Promise<Answered<T>> {
        const key = idKey(question.canisterId);
        const isFree = this.#fresh.length === 0 && this.#spentMs < turnMs;
        const sliced = isFree ? this.#slice(question, key) : undefined;
        if (sliced?.kind === 'answered') return sliced;
        return new Promise((resolve, reject) => {
            const asked = new Asked(this.#ic, question, key, isPatient, resolve, reject);
            if (sliced === undefined) this.#take(asked);
            else this.#outlasted(asked);
        });
    }

    /** Ends the threads. Who waits is refused; what must be answered is asked again by whoever goes on from here. */
    close(): void {
        this.#isClosed = true;
        clearImmediate(this.#nextTurn);
        for (const timer of this.#idle.values()) clearTimeout(timer);
        for (const thread of [...this.#idle.keys(), ...this.#busy.values()]) thread.end();
        for (const line of [this.#fresh, this.#long])
            for (let entry = line.shift(); entry !== undefined; entry = line.shift()) this.#refuse(entry);
    }

    #take(question: Waiting): void {
        if (this.#fresh.length >= maxFresh && !question.isPatient) return question.refuse();
        this.#fresh.push(question.key, question);
        this.#planTurn();
    }

    #planTurn(): void {
        if (this.#isClosed) return;
        this.#nextTurn ??= setImmediate(() => {
            this.#nextTurn = undefined;
            this.#spentMs = 0;
            while (this.#spentMs < turnMs) {
                const question = this.#fresh.shift();
                if (question === undefined) return;
                this.#try(question);
            }
            this.#planTurn();
        });
    }

    #try(question: Waiting): void {
        try {
            if (!question.answerWithin((asked, key) => this.#slice(asked, key))) this.#outlasted(question);
        } catch (error) {
            question.fail(error);
        }
    }

    /** A slice of this thread: a short one while others of its canister are known to need more. */
    #slice<T>(question: Question<T>, key: string): Sliced<T> {
        const isSlow = this.#busy.has(key) || this.#long.lengthOf(key) > 0;
        const beganMs = performance.now();
        const sliced = this.#ic.answerWithin(question, isSlow ? querySliceLimits.repeated : querySliceLimits.query);
        const tookMs = performance.now() - beganMs;
        this.#spentMs += tookMs;
        if (this.#fresh.length > 0) this.#fresh.charge(key, tookMs);
        // Who comes next waits for the rounds.
        if (this.#spentMs >= turnMs) this.#planTurn();
        return sliced;
    }

    #outlasted(question: Waiting): void {
        if (!question.isPatient && !this.#hasPlace(question.key)) return question.refuse();
        this.#long.push(question.key, question);
        this.#serve();
    }

    /** When all places are taken, whoever has the most of them gives one up to who has fewer. */
    #hasPlace(key: string): boolean {
        const own = this.#long.lengthOf(key);
        if (own >= maxWaitingOfOne || this.#long.length < maxWaiting) return own < maxWaitingOfOne;
        const longest = this.#long.longest();
        if (longest === undefined || this.#long.lengthOf(longest) <= own + 1) return false;
        const last = this.#long.pop(longest);
        if (last?.isPatient) this.#long.push(longest, last);
        else last?.refuse();
        return last?.isPatient !== true;
    }

    /** Gives long questions to threads that do not work. */
    #serve(): void {
        while (!this.#isClosed && this.#busy.size < maxThreads) {
            const question = this.#long.shift((key) => !this.#busy.has(key));
            if (question === undefined) return;
            void this.#answerElsewhere(question);
        }
    }

    async #answerElsewhere(question: Waiting): Promise<void> {
        const { key } = question;
        const thread = this.#takeThread();
        if (thread === undefined) return this.#answerHere(question);
        this.#busy.set(key, thread);
        const beganMs = performance.now();
        try {
            await question.answerElsewhere(thread);
            this.#rest(thread);
        } catch (error) {
            thread.end();
            this.#failedElsewhere(question, error);
        }
        this.#busy.delete(key);
        this.#long.charge(key, performance.now() - beganMs);
        this.#serve();
    }

    #failedElsewhere(question: Waiting, error: unknown): void {
        if (this.#isClosed) this.#refuse(question);
        else if (error instanceof ThreadGone && !question.hasLostThread) {
            question.hasLostThread = true;
            this.#long.push(question.key, question);
        } else if (error instanceof ThreadGone) question.giveUp();
        else if (error instanceof NoCopy) this.#answerHere(question);
        else question.fail(error);
    }

    /** What must be answered is left without an answer rather than with a wrong one. */
    #refuse(question: Waiting): void {
        if (!question.isPatient) question.refuse();
    }

    /** Holds everybody up, and is still better than no answer. */
    #answerHere(question: Waiting): void {
        try {
            question.answerHere();
        } catch (error) {
            question.fail(error);
        }
    }

    /** Undefined when the system gives no thread. */
    #takeThread(): EvaluationThread | undefined {
        const [idle] = this.#idle;
        if (idle === undefined) return tryThread(() => this.#newThread((ended) => this.#forget(ended)));
        const [thread, timer] = idle;
        clearTimeout(timer);
        this.#idle.delete(thread);
        return thread;
    }

    #rest(thread: EvaluationThread): void {
        this.#idle.set(
            thread,
            setTimeout(() => thread.end(), idleMs)
        );
    }

    #forget(thread: EvaluationThread): void {
        clearTimeout(this.#idle.get(thread));
        this.#idle.delete(thread);
    }
}

function newThread(onEnd: (thread: EvaluationThread) => void): EvaluationThread {
    return new QueryThread(onEnd);
}
