/** The kinds of subnets that an instance may have, and what each has from the real network. */
import { Principal } from '@dfinity/principal';
import { defaultSubnetType } from './natives/placement';
import type { CanisterRange } from './state/api';
import { canisterIdOfIndex, indexOfCanisterId, isCanisterId } from './state/principals';
import type { SubnetPlan } from './subnets';
import { KEY_NAMES } from './threshold/master';

/** As PocketIC spells them. */
export type SubnetKind =
    'Application' | 'System' | 'NNS' | 'SNS' | 'II' | 'Fiduciary' | 'Bitcoin' | 'TestThresholdKeys' | 'CloudEngine';

/** What comes with a kind. */
export interface KindFacts {
    /** Subnets that run the network itself, where nobody pays. */
    readonly isSystem: boolean;
    /** As many as on the real network: prices grow with them. */
    readonly nodes: number;
    /** Where the canisters of these subnets are on the real network; none for kinds without a fixed place. */
    readonly ranges: readonly Range[];
    /** Threshold keys that canisters anywhere on the network may use when such a subnet is there. */
    readonly keys: readonly string[];
}

/** Indices of canister ids, both ends included. */
export type Range = readonly [first: bigint, last: bigint];

const ordinary: KindFacts = { isSystem: false, nodes: 13, ranges: [], keys: [] };

/** By kind. */
export const kindFacts: Readonly<Record<SubnetKind, KindFacts>> = {
    Application: ordinary,
    CloudEngine: ordinary,
    System: { ...ordinary, isSystem: true },
    NNS: {
        ...ordinary,
        isSystem: true,
        nodes: 40,
        ranges: [
            [0n, 6n],
            [8n, 0xf_ffffn]
        ]
    },
    SNS: { ...ordinary, nodes: 34, ranges: [[0x200_0000n, 0x20f_ffffn]] },
    II: {
        isSystem: true,
        nodes: 34,
        ranges: [
            [7n, 7n],
            [0x210_0000n, 0x21f_ffffn]
        ],
        keys: KEY_NAMES
    },
    Fiduciary: { isSystem: false, nodes: 34, ranges: [[0x230_0000n, 0x23f_ffffn]], keys: KEY_NAMES },
    Bitcoin: { ...ordinary, isSystem: true, ranges: [[0x1a0_0000n, 0x1af_ffffn]] },
    TestThresholdKeys: { ...ordinary, keys: KEY_NAMES.filter((name) => name !== 'key_1') }
};

/** Ids above this are not given by the real network, at least not yet. */
const lastMainnetIndex = 0x3ff_ffffn;

const namedRanges = Object.entries(kindFacts).flatMap(([kind, { ranges }]) =>
    ranges.map((range) => ({ kind, range }) as const)
);

/** Of the NNS and of Internet Identity: these ids are on no other subnet, whether theirs is there or not. */
const boundKinds: ReadonlySet<string> = new Set(['NNS', 'II']);

/** What the real network calls `rwlgt-…`, `rdmx6-…` and the like. */
export function isBoundToNamedSubnet(index: bigint): boolean {
    return namedRanges.some(
        ({ kind, range: [first, last] }) => boundKinds.has(kind) && first <= index && index <= last
    );
}

/** Whether it is one of the kinds. */
export function isSubnetKind(name: string): name is SubnetKind {
    return name in kindFacts;
}

/** A subnet that somebody asked for. */
export interface RequestedSubnet {
    readonly kind: SubnetKind;
    /** Nobody pays on a free one; system subnets are free. */
    readonly isFree?: boolean;
    readonly isForBenchmarks?: boolean;
}

const mainnetNns = Principal.fromText('tdb26-jop6k-aogll-7ltgs-eruif-6kk7m-qpktf-gdiqx-mxtrf-vb5e6-eqe');

/**
 * The NNS is the root subnet, as on the real network; without one it is the first subnet. `hasMainnetNns` gives the NNS subnet its id
 * on the real network.
 */
export function subnetPlans(subnets: readonly RequestedSubnet[], hasMainnetNns = false): readonly SubnetPlan[] {
    const kinds = subnets.map(({ kind }) => kind);
    const root = Math.max(kinds.indexOf('NNS'), 0);
    return subnets.map((subnet, place) => ({
        ...planOf(subnet),
        isRoot: place === root,
        ...(subnet.kind === 'NNS' && hasMainnetNns ? { subnetId: mainnetNns.toUint8Array() } : {})
    }));
}

function planOf({ kind, isFree = false, isForBenchmarks = false }: RequestedSubnet): Omit<SubnetPlan, 'isRoot'> {
    const { isSystem, nodes, ranges } = kindFacts[kind];
    return {
        kind,
        type: isSystem ? 'system' : 'application',
        costSchedule: isFree || isSystem ? 'Free' : 'Normal',
        instructionLimits: isForBenchmarks ? 'benchmarking' : 'production',
        pricedNodes: nodes,
        reservedRanges: ranges.map(idRange),
        ...offerOf(kind)
    };
}

function idRange([first, last]: Range): CanisterRange {
    return { start: canisterIdOfIndex(first), end: canisterIdOfIndex(last) };
}

/** Canisters go to application subnets, and by its type to the fiduciary one. */
function offerOf(kind: SubnetKind): Pick<SubnetPlan, 'offeredAs'> {
    if (kind === 'Application') return { offeredAs: defaultSubnetType };
    return kind === 'Fiduciary' ? { offeredAs: 'fiduciary' } : {};
}

/** Ids of a subnet of the real network: a block of 2^20. */
const blockBits = 20n;

/** A subnet of the real network that comes into being when somebody creates a canister with one of its ids. */
export interface MainnetSubnet {
    /** Which block of ids it has; names the subnet. */
    readonly block: bigint;
    readonly plan: SubnetPlan;
}

/** The subnet of an id of the real network; undefined for other ids, and for those of the NNS and of II. */
export function mainnetSubnet(canisterId: Uint8Array): MainnetSubnet | undefined {
    if (!isCanisterId(canisterId)) return undefined;
    const index = indexOfCanisterId(canisterId);
    if (index > lastMainnetIndex || isBoundToNamedSubnet(index)) return undefined;
    const block = index >> blockBits;
    const named = namedRanges.find(({ range: [first, last] }) => first <= index && index <= last)?.kind;
    const kind = named !== undefined && isSubnetKind(named) ? named : 'Application';
    const first = block << blockBits;
    const ranges = [idRange([first, first + (1n << blockBits) - 1n])];
    return { block, plan: { ...planOf({ kind }), isRoot: false, reservedRanges: ranges } };
}
