import type { SessionOptions } from '../worker/api';
import { utf8 } from '../wire/bytes';
import { Body, InvalidBodyError } from './json';

/** What `POST /instances` asks for, as far as this server has it. */
export interface InstanceConfig {
    /** Kind that the topology shows: one of Application, Bitcoin, Fiduciary, II, NNS, SNS, System. */
    readonly subnetKind: string;
    readonly session: SessionOptions;
}

/** Instances are deterministic: all of them have these keys and this randomness, as on the real server. */
const instanceSeed = utf8('pocket-ic instance');

/** Kinds with one subnet at most, and kinds with a list, in the order in which one of them stands for the network. */
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
    const subnets = requestedSubnets(body.object('subnet_config_set'));
    const first = subnets[0];
    if (first === undefined) {
        throw new InvalidBodyError('subnet_config_set has no subnet');
    }
    for (const { config } of subnets) {
        if (config.get('state_config') !== undefined && config.get('state_config') !== 'New') {
            throw new InvalidBodyError('state_config: this server starts from empty state only');
        }
    }
    return {
        subnetKind: first.kind,
        session: {
            live: false,
            seed: instanceSeed,
            ...natives,
            costSchedule: first.config.get('cost_schedule') === 'Free' ? 'Free' : 'Normal',
            instructionLimits:
                first.config.get('instruction_config') === 'Benchmarking' ? 'benchmarking' : 'production',
            ignoreExpiry: body.get('disable_ingress_validation') === true
        }
    };
}

function requestedSubnets(set: Body): readonly { readonly kind: string; readonly config: Body }[] {
    const lists = listKinds.flatMap(([field, kind]) =>
        set.array(field).map((item) => ({ kind, config: new Body(item, field) }))
    );
    const singles = singleKinds.flatMap(([field, kind]) => {
        const config = set.optionalObject(field);
        return config === undefined ? [] : [{ kind, config }];
    });
    const verified = set
        .array('verified_application')
        .map((item) => ({ kind: 'Application', config: new Body(item, 'verified_application') }));
    return [...lists, ...verified, ...singles];
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
