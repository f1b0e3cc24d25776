import type { Principal } from '@dfinity/principal';
import { QUANTIZATION } from '../../../src/core/compute/app_terms';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { Lack } from './lacks';
import type { Place } from './routing';
import type { GatewayTables } from './tables';

/**
 * What a developer asks of the nodes that serve an app. E and region are what the network itself has found out; video memory and
 * quantisation are the node's own word, which nothing here proves (compute.md §4.9): they spare honest nodes jobs that they could
 * not run as the app wants them run.
 */
export interface Requirements {
    /** Least E, by the node's proofs of computing; in units of 10^-8. */
    readonly minE: bigint;
    /** A region that nodes must be in, such as `eu`; empty: anywhere. */
    readonly region: Place;
    /** Least video memory of the node, in MiB; 0: any. */
    readonly minVramMib: bigint;
    /** How the weights are quantised, such as `q4_k_m`; empty: anyhow. */
    readonly quantization: string;
}

/** What the state machine says of a node that requirements are about. */
export interface Capability {
    /** E in units of 10^-8. */
    readonly eValue: bigint;
    readonly region: Place;
}

/** What a node says of itself; absent where it says nothing. */
export interface Capacity {
    /** Of all devices that run its models, in MiB. */
    readonly vramMib: bigint;
    /** How it runs the apps of its offer, for those of which it says. */
    readonly quantizations: readonly AppQuantization[];
}

export interface AppQuantization {
    readonly appId: string;
    readonly quantization: string;
}

/** Why a node that wanted to serve an app could not. */
export interface Shortfall {
    readonly lacks: Lack;
    readonly atNs: bigint;
}

const REGION = /^([a-z0-9]+(-[a-z0-9]+)*)?$/;
const MAX_REGION_LENGTH = 64;

export function areRequirementsSound({ region, quantization }: Requirements): boolean {
    const isQuantizationSound = quantization === '' || QUANTIZATION.test(quantization);
    return region.length <= MAX_REGION_LENGTH && REGION.test(region) && isQuantizationSound;
}

/** Whether a node says each thing once, about apps that it offers. */
export function isCapacitySound({ quantizations }: Capacity, appIds: readonly string[]): boolean {
    const named = quantizations.map(({ appId }) => appId);
    return (
        new Set(named).size === named.length &&
        named.every((appId) => appIds.includes(appId)) &&
        quantizations.every(({ quantization }) => QUANTIZATION.test(quantization))
    );
}

/** What a node lacks to serve an app; undefined when it may. */
export function lackFor(
    { requirements }: Pick<GatewayTables, 'requirements'>,
    appId: string,
    { eValue, region }: Capability,
    capacity: Capacity | undefined
): Lack | undefined {
    const required = requirements.get(appId);
    if (required === undefined) return undefined;
    if (eValue < required.minE) return 'E';
    if (!isWithin(region, required.region)) return 'Region';
    if ((capacity?.vramMib ?? 0n) < required.minVramMib) return 'Vram';
    const own = capacity?.quantizations.find((one) => one.appId === appId)?.quantization ?? '';
    return required.quantization === '' || own === required.quantization ? undefined : 'Quantization';
}

/** Whether a node may serve all of these apps; otherwise the first one that asks for more, which is remembered. */
export function checkRequirements(
    tables: Pick<GatewayTables, 'requirements' | 'shortfalls'>,
    appIds: readonly string[],
    capability: Capability,
    capacity: Capacity | undefined,
    nowNs: bigint
): Result<void, ErrorOf<'RequirementsNotMet'>> {
    for (const appId of appIds) {
        const lacks = lackFor(tables, appId, capability, capacity);
        if (lacks === undefined) continue;
        tables.shortfalls.set(appId, { lacks, atNs: nowNs });
        return err({ kind: 'RequirementsNotMet', appId, lacks });
    }
    return ok(undefined);
}

/** What the apps lack that a node offers and may not serve now, which is remembered. */
export function withheldOf(
    tables: Pick<GatewayTables, 'requirements' | 'shortfalls' | 'capacities'>,
    node: Principal,
    appIds: readonly string[],
    capability: Capability,
    nowNs: bigint
): readonly string[] {
    const capacity = tables.capacities.get(node);
    return appIds.filter((appId) => {
        const lacks = lackFor(tables, appId, capability, capacity);
        if (lacks !== undefined) tables.shortfalls.set(appId, { lacks, atNs: nowNs });
        return lacks !== undefined;
    });
}

/** Regions are parts from the largest to the smallest: `eu-west-1` is within `eu`, and within `eu-west`. */
function isWithin(place: Place, region: Place): boolean {
    return region === '' || place === region || place.startsWith(`${region}-`);
}
