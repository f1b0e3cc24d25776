import { errorText } from '../client/error_text';
import { jitteredMs, nextPauseMs, sleep } from '../client/wait';
import { equalBytes } from '../core/bytes';
import type { ServedApp } from './job_runner';
import type { App, Backend, JobSource, Log } from './ports';

const RETRY = { minMs: 500, maxMs: 30_000, factor: 1.5 };

/** Offers the apps until the canister takes the offer: a node becomes Active some time after its registration. */
export async function attachUntilTaken(
    source: JobSource,
    apps: readonly ServedApp[],
    slots: number,
    log: Log,
    signal: AbortSignal
): Promise<void> {
    const appIds = apps.map(({ app }) => app.appId);
    let pauseMs: number | undefined;
    while (!signal.aborted) {
        try {
            const taken = await source.attach(appIds, slots);
            if (taken.ok) return log.info({ apps: appIds, slots }, 'attached');
            log.warn({ code: taken.error.code }, 'attach_refused');
        } catch (failure) {
            log.warn({ error: errorText(failure) }, 'attach_failed');
        }
        pauseMs = nextPauseMs(RETRY, pauseMs);
        await sleep(jitteredMs(pauseMs, Math.random()), signal);
    }
}

/** Waits until the app is registered; undefined when the signal came first, or when its model is another one. */
export async function findApp(
    source: JobSource,
    appId: string,
    backend: Backend,
    log: Log,
    signal: AbortSignal
): Promise<ServedApp | undefined> {
    let pauseMs: number | undefined;
    while (!signal.aborted) {
        const app = await source.getApp(appId).catch((failure: unknown) => {
            log.warn({ app_id: appId, error: errorText(failure) }, 'app_unknown');
            return undefined;
        });
        if (app !== undefined) return isModelOf(app, backend, log) ? { app, backend } : undefined;
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
