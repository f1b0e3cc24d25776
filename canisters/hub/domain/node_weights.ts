import type { Principal } from '@dfinity/principal';
import type { NodeClass, TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { nodeWeight } from '../../../src/core/tokenomics/weights';
import type { WeightItem } from '../../../src/core/round_pages';

/** One node of the state machine's snapshot as of a window's end. */
export interface SnapshotNode {
    readonly node: Principal;
    readonly class: NodeClass;
    readonly eValueE8: bigint;
    /** Active, online and in consensus. */
    readonly eligible: boolean;
}

/** A stake as rewards holds it. */
export interface NodeStake {
    readonly remainingE8s: bigint;
    readonly termDays: bigint;
    readonly startNs: bigint;
    readonly endNs: bigint;
}

/**
 * Weights of the eligible nodes of a page. A stake counts if it was in force at the window's end; a node without weight
 * is left out (AS-20).
 */
export function weighNodes(
    profile: TokenomicsProfile,
    nodes: readonly { readonly facts: SnapshotNode; readonly stake?: NodeStake }[],
    windowEndNs: bigint
): readonly WeightItem[] {
    return nodes.flatMap(({ facts, stake }) => {
        if (!facts.eligible) return [];
        const inForce = stake !== undefined && stake.startNs <= windowEndNs && windowEndNs < stake.endNs;
        const weight = nodeWeight(profile, {
            class: facts.class,
            eValueE8: facts.eValueE8,
            stakeE8s: inForce ? stake.remainingE8s : 0n,
            termDays: inForce ? stake.termDays : 0n
        });
        return weight > 0n ? [{ node: facts.node, weight }] : [];
    });
}
