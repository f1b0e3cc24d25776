import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../src/core/clock';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { StateMachineConfig } from './config';
import type { SuspendedTime } from './poc/suspension';
import { isOnline } from './presence';
import type { KnownNode } from './records';
import type { Page, Registry } from './registry';

/** Nodes in one page of the hub's snapshot: canisters may take more than a user's query. */
const SNAPSHOT_PAGE = 500n;

/** What a node weighs with in a window, and whether it takes part. */
export interface NodeWeightFacts {
    readonly node: Principal;
    readonly nodeClass: NodeClass;
    readonly eValueE8: bigint;
    readonly eligible: boolean;
}

/** What the eligibility of a node is decided by. */
export interface WeightRules {
    readonly config: StateMachineConfig;
    readonly suspension: SuspendedTime;
}

/**
 * Whether a node takes part in the rewards of a window that ended at an instant: Active, online and in consensus then.
 * A node that lost its status between that instant and the question is left out. A compute node's proof does not age while
 * nobody may ask it for another.
 */
export function isEligible({ config, suspension }: WeightRules, node: KnownNode, atNs: bigint): boolean {
    const { record, presence } = node;
    // A gap between reports ends the time as Active, so whoever is Active since before was online without a gap.
    const wasActive = record.status === 'Active' && record.statusSinceNs <= atNs;
    const lastNs = presence.lastConsensusNs;
    const excusedNs = record.nodeClass === 'compute' ? suspension.overlapNs(lastNs, atNs) : 0n;
    const consensusAgeNs = atNs - lastNs - excusedNs;
    return wasActive && isOnline(config, presence, atNs) && consensusAgeNs <= config.verificationPeriodS * NS_PER_S;
}

/** What the hub weighs a window by, in pages. */
export function weightSnapshot(
    registry: Registry,
    rules: WeightRules,
    atNs: bigint,
    start: bigint,
    take: bigint
): Page<NodeWeightFacts> {
    const page = registry.pageOfKnown(start, take, SNAPSHOT_PAGE);
    const items = page.items.map((node) => ({
        node: node.id,
        nodeClass: node.record.nodeClass,
        eValueE8: node.record.eValueE8,
        eligible: isEligible(rules, node, atNs)
    }));
    return { items, next: page.next };
}
