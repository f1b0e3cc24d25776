import { errorText } from '../client/error_text';
import { aborted, jitteredMs, nextPauseMs, sleep } from '../client/wait';
import { equalBytes } from '../core/bytes';
import type { ServedApp } from './job_runner';
import type { App, Backend, JobSource, Log } from './ports';

const RETRY = { minMs: 500, maxMs: 30_000, factor: 1.5 };
/** Between two offers of apps that the canister did not take with the others: each is an update. */
const REFUSED_RETRY = { minMs: 30_000, maxMs: 300_000, factor: 2 };

/**
 * The apps that a node serves, as they become known, and what the canister takes of them: an app that asks for more than the
 * node has keeps the others from nothing, and is offered again later.
 */
export class Offer {
    private readonly apps = new Map<string, ServedApp>();
    private readonly runs = new Map<string, Backend>();
    private taken: readonly string[] = [];
    private changed = new AbortController();

    constructor(
        private readonly source: JobSource,
        private readonly slots: number,
        private readonly log: Log
    ) {}

    /** What runs jobs, by app; grows. */
    get served(): ReadonlyMap<string, ServedApp> {
        return this.apps;
    }

    get backends(): ReadonlyMap<string, Backend> {
        return this.runs;
    }

    add(served: ServedApp): void {
        this.apps.set(served.app.appId, served);
        this.runs.set(served.app.appId, served.backend);
        this.changed.abort();
    }

    /** Resolves when there is an app, or at the signal. */
    async begun(signal: AbortSignal): Promise<void> {
        if (this.apps.size === 0) await aborted(AbortSignal.any([signal, this.changed.signal]));
    }

    /** The canister has forgotten the node. */
    renew(): void {
        this.taken = [];
        this.changed.abort();
    }

    /**
     * Offers the apps until the signal, whenever there is something to offer: a node becomes Active some time after its
     * registration. `onTaken` hears of the first time that an offer is taken.
     */
    async keep(signal: AbortSignal, onTaken: () => void): Promise<void> {
        let pauseMs: number | undefined;
        while (!signal.aborted) {
            this.changed = new AbortController();
            const wanted = [...this.apps.keys()];
            if (wanted.length > this.taken.length) await this.offer(wanted);
            if (this.taken.length > 0) onTaken();
            const range = this.taken.length > 0 ? REFUSED_RETRY : RETRY;
            const isWhole = this.taken.length === this.apps.size;
            pauseMs = isWhole ? undefined : Math.max(nextPauseMs(range, pauseMs), range.minMs);
            const woken = AbortSignal.any([signal, this.changed.signal]);
            await (pauseMs === undefined ? aborted(woken) : sleep(jitteredMs(pauseMs, Math.random()), woken));
        }
    }

    /** Offers these apps, and then without each one that the canister names in its refusal. */
    private async offer(wanted: readonly string[]): Promise<void> {
        let apps = wanted;
        try {
            while (apps.length > this.taken.length) {
                const answer = await this.source.attach(apps, this.slots);
                if (answer.ok) {
                    this.taken = apps;
                    return this.log.info({ apps, slots: this.slots }, 'attached');
                }
                const { code, appId, lacks } = answer.error;
                this.log.warn({ code, app_id: appId, lacks }, 'attach_refused');
                if (appId === undefined) return;
                const others = apps.filter((each) => each !== appId);
                if (others.length === apps.length) return;
                apps = others;
            }
        } catch (failure) {
            this.log.warn({ error: errorText(failure) }, 'attach_failed');
        }
    }
}

/** An app that the node is configured for. */
export interface Search {
    readonly source: Pick<JobSource, 'getApp'>;
    readonly appId: string;
    readonly backend: Backend;
    readonly log: Log;
}

/**
 * Waits until the app is registered; `onAnswer` hears when the canister has said for the first time whether it is. Undefined when
 * the signal came first, or when its model is another one.
 */
export async function findApp(
    { source, appId, backend, log }: Search,
    signal: AbortSignal,
    onAnswer: () => void
): Promise<ServedApp | undefined> {
    let pauseMs: number | undefined;
    while (!signal.aborted) {
        try {
            const app = await source.getApp(appId);
            onAnswer();
            if (app !== undefined) return isModelOf(app, backend, log) ? { app, backend } : undefined;
            log.warn({ app_id: appId }, 'app_not_registered');
        } catch (failure) {
            log.warn({ app_id: appId, error: errorText(failure) }, 'app_unknown');
        }
        pauseMs = nextPauseMs(RETRY, pauseMs);
        await sleep(pauseMs, signal);
    }
    return undefined;
}

/** A receipt names the app's model: whoever runs another one must not sign it. */
function isModelOf(app: App, backend: Backend, log: Log): boolean {
    const isSame = backend.modelHash === undefined || equalBytes(backend.modelHash, app.modelHash);
    if (!isSame) log.error({ app_id: app.appId, backend: backend.name }, 'model_differs');
    return isSame;
}
