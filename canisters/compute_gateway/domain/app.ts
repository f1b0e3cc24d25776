import type { Principal } from '@dfinity/principal';
import { isAppId } from '../../../src/core/compute/app_names';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { Limits } from './limits';
import { areRequirementsSound, type Requirements } from './requirements';

/** Closed list; stored by position, so append only. */
export const APP_KINDS = ['Embedding', 'Chat', 'Completion', 'Image', 'Other'] as const;
export type AppKind = (typeof APP_KINDS)[number];

/** What a developer offers: one model, its price, and the bounds of one job. */
export interface AppSpec {
    readonly appId: string;
    readonly kind: AppKind;
    /** SHA-256 that names the model; 32 bytes. */
    readonly modelHash: Uint8Array;
    /** What one unit is: `token`, `input`, `image`, … */
    readonly unit: string;
    readonly unitPriceCredits: bigint;
    readonly maxUnits: bigint;
    readonly leaseS: bigint;
    /** Absent: any active node may serve it. */
    readonly requirements?: Requirements;
}

export interface App extends Omit<AppSpec, 'requirements'> {
    readonly developer: Principal;
    readonly registeredAtNs: bigint;
}

const UNIT = /^[a-z0-9_]{1,32}$/;
const MAX_U64 = (1n << 64n) - 1n;

/** Checks everything about a specification that needs no table. */
export function checkAppSpec(spec: AppSpec, limits: Limits): Result<void, ErrorOf<'InvalidArgument'>> {
    const problem = firstProblem(spec, limits);
    return problem === undefined ? ok(undefined) : err({ kind: 'InvalidArgument', reason: problem });
}

function firstProblem(spec: AppSpec, limits: Limits): string | undefined {
    if (!isAppId(spec.appId)) return 'app_id';
    if (!UNIT.test(spec.unit)) return 'unit';
    if (spec.modelHash.length !== 32) return 'model_hash';
    if (spec.maxUnits === 0n) return 'max_units';
    if (spec.maxUnits * spec.unitPriceCredits > MAX_U64) return 'unit_price_credits';
    if (spec.leaseS < limits.minLeaseS || spec.leaseS > limits.maxLeaseS) return 'lease_s';
    if (spec.requirements !== undefined && !areRequirementsSound(spec.requirements)) return 'requirements';
    return undefined;
}
