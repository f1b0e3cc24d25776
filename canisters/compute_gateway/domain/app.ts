import type { Principal } from '@dfinity/principal';
import { maxAmount, minAmount } from '../../../src/core/amount';
import { isAppId } from '../../../src/core/compute/app_names';
import type { AppKind } from '../../../src/core/compute/app_terms';
import { BATCH_EXEC_S, INTERACTIVE_EXEC_S } from '../../../src/core/compute/exec_limits';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { Limits } from './limits';
import { areRequirementsSound, type Requirements } from './requirements';

export { APP_KINDS, type AppKind } from '../../../src/core/compute/app_terms';

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
    /** Longest run of one attempt, from its claim on; absent: by the kind ({@link usualExecLimitS}). */
    readonly execLimitS?: bigint;
    /** Absent: any active node may serve it. */
    readonly requirements?: Requirements;
}

export interface App extends Omit<AppSpec, 'requirements'> {
    readonly execLimitS: bigint;
    readonly developer: Principal;
    readonly registeredAtNs: bigint;
}

const UNIT = /^[a-z0-9_]{1,32}$/;
const MAX_U64 = (1n << 64n) - 1n;

/** Somebody waits for the answer (compute.md §5.3). */
const INTERACTIVE: ReadonlySet<AppKind> = new Set(['Chat', 'Completion']);

/** The limit of an app that names none: by its kind, and no shorter than its lease. In seconds. */
export function usualExecLimitS({ kind, leaseS }: Pick<App, 'kind' | 'leaseS'>): bigint {
    return maxAmount(INTERACTIVE.has(kind) ? INTERACTIVE_EXEC_S : BATCH_EXEC_S, leaseS);
}

/** How long an attempt may run now: the app's own limit, below the canister's. In seconds. */
export function execLimitS(app: App, limits: Limits): bigint {
    const { execLimitS: own } = app;
    const { maxExecS } = limits;
    return own < maxExecS ? own : maxExecS;
}

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
    // Jobs of a free app would need no credits: anybody could fill the queue with them, under as many names as it takes.
    if (spec.unitPriceCredits === 0n || spec.maxUnits * spec.unitPriceCredits > MAX_U64) return 'unit_price_credits';
    if (spec.leaseS < limits.minLeaseS || spec.leaseS > minAmount(limits.maxLeaseS, limits.maxExecS)) return 'lease_s';
    const execS = spec.execLimitS;
    if (execS !== undefined && (execS < spec.leaseS || execS > limits.maxExecS)) return 'exec_limit_s';
    if (spec.requirements !== undefined && !areRequirementsSound(spec.requirements)) return 'requirements';
    return undefined;
}
