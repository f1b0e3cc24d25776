import type { InternetComputer } from '../ic';

/** How often canisters with a heartbeat get a round when nothing else happens. */
const heartbeatIntervalMs = 200;

/** Longest sleep of a Node timer; a later timer is reached in steps. */
const maxSleepMs = 2 ** 31 - 1;

/**
 * Drives a network by the wall clock: a round as soon as work arrives, a round when a timer is due, a round now and
 * then for heartbeats, and nothing at all otherwise.
 */
export class LiveDriver {
    readonly #ic: InternetComputer;
    readonly #nowNs: () => bigint;
    readonly #afterRound: () => void;
    readonly #delayMs: number;
    #cancelTurn: (() => void) | undefined;
    #timer: NodeJS.Timeout | undefined;
    #stopped = false;

    /** `delayMs` is how long work waits for its round: the latency of a real network, for those who want to see it. */
    constructor(ic: InternetComputer, nowNs: () => bigint, afterRound: () => void, delayMs = 0) {
        this.#ic = ic;
        this.#nowNs = nowNs;
        this.#afterRound = afterRound;
        this.#delayMs = delayMs;
        this.poke();
    }

    /** Something may have to be done: runs a round once the messages that have arrived are all taken in. */
    poke(): void {
        if (!this.#stopped) {
            this.#cancelTurn ??= this.#delayMs > 0 ? this.#turnLater() : this.#turnNow();
        }
    }

    #turnNow(): () => void {
        const immediate = setImmediate(() => this.#turn());
        return () => clearImmediate(immediate);
    }

    #turnLater(): () => void {
        const timer = setTimeout(() => this.#turn(), this.#delayMs);
        return () => clearTimeout(timer);
    }

    /** Brings the clock up to date, without a round. A wall clock that went backwards leaves it where it is. */
    syncClock(): void {
        this.#ic.setTime(this.#nowNs());
    }

    /** Runs a round now when the certified time is older than `maxAgeNs`. */
    refresh(maxAgeNs: bigint): void {
        if (!this.#stopped && this.#nowNs() - this.#ic.certifiedTimeNs() > maxAgeNs) {
            this.#round();
            this.#schedule();
        }
    }

    stop(): void {
        this.#stopped = true;
        this.#cancelTurn?.();
        clearTimeout(this.#timer);
    }

    #turn(): void {
        this.#cancelTurn = undefined;
        if (!this.#stopped) {
            this.#round();
            this.#schedule();
        }
    }

    #round(): void {
        this.syncClock();
        this.#ic.runRound(true);
        this.#afterRound();
    }

    #schedule(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        if (this.#ic.hasWork()) {
            this.poke();
            return;
        }
        const sleepMs = this.#sleepMs();
        if (sleepMs !== undefined) {
            this.#timer = setTimeout(() => this.poke(), sleepMs);
        }
    }

    #sleepMs(): number | undefined {
        const nextNs = this.#ic.nextTimerNs();
        const untilTimerMs = nextNs === undefined ? undefined : Number(nextNs - this.#nowNs()) / 1e6;
        const limitMs = this.#ic.hasHeartbeat() ? heartbeatIntervalMs : maxSleepMs;
        if (untilTimerMs === undefined) {
            return this.#ic.hasHeartbeat() ? heartbeatIntervalMs : undefined;
        }
        return Math.min(limitMs, Math.max(1, Math.ceil(untilTimerMs)));
    }
}
