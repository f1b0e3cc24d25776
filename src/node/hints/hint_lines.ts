import type { Principal } from '@dfinity/principal';
import { z } from 'zod';
import { errorText } from '../../client/error_text';
import { jitteredMs, nextPauseMs, sleep } from '../../client/wait';
import { HINT_LINE, HINT_PATH, type JobHint, type JobNews } from '../../core/compute/hint_wire';
import { parseJson } from '../../core/json';
import { mayTalkTo } from '../adapters/gateway_address';
import type { Log } from '../ports';
import { LineConnection } from '../sessions/line_connection';
import { proveLine, type LineSigner } from '../sessions/line_proof';

const Hint = z.object({ kind: z.literal('queued'), appId: z.string() });

/** Where the gateways of a queue are. */
export interface GatewayDirectory {
    /** The canister that keeps the queue. */
    readonly canister: Principal;
    /** Addresses of its gateways; a free query. Throws `PortUnavailable` when it cannot be asked. */
    urls(): Promise<readonly string[]>;
}

export interface HintParts {
    readonly directory: GatewayDirectory;
    /** The node's key. */
    readonly signer: LineSigner;
    readonly log: Log;
    /** Also gateways on other machines without TLS. */
    readonly allowHttp: boolean;
    /** A gateway says that a job of the app waits. */
    onQueued(appId: string): void;
}

/** Between two looks for gateways; soon after the start they may not be there yet. */
const LOOK = { minMs: 1_000, maxMs: 60_000, factor: 2 };
const RETRY = { minMs: 1_000, maxMs: 60_000, factor: 2 };

/** Lines to all gateways: who has just submitted a job says so, and hears when it has ended. Without them the node polls alone. */
export class HintLines {
    private readonly ends = new Map<string, AbortController>();
    private readonly open = new Set<LineConnection>();

    constructor(private readonly parts: HintParts) {}

    /** Lines that gateways have taken. */
    get size(): number {
        return this.open.size;
    }

    /** This node has the job, or it has ended or was given back: whoever waits for it may look. */
    tell(jobId: bigint, news: JobNews): void {
        const hint: JobHint = { kind: news, jobId: `${jobId}` };
        for (const connection of this.open) connection.send(hint);
    }

    /** Keeps lines to the gateways that there are, until the signal. */
    async run(signal: AbortSignal): Promise<void> {
        const lines: Promise<void>[] = [];
        let pauseMs: number | undefined;
        while (!signal.aborted) {
            lines.push(...(await this.look(signal)));
            pauseMs = nextPauseMs(LOOK, pauseMs);
            await sleep(jitteredMs(pauseMs, Math.random()), signal);
        }
        await Promise.all(lines);
    }

    /** Lines to gateways that are new. */
    private async look(signal: AbortSignal): Promise<readonly Promise<void>[]> {
        try {
            const { directory, allowHttp } = this.parts;
            const urls = new Set((await directory.urls()).filter((url) => mayTalkTo(url, allowHttp)));
            for (const [url, end] of this.ends) {
                if (urls.has(url)) continue;
                end.abort();
                this.ends.delete(url);
            }
            return [...urls].filter((url) => !this.ends.has(url)).map((url) => this.connect(url, signal));
        } catch (failure) {
            this.parts.log.warn({ error: errorText(failure) }, 'gateways_unknown');
            return [];
        }
    }

    private async connect(url: string, signal: AbortSignal): Promise<void> {
        const end = new AbortController();
        this.ends.set(url, end);
        const until = AbortSignal.any([signal, end.signal]);
        let pauseMs: number | undefined;
        while (!until.aborted) {
            const startedAtMs = performance.now();
            await this.listen(url, until);
            const wasOpen = performance.now() - startedAtMs > RETRY.maxMs;
            pauseMs = nextPauseMs(RETRY, wasOpen ? undefined : pauseMs);
            await sleep(jitteredMs(pauseMs, Math.random()), until);
        }
    }

    private async listen(url: string, signal: AbortSignal): Promise<void> {
        const { directory, signer, onQueued } = this.parts;
        const target = { canister: directory.canister, sessionId: HINT_LINE, replyUrl: url };
        const connection = new LineConnection(url, HINT_PATH, { authorization: await proveLine(target, signer) });
        const take = (text: string): boolean => {
            const hint = Hint.safeParse(parseJson(text));
            if (hint.success) onQueued(hint.data.appId);
            return hint.success;
        };
        await connection.run(take, signal, () => this.open.add(connection));
        this.open.delete(connection);
    }
}
