/** The subnets of a network: their keys, their canister ranges, and the certificates that each of them signs. */
import { defaultSubnetType, type OfferedSubnet } from './natives/placement';
import { Certifier } from './certification/certifier';
import type { SubnetFacts } from './certification/canister_tree';
import type { StateTree } from './certification/state_tree';
import type { CanisterRange, SubnetConfig } from './state/api';
import { mainnetSubnet } from './subnet_kinds';
import { canisterIdOfIndex, idInRange, indexOfCanisterId, managementId, sameId } from './state/principals';
import { concatBytes, fromHex, sha256, utf8 } from './wire/bytes';
import { selfAuthenticating } from './wire/der';
import type { Delegation } from './wire/certificate';
import { networkKeys, type NetworkKeys } from './wire/keys';

/** One subnet of a network with several. */
export interface SubnetPlan extends Pick<SubnetConfig, 'costSchedule' | 'instructionLimits' | 'pricedNodes'> {
    readonly type: 'application' | 'system';
    /** What kind of subnet it is to clients; default `Application`. */
    readonly kind?: string;
    /** In place of the id that its key implies: agents cannot verify the certificates of such a subnet. */
    readonly subnetId?: Uint8Array;
    /** The root subnet signs the others' keys; exactly one. */
    readonly isRoot: boolean;
    /** As what the cycles minting canister offers the subnet for new canisters; default: not at all. */
    readonly offeredAs?: string;
    /** Has all ids that no other subnet has, so that canisters can be created with any id. One subnet at most. */
    readonly hasRemainingIds?: boolean;
    /** Ranges with given places, in front of the range where canisters are created. */
    readonly reservedRanges?: readonly CanisterRange[];
}

/** What clients may know of a subnet. */
export interface SubnetIdentity {
    readonly subnetId: Uint8Array;
    readonly publicKeyDer: Uint8Array;
    readonly nodeIds: readonly Uint8Array[];
    readonly canisterRanges: readonly CanisterRange[];
    /** An id in the range where canisters are created. */
    readonly anyCanisterId: Uint8Array;
    readonly kind: string;
    /** 32 bytes that differ from subnet to subnet. */
    readonly subnetSeed: Uint8Array;
    /** Size that prices are computed for. */
    readonly size: number;
    readonly costSchedule: NonNullable<SubnetConfig['costSchedule']>;
    readonly instructionLimits: NonNullable<SubnetConfig['instructionLimits']>;
}

interface Member {
    readonly identity: SubnetIdentity;
    readonly keys: NetworkKeys;
    readonly plan: SubnetPlan;
    readonly firstCanisterIndex: bigint;
    /** Where canisters are created; undefined when every id may be chosen. */
    readonly allocation: CanisterRange | undefined;
}

/** One range wide enough for NNS-style and PocketIC-style canister ids. */
const allCanisters: CanisterRange = { start: fromHex('00000000000000000101'), end: fromHex('ffffffffffffffff0101') };

/** Ids that each of several subnets has; the first subnet begins where PocketIC's only one does, the others lie below. */
const idsPerSubnet = 2n ** 20n;
const firstIndex = 2n ** 64n - 2n * idsPerSubnet;
/** Places of subnets that are added later; nobody asks for so many at the beginning. */
const firstMainnetPlace = 1_000;

function member(seed: Uint8Array, plan: SubnetPlan, place: number, whole?: readonly CanisterRange[]): Member {
    // The root subnet has the network's own keys, whatever its place.
    const keys = networkKeys(plan.isRoot ? seed : concatBytes(seed, utf8(` subnet ${place}`)));
    const firstCanisterIndex = firstIndex - BigInt(place) * idsPerSubnet;
    const anyCanisterId = canisterIdOfIndex(firstCanisterIndex);
    const own = { start: anyCanisterId, end: canisterIdOfIndex(firstCanisterIndex + idsPerSubnet - 1n) };
    const {
        kind = 'Application',
        pricedNodes: size = 13,
        costSchedule = 'Normal',
        instructionLimits = 'production'
    } = plan;
    const publicKeyDer = keys.root.publicDer;
    const identity: SubnetIdentity = {
        subnetId: plan.subnetId ?? keys.subnetId,
        publicKeyDer,
        nodeIds: [keys.node.nodeId, ...otherNodes(publicKeyDer, size - 1)],
        canisterRanges: whole ?? [...(plan.reservedRanges ?? []), own],
        anyCanisterId,
        kind,
        subnetSeed: sha256(publicKeyDer),
        size,
        costSchedule,
        instructionLimits
    };
    return { identity, firstCanisterIndex, keys, plan, allocation: whole === undefined ? own : undefined };
}

