import type { SignIdentity } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import pino, { type Logger } from 'pino';
import { connectAgent } from '../client/agent';
import { checkOnThread } from '../client/certificate_checks';
import { canisterActor } from '../client/canisters';
import { errorText } from '../client/error_text';
import type { JobNews } from '../core/compute/hint_wire';
import { loadIdentity } from '../client/key_file';
import { whileLocked } from '../client/process_lock';
import { canisterChallenges } from './adapters/canister_challenges';
import { canisterGateways } from './adapters/canister_gateways';
import { canisterJobSource } from './adapters/canister_job_source';
import { canisterSessionSource } from './adapters/canister_sessions';
import { canisterRegistry } from './adapters/canister_registry';
import { httpDelivery } from './adapters/http_delivery';
import { capacityOf } from './capacity';
import { measured } from '../client/measured';
import { makeBackend } from './backends';
import { counted } from './backends/counted';
import { parseNodeConfig, type NodeConfig, type NodeConfigInput } from './config';
import { HintLines, type HintParts } from './hints/hint_lines';
import { JobRunner, type ServedApp } from './job_runner';
import { httpInputs } from './adapters/http_inputs';
import type { FetchInput } from './input';
import type { LineSigner } from './sessions/line_proof';
import type { ReceiptStore, SessionSource } from './sessions/ports';
import { ReceiptFiles } from './sessions/receipt_files';
import { ReceiptMemory } from './sessions/receipt_memory';
import { SessionWatcher } from './sessions/session_watcher';
import { makeNodeMetrics, serveMetrics, type NodeMetrics } from './metrics';
import { Challenger } from './poc/challenger';
import { chooseProver } from './poc/choose_prover';
import { makePocMetrics } from './poc/metrics';
import type { ChallengeSource, IdleGate } from './poc/ports';
import type { Backend, JobSource, Log, OpenDelivery, Registry } from './ports';
import { findApp, Offer } from './offer';
import { reportStatus } from './status_reporter';
import { roomsOf, Worker, type WorkerParts } from './worker';

/** How long a gateway may take to acknowledge a whole result. */
const ACK_MS = 10_000;

/**
 * Runs a node agent until the signal: reports its status, answers challenges, works. Ends when running jobs have finished
 * or were given back. Logs to standard output, or to a given logger.
 * @throws `BadConfig`, `BadKeyFile` and `AlreadyRunning` (another process has the key) before anything starts.
 */
export async function runNode(input: NodeConfigInput, signal: AbortSignal, parent?: Logger): Promise<void> {
    const config = parseNodeConfig(input);
    const identity = await loadIdentity(config.keyFile);
    // Two processes with one key would take each other's leases and answer each other's challenges.
    await whileLocked([config.keyFile], () => runAs(identity, config, signal, parent));
}

async function runAs(identity: SignIdentity, config: NodeConfig, signal: AbortSignal, parent?: Logger): Promise<void> {
    const node = identity.getPrincipal();
    const log = (parent ?? pino({ level: config.logLevel, base: null })).child({ node: node.toText() });
    const metrics = makeNodeMetrics();
    const canisters = observed(await connect(config, identity), metrics);
    const backends = await Promise.all(
        config.apps.map(async ({ appId, backend }) =>
            counted(await makeBackend(backend, (cause) => metrics.retried(cause)), appId, metrics)
        )
    );
    log.info({ apps: config.apps.map(({ appId }) => appId), slots: config.slots }, 'node_started');
    if (config.metricsPort !== undefined) await serveMetrics(metrics, config.metricsPort, signal);
    const openDelivery = config.delivery.enabled
        ? httpDelivery({ allowHttp: config.delivery.allowHttp, ackMs: ACK_MS })
        : undefined;
    await runWith(
        config,
        { ...canisters, backends, log, openDelivery, fetchInput: httpInputs(config.inputs), metrics },
        signal
    );
    log.info({}, 'node_stopped');
}

/** What a node works with; replaced in tests. */
export interface NodeParts {
    readonly source: JobSource;
    readonly registry: Registry;
    /** Absent: somebody else proves the node's computing. */
    readonly challenges?: ChallengeSource;
    /** One for each configured app, in their order. */
    readonly backends: readonly Backend[];
    readonly log: Log;
    readonly openDelivery?: OpenDelivery;
    readonly fetchInput?: FetchInput;
    /** Where sessions are kept, and the key that proves whose they are. */
    readonly sessions?: {
        readonly source: SessionSource;
        readonly signer: LineSigner;
        readonly receipts: ReceiptStore;
    };
    readonly metrics?: NodeMetrics;
    /** Where gateways are, and the key that proves the node to them; absent: the node polls alone. */
    readonly hints?: Pick<HintParts, 'directory' | 'signer'>;
}

/** A node over given parts. */
export async function runWith(config: NodeConfig, parts: NodeParts, signal: AbortSignal): Promise<void> {
    const { registry, log } = parts;
    let worker: Worker | undefined;
    const status = () => ({
        apps: config.apps.map(({ appId }) => appId),
        queueDepth: worker?.busy ?? 0,
        capacity: config.slots
    });
    const reporting = reportStatus(registry, status, config.statusIntervalMs, log, signal);
    const idle: IdleGate = { reserve: async (maxMs, until) => (await worker?.reserve(maxMs, until)) ?? nothing };
    const proving = proveComputing(config, parts, idle, signal);
    const offer = new Offer(parts.source, config.slots, log);
    const looking = await lookForApps(config, parts, offer, signal);
    await offer.begun(signal);
    if (offer.served.size > 0) {
        const watcher = makeWatcher(config, parts, offer.served);
        const hints = hintLines(config, parts, (appId) => worker?.hint(appId));
        const onNews = (jobId: bigint, news: JobNews): void => hints?.tell(jobId, news);
        const reattach = (): void => offer.renew();
        worker = makeWorker(config, { ...parts, onNews, reattach }, offer, () => watcher?.size ?? 0);
        let onAttached = nothing;
        const attached = new Promise<void>((resolve) => (onAttached = resolve));
        const offering = offer.keep(signal, onAttached).finally(onAttached);
        // Gateways give hints to attached nodes alone.
        const calling = [watcher?.run(config.sessions.pollMs, signal), attached.then(() => hints?.run(signal))];
        await worker.run(attached, signal, offering);
        await Promise.all(calling);
    }
    await Promise.all([reporting, proving, ...looking]);
}

