/** Voting power: by amount and duration of the tokens staked (domain.md A.1.13), from positions and their history. */
import { minAmount } from '../amount';
import type { GovernanceRules } from '../tokenomics/profile';

/** Power of one stake: its amount, and a bonus that grows with the term up to `bonusDays`; floored once. */
export function stakePower(rules: GovernanceRules, amountE8s: bigint, termDays: bigint): bigint {
    const { bonus, bonusDays } = rules;
    return amountE8s + (amountE8s * bonus.num * minAmount(termDays, bonusDays)) / (bonus.den * bonusDays);
}

/** Power from an instant on. */
export interface Checkpoint {
    readonly atNs: bigint;
    readonly powerE8s: bigint;
}

/** A history of checkpoints, oldest first. */
export interface History {
    readonly length: bigint;
    get(index: bigint): Checkpoint | undefined;
}

/**
 * Power just before an instant: of the last checkpoint that is strictly older, so that nothing that happens in the same
 * block can move a snapshot (R9). O(log n) reads.
 */
export function powerBefore(history: History, atNs: bigint): bigint {
    let low = 0n;
    let high = history.length;
    while (low < high) {
        const middle = (low + high) / 2n;
        const checkpoint = history.get(middle);
        if (checkpoint !== undefined && checkpoint.atNs < atNs) low = middle + 1n;
        else high = middle;
    }
    return low === 0n ? 0n : (history.get(low - 1n)?.powerE8s ?? 0n);
}