/** Nodes that are only known by their ids: the first one signs for all. */
function otherNodes(publicKeyDer: Uint8Array, count: number): readonly Uint8Array[] {
    return Array.from({ length: count }, (_, i) =>
        selfAuthenticating(concatBytes(publicKeyDer, utf8(` node ${i + 1}`)))
    );
}

function withRemainingIds(members: readonly Member[]): readonly Member[] {
    return members.map((each) => {
        if (each.plan.hasRemainingIds !== true) return each;
        const taken = members.filter((other) => other !== each).flatMap((other) => other.identity.canisterRanges);
        const identity = { ...each.identity, canisterRanges: remainingRanges(taken) };
        return { ...each, identity, allocation: undefined };
    });
}

/** The gaps between ranges that do not overlap. */
function remainingRanges(taken: readonly CanisterRange[]): readonly CanisterRange[] {
    const sorted = taken
        .map(({ start, end }) => ({ first: indexOfCanisterId(start), last: indexOfCanisterId(end) }))
        .sort((left, right) => (left.first < right.first ? -1 : 1));
    const begins = [0n, ...sorted.map(({ last }) => last + 1n)];
    const ends = [...sorted.map(({ first }) => first - 1n), 2n ** 64n - 1n];
    return begins.flatMap((first, i) => {
        const last = ends[i] ?? first;
        return first <= last ? [{ start: canisterIdOfIndex(first), end: canisterIdOfIndex(last) }] : [];
    });
}

/** Where the certificates of a network come from. */
export interface CertifiedState {
    readonly tree: StateTree;
    readonly stateVersion: () => number;
    readonly timeNs: () => bigint;
}

/** A delegation is issued again when it is this old: agents refuse old certificates. */
const delegationAgeNs = 60_000_000_000n;

/** The subnets of a network, with their keys and ranges. */
export class Subnets {
    readonly root: Member;
    /** Where canisters are created by default. */
    readonly home: Member;
    readonly #members: Member[];
    readonly #certifiers = new Map<Member, Certifier>();
    readonly #seed: Uint8Array;
    #certified: CertifiedState | undefined;
    #facts: readonly SubnetFacts[] | undefined;

    /** Without plans one subnet that has every canister id, or the given ranges. */
    constructor(
        seed: Uint8Array,
        plans: readonly SubnetPlan[] = [],
        ranges: readonly CanisterRange[] = [allCanisters]
    ) {
        const single: SubnetPlan = { type: 'application', isRoot: true, offeredAs: defaultSubnetType };
        this.#seed = seed;
        this.#members =
            plans.length === 0
                ? [member(seed, single, 0, ranges)]
                : [...withRemainingIds(plans.map((plan, i) => member(seed, plan, i)))];
        const [home] = this.#members;
        const root = this.#members.find(({ plan }) => plan.isRoot);
        if (home === undefined || root === undefined) throw new NoRootSubnet(plans.length);
        this.home = home;
        this.root = root;
    }

    get identities(): readonly SubnetIdentity[] {
        return this.#members.map(({ identity }) => identity);
    }

    get homeConfig(): SubnetConfig {
        return configOf(this.home);
    }

    /** Configurations of all subnets but the home subnet. */
    get others(): readonly SubnetConfig[] {
        return this.#members.filter((candidate) => candidate !== this.home).map(configOf);
    }

