import { readdirSync, statSync } from 'node:fs';
import type { SessionOptions } from '../worker/api';
import { utf8 } from '../wire/bytes';
import { readGatewayConfig, type GatewayConfig } from './gateway_config';
import { Body, InvalidBodyError } from './json';
import { kindFacts, subnetPlans, type RequestedSubnet, type SubnetKind } from '../subnet_kinds';

/** What `POST /instances` asks for, as far as this server has it. */
export interface InstanceConfig {
    readonly session: SessionOptions;
    /** Served as soon as the instance is there. */
    readonly gateway?: GatewayConfig;
    /** Folder where the instance keeps its state; default: in memory. */
    readonly stateDir?: string;
}

/** Instances are deterministic: all of them have these keys and this randomness, as on the real server. */
const instanceSeed = utf8('pocket-ic instance');

/** Kinds with a list, and kinds with one subnet at most: canisters are created on the first in this order. */
const listKinds = [
    ['application', 'Application'],
    ['system', 'System'],
    // Clients of this generation know no kind of their own for these.
    ['verified_application', 'Application'],
    ['cloud_engine', 'CloudEngine']
] as const;
const singleKinds = [
    ['nns', 'NNS'],
    ['sns', 'SNS'],
    ['ii', 'II'],
    ['fiduciary', 'Fiduciary'],
    ['bitcoin', 'Bitcoin'],
    ['test_threshold_keys', 'TestThresholdKeys']
] as const;

/** Throws InvalidBodyError, also for what exists in the real server and not here. */
export function readInstanceConfig(value: unknown): InstanceConfig {
    const body = new Body(value);
    checkLogLevel(body);
    const features = requestedFeatures(body.optionalObject('icp_features'));
    const gateway = body.optionalObject('http_gateway_config');
    refuseMissingFeatures(features, gateway !== undefined);
    const subnets = withSubnetsOf(features, requestedSubnets(body.object('subnet_config_set')));
    const stateDir = body.get('state_dir') === undefined ? undefined : body.text('state_dir');
    if (subnets.length === 0 && stateDir === undefined) {
        throw new InvalidBodyError('SubnetConfigSet must contain at least one subnet');
    }
    const kinds = subnets.map(({ kind }) => kind);
    return {
        session: {
            seed: instanceSeed,
            ...(features.size > 0 ? { systemCanisters: { faucet: false } } : {}),
            ...clock(body.optionalObject('initial_time'), features.has('cycles_minting')),
            thresholdKeys: [...new Set(kinds.flatMap((kind) => kindFacts[kind].keys))],
            subnets: subnetPlans(subnets, body.get('mainnet_nns_subnet_id') === true),
            addsMainnetSubnets: true,
            skipsValidation: body.get('disable_ingress_validation') === true,
            printsLogs: true
        },
        ...(gateway && { gateway: readGatewayConfig(gateway) }),
        ...(stateDir === undefined ? {} : { stateDir })
    };
}

const logLevels = new Set(['critical', 'error', 'warn', 'warning', 'info', 'debug', 'trace']);

/** The level itself changes nothing here: there is no replica that logs. */
function checkLogLevel(body: Body): void {
    const level = body.get('log_level') === undefined ? 'info' : body.text('log_level');
    if (!logLevels.has(level.toLowerCase())) throw new InvalidBodyError(`Failed to parse log level: ${level}`);
}

/** Where PocketIC's time begins: 2021-05-06T19:17:10Z; when the rate between ICP and XDR matters, 2021-05-10T08:00:01Z. */
const earliestNs = 1_620_328_630_000_000_000n;
const ratedGenesisNs = 1_620_633_601_000_000_000n;

