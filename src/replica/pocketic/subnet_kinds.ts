/** Kinds of subnets, as PocketIC names them, and what each kind means here. */
import { defaultSubnetType } from '../natives/placement';
import type { CanisterRange } from '../state/api';
import { canisterIdOfIndex } from '../state/principals';
import type { SubnetPlan } from '../subnets';

/** As PocketIC spells them. */
export type SubnetKind = (typeof subnetKinds)[number];
const subnetKinds = ['Application', 'System', 'NNS', 'SNS', 'II', 'Fiduciary', 'Bitcoin'] as const;

/** Whether it is one of the kinds. */
export function isSubnetKind(name: string): name is SubnetKind {
    return subnetKinds.some((kind) => kind === name);
}

/** A subnet that somebody asked for. */
export interface RequestedSubnet {
    readonly kind: SubnetKind;
    /** Nobody pays on a free one; system subnets are free. */
    readonly isFree?: boolean;
    readonly isForBenchmarks?: boolean;
}

/** Subnets that run the network itself, where nobody pays. */
const systemKinds: ReadonlySet<SubnetKind> = new Set<SubnetKind>(['NNS', 'II', 'Bitcoin', 'System']);

/**
 * Of several subnets one must have the ids of each system canister: the NNS has all but the cycles ledger's, which is on the
 * subnet of Internet Identity. One subnet alone has every id.
 */
export function withSystemSubnets(subnets: readonly RequestedSubnet[]): readonly RequestedSubnet[] {
    if (subnets.length < 2) return subnets;
    const missing = (['NNS', 'II'] as const).filter((kind) => subnets.every((subnet) => subnet.kind !== kind));
    return [...subnets, ...missing.map((kind) => ({ kind }))];
}

/** What it costs to run on the subnet, and how long a message may take. */
export function subnetTerms({
    kind,
    isFree = false,
    isForBenchmarks = false
}: RequestedSubnet): Pick<SubnetPlan, 'costSchedule' | 'instructionLimits'> {
    return {
        costSchedule: isFree || systemKinds.has(kind) ? 'Free' : 'Normal',
        instructionLimits: isForBenchmarks ? 'benchmarking' : 'production'
    };
}

/** The NNS is the root subnet, as on the real network; without one it is the first subnet. */
export function subnetPlans(subnets: readonly RequestedSubnet[]): readonly SubnetPlan[] {
    const nns = subnets.findIndex(({ kind }) => kind === 'NNS');
    const offer = offerOf(subnets);
    return subnets.map((subnet, place) => ({
        ...subnetTerms(subnet),
        type: systemKinds.has(subnet.kind) ? 'system' : 'application',
        isRoot: place === Math.max(nns, 0),
        reservedRanges: reservedRanges[subnet.kind] ?? [],
        ...offer(subnet.kind)
    }));
}

/**
 * Canisters go to application subnets, and by its type to the fiduciary one. A network without application subnets offers the
 * first subnet there is, so that something can be deployed on it.
 */
function offerOf(subnets: readonly RequestedSubnet[]): (kind: SubnetKind) => Pick<SubnetPlan, 'offeredAs'> {
    const hasApplications = subnets.some(({ kind }) => kind === 'Application');
    const home = hasApplications ? 'Application' : subnets[0]?.kind;
    return (kind) => {
        if (kind === home) return { offeredAs: defaultSubnetType };
        return kind === 'Fiduciary' ? { offeredAs: 'fiduciary' } : {};
    };
}

const ids = (first: bigint, last: bigint): CanisterRange => ({
    start: canisterIdOfIndex(first),
    end: canisterIdOfIndex(last)
});

/** Where the canisters of these subnets are on the real network. */
const reservedRanges: Partial<Readonly<Record<SubnetKind, readonly CanisterRange[]>>> = {
    NNS: [ids(0n, 6n), ids(8n, 0xf_ffffn)],
    II: [ids(7n, 7n), ids(0x210_0000n, 0x21f_ffffn)],
    SNS: [ids(0x200_0000n, 0x20f_ffffn)],
    Bitcoin: [ids(0x1a0_0000n, 0x1af_ffffn)],
    Fiduciary: [ids(0x230_0000n, 0x23f_ffffn)]
};
