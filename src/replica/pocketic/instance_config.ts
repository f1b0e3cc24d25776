import type { SessionOptions } from '../worker/api';
import { utf8 } from '../wire/bytes';
import { Body, InvalidBodyError } from './json';
import { subnetPlans, subnetTerms, withSystemSubnets, type RequestedSubnet, type SubnetKind } from './subnet_kinds';

/** What `POST /instances` asks for, as far as this server has it. */
export interface InstanceConfig {
    /** Kinds that the topology shows, home subnet first: of Application, Bitcoin, Fiduciary, II, NNS, SNS, System. */
    readonly subnetKinds: readonly SubnetKind[];
    readonly session: SessionOptions;
}

/** Instances are deterministic: all of them have these keys and this randomness, as on the real server. */
const instanceSeed = utf8('pocket-ic instance');

/** Kinds with a list, and kinds with one subnet at most: canisters are created on the first in this order. */
const listKinds = [
    ['application', 'Application'],
    ['system', 'System']
] as const;
const singleKinds = [
    ['nns', 'NNS'],
    ['sns', 'SNS'],
    ['ii', 'II'],
    ['fiduciary', 'Fiduciary'],
    ['bitcoin', 'Bitcoin']
] as const;

/** Throws InvalidBodyError, also for what exists in the real server and not here. */
export function readInstanceConfig(value: unknown): InstanceConfig {
    const body = new Body(value);
    const natives = systemCanisterOptions(body.optionalObject('icp_features'));
    const wanted = requestedSubnets(body.object('subnet_config_set'));
    const subnets = natives.systemCanisters === undefined ? wanted : withSystemSubnets(wanted);
    const first = subnets[0];
    if (first === undefined) {
        throw new InvalidBodyError('subnet_config_set has no subnet');
    }
    return {
        subnetKinds: subnets.map(({ kind }) => kind),
        session: {
            seed: instanceSeed,
            ...natives,
            ...clock(body.optionalObject('initial_time')),
            ...subnetTerms(first),
            ...(subnets.length === 1 ? {} : { subnets: subnetPlans(subnets) }),
            ignoreExpiry: body.get('disable_ingress_validation') === true
        }
    };
}

/** Where PocketIC's time begins: 2021-05-06T19:17:10Z. */
const earliestNs = 1_620_328_630_000_000_000n;

/** A start time for a network that is driven by hand, or a network that follows the wall clock from the start. */
function clock(initial: Body | undefined): Pick<SessionOptions, 'live' | 'genesisNs' | 'artificialDelayMs'> {
    const live = initial?.optionalObject('AutoProgress');
    if (live !== undefined) {
        const delay = live.get('artificial_delay_ms');
        const isDelayed = delay !== undefined && delay !== null;
        return { live: true, ...(isDelayed ? { artificialDelayMs: Number(live.nat('artificial_delay_ms')) } : {}) };
    }
    const genesisNs = initial?.optionalObject('Timestamp')?.nat('nanos_since_epoch');
    if (genesisNs === undefined) return { live: false };
    if (genesisNs >= earliestNs) return { live: false, genesisNs };
    throw new InvalidBodyError(
        `The initial timestamp (unix timestamp in nanoseconds) must be no earlier than ${earliestNs} (provided ${genesisNs}).`
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
    const verified = set
        .array('verified_application')
        .map((item) => requestedSubnet('Application', new Body(item, 'verified_application')));
    return [...lists, ...verified, ...singles];
}

/** Throws InvalidBodyError for a subnet that goes on from state. */
function requestedSubnet(kind: SubnetKind, config: Body): RequestedSubnet {
    if (config.get('state_config') !== undefined && config.get('state_config') !== 'New') {
        throw new InvalidBodyError('state_config: this server starts from empty state only');
    }
    return {
        kind,
        isFree: config.get('cost_schedule') === 'Free',
        isForBenchmarks: config.get('instruction_config') === 'Benchmarking'
    };
}

/** What the native canisters offer; whoever asks for one of them gets all. */
const offeredFeatures = ['registry', 'cycles_minting', 'icp_token', 'cycles_token'];
const missingFeatures = ['nns_governance', 'sns', 'ii', 'nns_ui', 'bitcoin', 'dogecoin', 'canister_migration'];

/** The real server begins here when the rate between ICP and XDR matters: 2021-05-10T08:00:00Z. */
const ratedGenesisNs = 1_620_633_600_000_000_000n;

function systemCanisterOptions(requested: Body | undefined): Pick<SessionOptions, 'systemCanisters' | 'genesisNs'> {
    const isWanted = (feature: string): boolean => requested?.get(feature) !== undefined;
    const missing = missingFeatures.filter(isWanted);
    if (missing.length > 0) {
        throw new InvalidBodyError(`icp_features: this server has no ${missing.join(', ')}`);
    }
    if (!offeredFeatures.some(isWanted)) return {};
    const genesis = isWanted('cycles_minting') ? { genesisNs: ratedGenesisNs } : {};
    return { systemCanisters: { faucet: false }, ...genesis };
}
