/** Counting votes (domain.md A.1.13, F9). */
import type { Ratio } from '../amount';
import type { PassRule } from '../tokenomics/profile';

/** What a voter can say, stored by position: append only. */
export const CHOICES = ['yes', 'no', 'abstain'] as const;
/** A voter’s answer. */
export type Choice = (typeof CHOICES)[number];

/** Voting power by choice. */
export interface Tally {
    readonly yes: bigint;
    readonly no: bigint;
    readonly abstain: bigint;
}

/** The tally of a vote that nobody has cast. */
export const NO_VOTES: Tally = { yes: 0n, no: 0n, abstain: 0n };

/** The tally with one more ballot of so much power. */
export function withVote(tally: Tally, choice: Choice, powerE8s: bigint): Tally {
    return { ...tally, [choice]: tally[choice] + powerE8s };
}

/** Power that took part, abstentions included: the turnout. */
export function castPower({ yes, no, abstain }: Tally): bigint {
    return yes + no + abstain;
}

/** Whether a part of a whole is more than a ratio of it; nothing is more than a part of nothing. */
export function exceeds(part: bigint, whole: bigint, { num, den }: Ratio): boolean {
    return part * den > whole * num;
}

/** Abstentions count for the turnout and for nothing else. */
export function passes(rule: PassRule, tally: Tally, totalPower: bigint): boolean {
    const turnout = exceeds(castPower(tally), totalPower, rule.turnoutOver);
    return turnout && exceeds(tally.yes, tally.yes + tally.no, rule.yesOver);
}
