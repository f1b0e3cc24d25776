import { readFile } from 'node:fs/promises';
import type { HttpAgent, Identity } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { pino } from 'pino';
import { connectAgent } from '../client/agent';
import { canisterActor } from '../client/canisters';
import { errorText } from '../client/error_text';
import { loadOrCreateIdentity } from '../client/key_file';
import { whileLocked } from '../client/process_lock';
import { backendReferences } from './adapters/backend_references';
import { canisterAgreement } from './adapters/canister_agreement';
import { canisterPlan } from './adapters/canister_plan';
import { canisterRecords } from './adapters/canister_records';
import { canisterState } from './adapters/canister_state';
import { httpApi } from './adapters/http_api';
import { systemClock } from './adapters/system_clock';
import { runDuties } from './agent';
import type { ValidatorConfig } from './config';
import { comparedApi } from './duties/compared_api';
import { inventedTexts, passagesOf, type TextSource } from './duties/text_source';
import { fileStore } from './journal/file_store';
import { prometheusMetrics } from './metrics/metrics';
import { serveMetrics } from './metrics/server';
import type { AgentContext, Log } from './ports';

export { TooShort } from './duties/text_source';
export { parseValidatorConfig, validatorConfigSchema, type ValidatorConfig } from './config';

/** The network did not tell its root key, so that no certificate could be verified. */
export class NoRootKey extends Error {
    constructor(readonly host: string) {
        super(`${host}: no root key`);
        this.name = 'NoRootKey';
    }
}

/** The canister of the configuration is not there, or is no state machine. */
export class NoStateMachine extends Error {
    constructor(
        readonly host: string,
        readonly canisterId: string,
        readonly reason: string
    ) {
        super(`canisterIds.state_machine ${canisterId}: no state machine on ${host} (${reason})`);
        this.name = 'NoStateMachine';
    }
}

/** There is no API key where the configuration says that there is. */
export class NoApiKey extends Error {
    constructor(readonly place: string) {
        super(`${place}: no API key`);
        this.name = 'NoApiKey';
    }
}

type ApiKeys = readonly [string, ...string[]];

/** Codes of the network for a canister that does not exist, has no module, or lacks the method. */
const NO_CANISTER = ['IC0301', 'IC0537', 'IC0536'];

/**
 * Runs a validator agent until the signal aborts. Rejects only when it cannot begin (bad key file, no network, no state
 * machine, no API key, texts that are too short, the port of its metrics is taken, another process has its key or its journal); after that failures are logged and tried again.
 */
export async function runValidator(
    config: ValidatorConfig,
    signal: AbortSignal,
    log: Log = pino({ name: 'validator' })
): Promise<void> {
    // Two processes with one key would contradict each other: neither knows what the other has said.
    await whileLocked([config.keyFile, journalFileOf(config)], () => runAlone(config, signal, log));
}

async function runAlone(config: ValidatorConfig, signal: AbortSignal, log: Log): Promise<void> {
    const identity = await loadOrCreateIdentity(config.keyFile);
    const agent = await connectAgent(config, identity);
    const texts = await probeTexts(config);
    const apiKeys = await apiKeysOf(config);
    const context = { ...contextOf({ ...config, apiKeys }, agent, identity, log), texts, log };
    await requireStateMachine(context, config);
    const { metricsPort, metricsHost } = config;
    const monitoring =
        metricsPort === undefined ? undefined : await serveMetrics(context.metrics, metricsPort, metricsHost);
    log.info(
        { principal: identity.getPrincipal().toText(), host: config.host, metrics: monitoring?.url },
        'validator started'
    );
    try {
        await runDuties(context, config, signal);
    } finally {
        await monitoring?.close();
    }
}

function journalFileOf({ journalFile, keyFile }: ValidatorConfig): string {
    return journalFile ?? `${keyFile}.journal`;
}

/** A wrong id would otherwise show as duties that fail for ever. What may pass by itself does not keep the agent from beginning. */
async function requireStateMachine({ state, log }: Pick<AgentContext, 'state' | 'log'>, config: ValidatorConfig) {
    const { host, canisterIds } = config;
    try {
        await state.isValidator();
    } catch (failure) {
        const reason = errorText(failure);
        if (NO_CANISTER.some((code) => reason.includes(code)))
            throw new NoStateMachine(host, canisterIds.state_machine, reason);
        log.warn({ host, reason }, 'the state machine does not answer yet');
    }
}

async function probeTexts({ probeTextsFile }: ValidatorConfig): Promise<TextSource> {
    return probeTextsFile === undefined ? inventedTexts : passagesOf(await readFile(probeTextsFile, 'utf8'));
}

/** One key, or as many as the file has lines. */
async function apiKeysOf({ apiKey, apiKeyFile }: ValidatorConfig): Promise<ApiKeys> {
    const lines = apiKeyFile === undefined ? [apiKey ?? ''] : (await readFile(apiKeyFile, 'utf8')).split('\n');
    const [first, ...others] = new Set(lines.map((line) => line.trim()).filter((line) => line !== ''));
    if (first === undefined) throw new NoApiKey(apiKeyFile ?? 'apiKey');
    return [first, ...others];
}

function contextOf(
    config: ValidatorConfig & { readonly apiKeys: ApiKeys },
    agent: HttpAgent,
    identity: Identity & { getPublicKey(): { toDer(): ArrayBuffer | Uint8Array } },
    log: Log
): Omit<AgentContext, 'log' | 'texts'> {
    const { rootKey } = agent;
    if (rootKey === null) throw new NoRootKey(config.host);
    const own = { principal: identity.getPrincipal(), publicKey: new Uint8Array(identity.getPublicKey().toDer()) };
    const canisterId = Principal.fromText(config.canisterIds.state_machine);
    const stateMachine = canisterActor('state_machine', agent, canisterId);
    const { hub: hubId, rewards: rewardsId } = config.canisterIds;
    const hub = hubId === undefined ? undefined : canisterActor('hub', agent, Principal.fromText(hubId));
    const rewards =
        rewardsId === undefined ? undefined : canisterActor('rewards', agent, Principal.fromText(rewardsId));
    const references = backendReferences(config.references, log);
    const accountOf = (apiKey: string) => ({
        apiKey,
        api: comparedApi(httpApi({ gatewayUrl: config.gatewayUrl, apiKey }), references)
    });
    const certifier = { canisterId, rootKey: new Uint8Array(rootKey), nowMs: () => systemClock.nowMs() };
    return {
        state: canisterState(stateMachine, own),
        agreement: canisterAgreement(stateMachine, own.principal, certifier),
        records: canisterRecords(hub, rewards),
        plan: hub && canisterPlan(hub, own.principal, config.apiKeys.map(accountOf)),
        journal: fileStore(journalFileOf(config)),
        api: accountOf(config.apiKeys[0]).api,
        metrics: prometheusMetrics(),
        clock: systemClock
    };
}
