/** Weight of a node in a round's emission (domain.md A.2, F15, F17, F18). Weights only have meaning relative to each other. */
import { applyRatio, E8S_PER_EMC, type Ratio } from '../amount';
import type { NodeClass, TokenomicsProfile, WeightRules } from './profile';

/** What a weight depends on. */
export interface WeightInput {
    readonly class: NodeClass;
    /** Stake that remains after deductions; 0 for an unstaked node. */
    readonly stakeE8s: bigint;
    /** Term of the stake; 0 for an unstaked node. */
    readonly termDays: bigint;
    /** E of a compute node in 10^-8, by its last proof of computing; ignored for the other classes. */
    readonly eValueE8: bigint;
    /** Credits of its successful calls in the window; only where weights depend on them. */
    readonly hubCredits?: bigint;
}

type EUnitRules = Extract<WeightRules, { kind: 'e_unit' }>;

const NO_STAKE_COEFFICIENT: Ratio = { num: 1n, den: 1n };

/**
 * Weight of one node under a profile. `e_unit`: E in 10^-8, of validators and routers by their stake, of compute nodes by
 * their proof and the coefficient of their stake's term. `credit_stake`: the class's credit × stake in e8s, 0 without a stake.
 * `hub_credits`: the credits of the node's calls, or these × stake in e8s (domain.md C.8).
 */
export function nodeWeight({ weights: rules }: Pick<TokenomicsProfile, 'weights'>, node: WeightInput): bigint {
    switch (rules.kind) {
        case 'credit_stake':
            return rules[node.class] * node.stakeE8s;
        case 'hub_credits':
            return (node.hubCredits ?? 0n) * (rules.timesStake ? node.stakeE8s : 1n);
        case 'e_unit':
            return eUnitWeight(rules, node);
    }
}

function eUnitWeight(rules: EUnitRules, node: WeightInput): bigint {
    if (node.class === 'compute') return applyRatio(node.eValueE8, termCoefficient(rules, node));
    const { e, perStakeE8s } = rules[node.class];
    return (e * E8S_PER_EMC * node.stakeE8s) / perStakeE8s;
}

function termCoefficient(rules: EUnitRules, node: WeightInput): Ratio {
    if (node.stakeE8s === 0n) return NO_STAKE_COEFFICIENT;
    return rules.termCoefficients.find(({ days }) => days === node.termDays)?.coefficient ?? NO_STAKE_COEFFICIENT;
}

/**
 * E of a compute node in 10^-8 from the time that its proof took: floor(refMs × 10^8 / elapsedMs), where faster than
 * `minMs` counts as `minMs` (F17). Profiles that do not weigh by E use the reference of the white paper.
 */
export function eValueE8(rules: WeightRules, elapsedMs: bigint): bigint {
    const { refMs, minMs } = rules.kind === 'e_unit' ? rules : WHITE_PAPER_PROOF;
    const elapsed = elapsedMs < minMs ? minMs : elapsedMs;
    return (refMs * E8S_PER_EMC) / elapsed;
}

const WHITE_PAPER_PROOF = { refMs: 15_000n, minMs: 100n };