    /** The same list until a subnet is added. */
    get facts(): readonly SubnetFacts[] {
        this.#facts ??= this.#members.map(({ identity: { subnetId, publicKeyDer, canisterRanges }, plan, keys }) => ({
            subnetId,
            publicKeyDer,
            type: plan.type,
            nodes: [keys.node],
            canisterRanges
        }));
        return this.#facts;
    }

    /** Adds the subnet of the real network that has this id. Undefined when there is none, or when a subnet has the id already. */
    addMainnetSubnet(canisterId: Uint8Array): SubnetConfig | undefined {
        const found = this.owns(canisterId) ? undefined : mainnetSubnet(canisterId);
        if (found === undefined) return undefined;
        // By the block, so that the subnet has the same keys and ids whatever others came before it.
        const added = member(this.#seed, found.plan, firstMainnetPlace + Number(found.block));
        this.#members.push(added);
        this.#facts = undefined;
        this.#issueFrom(added);
        return configOf(added);
    }

    owns(canisterId: Uint8Array): boolean {
        return this.subnetOf(canisterId) !== undefined;
    }

    /** Id of the subnet whose ranges have the id, if any. */
    readonly subnetOf = (canisterId: Uint8Array): Uint8Array | undefined =>
        this.#members.find((candidate) => contains(candidate, canisterId))?.identity.subnetId;

    /** Where everybody may create canisters. */
    get offered(): readonly OfferedSubnet[] {
        return this.#members.flatMap(({ identity: { subnetId }, plan: { offeredAs: type } }) =>
            type === undefined ? [] : [{ subnetId, type }]
        );
    }

    /**
     * The subnet that is responsible for a canister; the home subnet for ids of none. For the management canister the root subnet,
     * whose certificates need no delegation, because in a delegation's ranges agents would miss it.
     */
    of(canisterId: Uint8Array): Member {
        if (sameId(canisterId, managementId)) return this.root;
        return this.#members.find((candidate) => contains(candidate, canisterId)) ?? this.home;
    }

    byId(subnetId: Uint8Array): Member | undefined {
        return this.#members.find(({ identity }) => sameId(identity.subnetId, subnetId));
    }

    /** From now on `certifier` issues certificates of this state. */
    certify(state: CertifiedState): void {
        this.#certified = state;
        // The root first: the others' delegations are its certificates.
        this.#issueFrom(this.root);
        for (const signer of this.#members) if (signer !== this.root) this.#issueFrom(signer);
    }

    #issueFrom(signer: Member): void {
        if (this.#certified === undefined) return;
        const { tree, stateVersion, timeNs } = this.#certified;
        const root = this.#certifiers.get(this.root);
        const certifier = new Certifier({
            stateVersion,
            currentTree: () => tree.current(signer.identity.subnetId),
            signRoot: (rootHash) => signer.keys.root.signRoot(rootHash),
            ...(signer !== this.root && root && { delegation: delegationSource(signer, root, timeNs) })
        });
        this.#certifiers.set(signer, certifier);
    }

    /** Certificates with the signature of this subnet. */
    certifier(signer: Member): Certifier {
        const certifier = this.#certifiers.get(signer);
        if (certifier === undefined) throw new NotCertified();
        return certifier;
    }
}

function configOf({ identity, plan, firstCanisterIndex, allocation }: Member): SubnetConfig {
    const { subnetId, nodeIds, canisterRanges, size: pricedNodes, costSchedule, instructionLimits } = identity;
    return {
        subnetId,
        nodeIds,
        canisterRanges,
        firstCanisterIndex,
        pricedNodes,
        costSchedule,
        instructionLimits,
        isSystem: plan.type === 'system',
        ...(allocation && { allocation })
    };
}

function contains({ identity }: Member, canisterId: Uint8Array): boolean {
    return identity.canisterRanges.some(({ start, end }) => idInRange(canisterId, start, end));
}

function delegationSource(signer: Member, root: Certifier, timeNs: () => bigint): () => Delegation {
    const { subnetId } = signer.identity;
    const paths = [
        [utf8('time')],
        [utf8('subnet'), subnetId, utf8('public_key')],
        [utf8('subnet'), subnetId, utf8('canister_ranges')],
        [utf8('canister_ranges'), subnetId]
    ];
    let issued: { readonly delegation: Delegation; readonly atNs: bigint } | undefined;
    return () => {
        const nowNs = timeNs();
        if (issued === undefined || nowNs - issued.atNs > delegationAgeNs) {
            issued = { delegation: { subnetId, certificate: root.certify(paths) }, atNs: nowNs };
        }
        return issued.delegation;
    };
}

/** A network of several subnets needs one that is the root. */
export class NoRootSubnet extends Error {
    override readonly name = 'NoRootSubnet';

    constructor(readonly subnets: number) {
        super(`None of ${subnets} subnets is the root subnet`);
    }
}

/** A certificate was asked for before `certify`: a bug. */
class NotCertified extends Error {
    override readonly name = 'NotCertified';
}
