import type { Principal } from '@dfinity/principal';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import { nodeWeight } from '../../../src/core/tokenomics/weights';
import type { WeightItem } from '../../../src/core/round_pages';
import type { WindowRules } from './settlement';

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

/** A node of a page, and what its weight depends on besides. */
export interface WeighedNode {
    readonly facts: SnapshotNode;
    readonly stake?: NodeStake;
    /** Credits that its calls earned in the window; only where weights depend on them. */
    readonly credits?: bigint;
}

/**
 * Weights of the eligible nodes of a page. A stake counts if it was in force at the window's end; a node without weight
 * is left out (AS-20).
 */
export function weighNodes(
    rules: WindowRules,
    nodes: readonly WeighedNode[],
    windowEndNs: bigint
): readonly WeightItem[] {
    return nodes.flatMap(({ facts, stake, credits }) => {
        if (!facts.eligible) return [];
        const inForce = stake !== undefined && stake.startNs <= windowEndNs && windowEndNs < stake.endNs;
        const weight = nodeWeight(rules, {
            class: facts.class,
            eValueE8: facts.eValueE8,
            stakeE8s: inForce ? stake.remainingE8s : 0n,
            termDays: inForce ? stake.termDays : 0n,
            hubCredits: credits
        });
        return weight > 0n ? [{ node: facts.node, weight }] : [];
    });
}
