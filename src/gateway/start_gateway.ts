import { Principal } from '@dfinity/principal';
import pino, { type Logger } from 'pino';
import { connectAgent } from '../client/agent';
import { checkOnThread } from '../client/certificate_checks';
import { canisterActor } from '../client/canisters';
import { measured } from '../client/measured';
import { errorText } from '../client/error_text';
import { loadIdentity } from '../client/key_file';
import { canisterJobs } from './adapters/canister_jobs';
import { canisterNetwork } from './adapters/canister_network';
import { canisterSessions } from './adapters/canister_sessions';
import { hubKeys } from './adapters/hub_keys';
import { Announcer } from './announcer';
import { journalPath, parseGatewayConfig, type GatewayConfig, type GatewayConfigInput } from './config';
import { Acks } from './delivery/acks';
import { FolderResults } from './delivery/folder_results';
import { LiveResults } from './delivery/live_results';
import { MemoryResults, type ResultStore } from './delivery/results';
import { HintBoard } from './hints/hint_board';
import { makeServer } from './http/server';
import { LineGate } from './sessions/line_gate';
import { JournalFile } from './journal/journal_file';
import { Outbox } from './journal/outbox';
import { makeMetrics, type Metrics } from './metrics';
import { watchNetwork, type NetworkPort } from './network_watch';
import type { JobPort, KeyPort } from './ports';
import { awaitSurvivors } from './resume';
import type { SessionPort } from './sessions/ports';
import { SessionPool } from './sessions/session_pool';

export interface RunningGateway {
    /** Without a path: OpenAI clients want `${url}/v1`. */
    readonly url: string;
    /** Takes no new requests, lets running ones end within the grace, sends what is owed, and closes. */
    close(): Promise<void>;
}

/** The port is in use; `option` names what to change. */
export class PortTaken extends Error {
    readonly option = 'port';

    constructor(
        readonly host: string,
        readonly port: number
    ) {
        super(`${host}:${port} is taken by another program; choose another port`);
        this.name = 'PortTaken';
    }
}

/**
 * Starts the OpenAI-compatible gateway. Logs to standard output, or to a given logger.
 * @throws `BadConfig`, `BadKeyFile`, `AlreadyRunning` and {@link PortTaken} before anything is served.
 */
export async function startGateway(input: GatewayConfigInput, log?: Logger): Promise<RunningGateway> {
    const config = parseGatewayConfig(input);
    const identity = await loadIdentity(config.keyFile);
    const agent = await connectAgent(config.network, identity);
    const { compute_gateway, hub } = config.canisters;
    const queue = canisterActor('compute_gateway', agent, Principal.fromText(compute_gateway), checkOnThread);
    const keyring = canisterActor('hub', agent, Principal.fromText(hub), checkOnThread);
    return listen({
        config,
        jobs: canisterJobs(queue, identity.getPrincipal()),
        sessions: { port: canisterSessions(queue), canister: Principal.fromText(compute_gateway) },
        keys: hubKeys(keyring),
        network: canisterNetwork(queue, keyring),
        log: log ?? pino({ level: config.logLevel })
    });
}

/** What a gateway stands on; replaced in tests. */
export interface GatewayParts {
    readonly config: GatewayConfig;
    readonly jobs: JobPort;
    readonly keys: KeyPort;
    readonly log: Logger;
    /** The canister that keeps sessions; absent: everything is a job. */
    readonly sessions?: { readonly port: SessionPort; readonly canister: Principal };
    /** Whose cycles and settlements are told in the metrics. */
    readonly network?: NetworkPort;
}

/** A gateway over given parts. */
export async function listen(given: GatewayParts): Promise<RunningGateway> {
    const metrics = makeMetrics();
    const parts = observed(given, metrics);
    const { config, jobs, log } = parts;
    const { outbox, ...kept } = await remember(parts);
    metrics.watchOutbox(outbox);
    const announcer = new Announcer(jobs, log);
    const isAnnounced = (): boolean => announcer.isAnnounced;
    let ownUrl = '';
    const gatewayUrl = (): string => config.delivery.publicUrl ?? ownUrl;
    const sessions = poolOf(parts, outbox, gatewayUrl);
    if (sessions !== undefined) metrics.watchSessions(sessions);
    const hints = new HintBoard();
    const hintGate = new LineGate(Principal.fromText(config.canisters.compute_gateway), gatewayUrl);
    const lines = { sessions, hints, hintGate };
    const server = makeServer({ ...parts, ...kept, ...lines, journal: outbox.jobs, metrics, isAnnounced });
    const stop = new AbortController();
    // Nodes may deliver as soon as it listens.
    const resuming = awaitSurvivors({ ...kept, jobs }, outbox.jobs.survivors(), stop.signal);
    try {
        const url = await server.http.listen({ host: config.host, port: config.port });
        ownUrl = url;
        const running = [
            resuming,
            outbox.run(stop.signal),
            sessions?.run(stop.signal),
            config.delivery.enabled ? announcer.run(gatewayUrl(), stop.signal) : undefined
        ];
        const close = async (): Promise<void> => {
            await server.close();
            stop.abort();
            await Promise.all(running);
            await outbox.close();
        };
        return { url, close };
    } catch (failure) {
        stop.abort();
        await server.close();
        await outbox.close();
        throw isPortTaken(failure) ? new PortTaken(config.host, config.port) : failure;
    }
}

/** The same parts, whose calls to canisters are counted. */
function observed(parts: GatewayParts, { registry, call }: Metrics): GatewayParts {
    const { jobs, keys, sessions, network } = parts;
    if (network !== undefined) watchNetwork(registry, network);
    return {
        ...parts,
        jobs: measured(jobs, call),
        keys: measured(keys, call),
        sessions: sessions && {
            ...sessions,
            port: measured(sessions.port, (method, ...rest) => call(`session_${method}`, ...rest))
        }
    };
}

/** What a gateway knows of its requests, with what an earlier process has left. */
interface Memory {
    readonly outbox: Outbox;
    readonly lives: LiveResults;
    readonly acks: Acks;
    readonly results: ResultStore;
}

async function remember({ config, jobs, sessions, log }: GatewayParts): Promise<Memory> {
    const path = journalPath(config);
    const opened = path === undefined ? undefined : await JournalFile.open(path);
    const results =
        path === undefined
            ? new MemoryResults(config.results.capacityBytes)
            : await FolderResults.open(`${path}.results`, config.results);
    const onProblem = (failure: unknown): void => log.error({ error: errorText(failure) }, 'journal_failed');
    const outbox = new Outbox({ jobs, sessions, file: opened?.journal, onProblem });
    await outbox.recover(opened?.records ?? []);
    return { outbox, lives: new LiveResults(), acks: new Acks(), results };
}

function poolOf(
    { sessions, config, log }: GatewayParts,
    { sessions: journal }: Outbox,
    gatewayUrl: () => string
): SessionPool | undefined {
    if (sessions === undefined || journal === undefined || !config.sessions.enabled) return undefined;
    const { maxCredits, ttlS, ...terms } = config.sessions;
    return new SessionPool({
        ...sessions,
        journal,
        gatewayUrl,
        log,
        terms: { ...terms, maxCredits: BigInt(maxCredits), ttlS: BigInt(ttlS) }
    });
}

function isPortTaken(failure: unknown): boolean {
    return typeof failure === 'object' && failure !== null && 'code' in failure && failure.code === 'EADDRINUSE';
}
