/** Deductions from node stakes (domain.md A.1.7, C.1.1; AS-43, AS-44). */
import { minAmount } from '../amount';
import type { StakeClassRules } from './profile';

const DAY_S = 86_400n;

/** What the amount of a deduction depends on. */
export interface SlashedStake {
    /** The first deposit: later deposits and deductions change no amount (F12, F18). */
    readonly initialE8s: bigint;
    readonly remainingE8s: bigint;
    readonly termDays: bigint;
}

/** Deduction of one window: the printed amount, or floor(stake / windows of the term) where the profile has none. */
export function windowDeduction(rules: StakeClassRules, stake: SlashedStake): bigint {
    return rules.slashE8s ?? (stake.initialE8s * rules.slashWindowS) / (stake.termDays * DAY_S);
}

/** Deduction of some windows, clamped to what is left. */
export function slashAmount(rules: StakeClassRules, stake: SlashedStake, windows: bigint): bigint {
    return minAmount(windowDeduction(rules, stake) * windows, stake.remainingE8s);
}

/** Whole windows between two instants; none when the second is not later. */
export function windowsBetween(rules: StakeClassRules, fromNs: bigint, toNs: bigint): bigint {
    return toNs <= fromNs ? 0n : (toNs - fromNs) / (rules.slashWindowS * 1_000_000_000n);
}
