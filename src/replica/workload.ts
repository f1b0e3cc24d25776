/** The subnets of a network that somebody starts by naming kinds of subnets, as `icp.yaml` and the commands do. */
import { defaultSubnetType } from './natives/placement';
import type { SubnetPlan } from './subnets';
import { failure, success, type Result } from './wire/result';
import { isSubnetKind, subnetPlans, type SubnetKind } from './subnet_kinds';

/** The kinds by the names of the network launcher's interface; of those that every such network has, none is added. */
const kindsByName: ReadonlyMap<string, SubnetKind | undefined> = new Map([
    ['application', 'Application'],
    ['verified-application', 'Application'],
    ['system', 'System'],
    ['bitcoin', 'Bitcoin'],
    ['sns', 'SNS'],
    ['nns', undefined],
    ['fiduciary', undefined],
    ['test-threshold-keys', undefined]
]);
/** As on the real network: the root, the ledgers of cycles and identities, and where keys are guarded. */
const basicKinds: readonly SubnetKind[] = ['NNS', 'II', 'Fiduciary'];

/** Names that `networkKinds` takes. */
export const workloadNames: readonly string[] = [...kindsByName.keys()];

/**
 * All subnets of the network: those that are named, application subnets first, because canisters are created on the first subnet, and
 * those that every network has. The error is a sentence.
 */
export function networkKinds(names: readonly string[]): Result<readonly SubnetKind[], string> {
    const unknown = names.find((name) => !kindsByName.has(name));
    if (unknown !== undefined) return failure(`The embedded network has no subnet of kind ${unknown}`);
    const kinds = names.flatMap((name) => kindsByName.get(name) ?? []);
    const several = (['Application', 'System'] as const).flatMap((kind) => kinds.filter((each) => each === kind));
    const single = (['SNS', 'Bitcoin'] as const).filter((kind) => kinds.includes(kind));
    return success([...several, ...single, ...basicKinds]);
}

/**
 * The first subnet has all ids that no other has, so that a canister can be created with any id. A network without application
 * subnets offers its first one in their place, so that something can be deployed on it.
 */
export function plansOf(kinds: readonly string[]): readonly SubnetPlan[] {
    const plans = subnetPlans(kinds.filter(isSubnetKind).map((kind) => ({ kind })));
    const hasDefault = plans.some(({ offeredAs }) => offeredAs === defaultSubnetType);
    return plans.map((plan, place) => ({
        ...plan,
        hasRemainingIds: place === 0,
        ...(place === 0 && !hasDefault && { offeredAs: defaultSubnetType })
    }));
}
