import { errorText } from '../client/error_text';
import { jitteredMs, nextPauseMs, sleep } from '../client/wait';
import type { JobPort } from './ports';

const RETRY = { minMs: 500, maxMs: 30_000, factor: 2 };

/** The part of a logger that it needs. */
interface Log {
    info(fields: object, event: string): void;
    warn(fields: object, event: string): void;
}

/** Tells the canister where nodes find this gateway, until the canister listens: a gateway may be listed after it starts. */
export class Announcer {
    private announced = false;

    constructor(
        private readonly jobs: JobPort,
        private readonly log: Log
    ) {}

    get isAnnounced(): boolean {
        return this.announced;
    }

    async run(url: string, signal: AbortSignal): Promise<void> {
        let pauseMs: number | undefined;
        while (!signal.aborted) {
            try {
                this.announced = await this.jobs.announce(url);
            } catch (failure) {
                this.log.warn({ error: errorText(failure) }, 'announce_failed');
            }
            if (this.announced) return this.log.info({ url }, 'announced');
            pauseMs = nextPauseMs(RETRY, pauseMs);
            await sleep(jitteredMs(pauseMs, Math.random()), signal);
        }
    }
}