/** A start time for a network that is driven by hand, or a network that follows the wall clock from the start. */
function clock(
    initial: Body | undefined,
    isRated: boolean
): Pick<SessionOptions, 'live' | 'genesisNs' | 'artificialDelayMs'> {
    const live = initial?.optionalObject('AutoProgress');
    if (live !== undefined) {
        const delay = live.get('artificial_delay_ms');
        return {
            live: true,
            ...(delay === undefined ? {} : { artificialDelayMs: Number(live.nat('artificial_delay_ms')) })
        };
    }
    const least = isRated ? ratedGenesisNs : earliestNs;
    const givenNs = initial?.optionalObject('Timestamp')?.nat('nanos_since_epoch');
    if (givenNs === undefined) return { live: false, ...(isRated ? { genesisNs: ratedGenesisNs } : {}) };
    // The making of an instance takes a nanosecond.
    if (givenNs >= least) return { live: false, genesisNs: givenNs + 1n };
    throw new InvalidBodyError(
        `The initial timestamp (unix timestamp in nanoseconds) must be no earlier than ${least} (provided ${givenNs}).`
    );
}

function requestedSubnets(set: Body): readonly RequestedSubnet[] {
    const lists = listKinds.flatMap(([field, kind]) =>
        set.array(field).map((item) => requestedSubnet(kind, new Body(item, field)))
    );
    const singles = singleKinds.flatMap(([field, kind]) => {
        const config = set.optionalObject(field);
        return config === undefined ? [] : [requestedSubnet(kind, config)];
    });
    return [...lists, ...singles];
}

function requestedSubnet(kind: SubnetKind, config: Body): RequestedSubnet {
    checkStateConfig(config);
    return {
        kind,
        isFree: config.get('cost_schedule') === 'Free',
        isForBenchmarks: config.get('instruction_config') === 'Benchmarking'
    };
}

/** States of single subnets are files of the real replica, which cannot be read here. */
function checkStateConfig(config: Body): void {
    const state = config.get('state_config');
    if (state === undefined || state === 'New') return;
    const path = config.object('state_config').text('FromPath');
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isFolder) throw new InvalidBodyError(`The path ${path} is not a (subnet state) directory.`);
    if (readdirSync(path).length === 0)
        throw new InvalidBodyError(`Provided an empty state directory at path ${path}.`);
    throw new InvalidBodyError(
        'state_config: this server starts subnets from empty state only; state_dir keeps an instance'
    );
}

/** What the native canisters offer, and where they are on the real network. */
const featureSubnets: ReadonlyMap<string, SubnetKind> = new Map<string, SubnetKind>([
    ['registry', 'NNS'],
    ['cycles_minting', 'NNS'],
    ['icp_token', 'NNS'],
    ['cycles_token', 'II']
]);
const missingFeatures = ['nns_governance', 'sns', 'ii', 'nns_ui', 'bitcoin', 'dogecoin', 'canister_migration'];
/** Whoever asks for one of these without a gateway is told of that first. */
const gatewayFeatures = ['ii', 'nns_ui'];

function requestedFeatures(requested: Body | undefined): ReadonlySet<string> {
    const known = [...featureSubnets.keys(), ...missingFeatures];
    return new Set(known.filter((feature) => requested?.get(feature) !== undefined));
}

function refuseMissingFeatures(features: ReadonlySet<string>, hasGateway: boolean): void {
    const unserved = hasGateway ? undefined : gatewayFeatures.find((feature) => features.has(feature));
    if (unserved !== undefined) throw new InvalidBodyError(`The \`${unserved}\` ICP feature requires an HTTP gateway.`);
    const missing = missingFeatures.filter((feature) => features.has(feature));
    if (missing.length > 0) throw new InvalidBodyError(`icp_features: this server has no ${missing.join(', ')}`);
}

/** Features bring the subnets that their canisters are on. */
function withSubnetsOf(features: ReadonlySet<string>, subnets: readonly RequestedSubnet[]): readonly RequestedSubnet[] {
    const kinds = new Set([...features].flatMap((feature) => featureSubnets.get(feature) ?? []));
    const absent = [...kinds].filter((kind) => !subnets.some((subnet) => subnet.kind === kind));
    return [...subnets, ...absent.map((kind) => ({ kind }))];
}
