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
    refuseFeatures(body.optionalObject('icp_features'));
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

const features = ['registry', 'cycles_minting', 'icp_token', 'cycles_token', 'nns_governance', 'sns', 'ii', 'nns_ui'];

function refuseFeatures(requested: Body | undefined): void {
    const wanted = features.filter((feature) => requested?.get(feature) !== undefined);
    if (wanted.length > 0) {
        throw new InvalidBodyError(`icp_features: this server has no ${wanted.join(', ')}`);
    }
}
