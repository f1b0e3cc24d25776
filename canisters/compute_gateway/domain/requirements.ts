import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { Place } from './routing';
import type { GatewayTables } from './tables';

/** What a developer asks of the nodes that serve an app: only what the network itself has found out about them. */
export interface Requirements {
    /** Least E, by the node's proofs of computing; in units of 10^-8. */
    readonly minE: bigint;
    /** A region that nodes must be in, such as `eu`; empty: anywhere. */
    readonly region: Place;
}

/** What the state machine says of a node that requirements are about. */
export interface Capability {
    /** E in units of 10^-8. */
    readonly eValue: bigint;
    readonly region: Place;
}

const REGION = /^([a-z0-9]+(-[a-z0-9]+)*)?$/;
const MAX_REGION_LENGTH = 64;

export function areRequirementsSound({ region }: Requirements): boolean {
    return region.length <= MAX_REGION_LENGTH && REGION.test(region);
}

/** Whether a node may serve an app. */
export function mayOffer(
    { requirements }: Pick<GatewayTables, 'requirements'>,
    appId: string,
    capability: Capability
): boolean {
    const required = requirements.get(appId);
    if (required === undefined) return true;
    return capability.eValue >= required.minE && isWithin(capability.region, required.region);
}

/** Whether a node may serve all of these apps; otherwise the first one that asks for more. */
export function checkRequirements(
    tables: GatewayTables,
    appIds: readonly string[],
    capability: Capability
): Result<void, ErrorOf<'RequirementsNotMet'>> {
    const refused = appIds.find((appId) => !mayOffer(tables, appId, capability));
    return refused === undefined ? ok(undefined) : err({ kind: 'RequirementsNotMet', appId: refused });
}

/** Regions are parts from the largest to the smallest: `eu-west-1` is within `eu`, and within `eu-west`. */
function isWithin(place: Place, region: Place): boolean {
    return region === '' || place === region || place.startsWith(`${region}-`);
}