/** Answers challenges with the prover that is chosen once, at the start. */
async function proveComputing(
    { pocIntervalMs, poc }: NodeConfig,
    { challenges: source, log, metrics }: NodeParts,
    idle: IdleGate,
    signal: AbortSignal
): Promise<void> {
    if (pocIntervalMs === 0 || source === undefined) return;
    const prover = await chooseProver(log, { only: poc.prover, threads: poc.threads }).catch((failure: unknown) => {
        log.error({ error: errorText(failure) }, 'poc_impossible');
    });
    if (prover === undefined) return;
    const counted = metrics && makePocMetrics(metrics.registry);
    await new Challenger({ source, prover, idle, log, metrics: counted }).run(pocIntervalMs, signal);
    await prover.close();
}

function nothing(): void {}

function makeWatcher(
    { sessions: { deniedMs, settleMs, unsignedMs, enabled }, delivery, shutdownGraceMs: graceMs }: NodeConfig,
    { sessions, log }: NodeParts,
    served: ReadonlyMap<string, ServedApp>
): SessionWatcher | undefined {
    if (sessions === undefined || !enabled) return undefined;
    const options = { settleMs, unsignedMs, deniedMs, graceMs, allowHttp: delivery.allowHttp };
    return new SessionWatcher(served, { ...sessions, log, options });
}

/**
 * Looks for the configured apps, each until it is registered. Resolves when the canister has answered about all of them, since
 * leases of an earlier run may be of any; the searches that go on are in the answer.
 */
async function lookForApps(
    { apps }: NodeConfig,
    { source, backends, log }: NodeParts,
    offer: Offer,
    signal: AbortSignal
): Promise<readonly Promise<void>[]> {
    const searches: Promise<void>[] = [];
    const answers = backends.map((backend, index) => {
        const search = { source, appId: apps[index]?.appId ?? '', backend, log };
        return new Promise<void>((resolve) => {
            const found = findApp(search, signal, resolve).then((served) => {
                if (served !== undefined) offer.add(served);
            });
            searches.push(found.finally(resolve));
        });
    });
    await Promise.all(answers);
    return searches;
}

function hintLines(
    { hints: isWanted, delivery: { allowHttp } }: NodeConfig,
    { hints, log }: NodeParts,
    onQueued: (appId: string) => void
): HintLines | undefined {
    return hints === undefined || !isWanted ? undefined : new HintLines({ ...hints, allowHttp, log, onQueued });
}

function makeWorker(
    config: NodeConfig,
    parts: NodeParts & Pick<WorkerParts, 'onNews' | 'reattach'>,
    { served, backends }: Pick<Offer, 'served' | 'backends'>,
    sessions: () => number
): Worker {
    const runner = new JobRunner(served, parts);
    const { slots, poll, shutdownGraceMs } = config;
    const options = { backends, slots, poll: { ...poll, factor: 1.5 }, graceMs: shutdownGraceMs };
    const worker = new Worker({ ...parts, runner }, options);
    parts.metrics?.watch({
        busy: () => worker.busy,
        slots,
        rooms: () => roomsOf(backends),
        loads: () => new Map([...backends].map(([appId, backend]) => [appId, backend.loads?.() ?? []])),
        sessions
    });
    return worker;
}

function receiptStoreOf({ sessions, keyFile }: NodeConfig): ReceiptStore {
    const { receiptsFolder = `${keyFile}.receipts` } = sessions;
    return receiptsFolder === false ? new ReceiptMemory() : new ReceiptFiles(receiptsFolder);
}

/** The same canisters, whose calls are counted. */
function observed(canisters: Canisters, { call }: NodeMetrics): Canisters {
    const { source, registry, challenges, sessions, hints } = canisters;
    return {
        hints,
        source: measured(source, call),
        registry: measured(registry, call),
        challenges: challenges && measured(challenges, call),
        sessions: sessions && { ...sessions, source: measured(sessions.source, call) }
    };
}

type Canisters = Pick<NodeParts, 'source' | 'registry' | 'challenges' | 'sessions' | 'hints'>;

async function connect(config: NodeConfig, identity: SignIdentity): Promise<Canisters> {
    const agent = await connectAgent(config.network, identity);
    const { compute_gateway, state_machine } = config.canisters;
    const gateway = canisterActor('compute_gateway', agent, Principal.fromText(compute_gateway), checkOnThread);
    const stateMachine = canisterActor('state_machine', agent, Principal.fromText(state_machine), checkOnThread);
    return {
        source: canisterJobSource(gateway, await capacityOf(config)),
        sessions: {
            source: canisterSessionSource(gateway, Principal.fromText(compute_gateway)),
            signer: identity,
            receipts: receiptStoreOf(config)
        },
        hints: { directory: canisterGateways(gateway, Principal.fromText(compute_gateway)), signer: identity },
        registry: canisterRegistry(stateMachine),
        challenges: canisterChallenges(stateMachine, identity.getPrincipal())
    };
}
