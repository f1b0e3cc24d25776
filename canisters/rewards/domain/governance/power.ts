/** Voting power by owner, as a history: every change of a stake writes a checkpoint, and nothing rewrites one (R9). */
import type { Principal } from '@dfinity/principal';
import { powerBefore, stakePower } from '../../../../src/core/governance/power';
import { profileAt } from '../profiles/calendar';
import type { RewardsState } from '../state';

/** Power of a stake under the rules of the day. */
export function powerOfStake(state: RewardsState, amountE8s: bigint, termDays: bigint, nowNs: bigint): bigint {
    return stakePower(profileAt(state, nowNs).governance, amountE8s, termDays);
}

/** Adds to an owner's power, or takes from it; the sum over all owners follows. */
export function changePower(state: RewardsState, owner: Principal, grownE8s: bigint, nowNs: bigint): void {
    if (grownE8s === 0n) return;
    const before = powerNow(state, owner);
    state.powerOf.append(owner, { atNs: nowNs, powerE8s: before + grownE8s });
    state.totalPower.append({ atNs: nowNs, powerE8s: totalPowerNow(state) + grownE8s });
}

/** Power after the last change. */
export function powerNow(state: RewardsState, owner: Principal): bigint {
    const length = state.powerOf.length(owner);
    return length === 0n ? 0n : (state.powerOf.get(owner, length - 1n)?.powerE8s ?? 0n);
}

/** Σ of all owners’ power after the last change, in e8s. */
export function totalPowerNow(state: RewardsState): bigint {
    const length = state.totalPower.length();
    return length === 0n ? 0n : (state.totalPower.get(length - 1n)?.powerE8s ?? 0n);
}

/** Power just before an instant. */
export function powerAt(state: RewardsState, owner: Principal, atNs: bigint): bigint {
    const length = state.powerOf.length(owner);
    return powerBefore({ length, get: (index) => state.powerOf.get(owner, index) }, atNs);
}

/** Σ of all owners’ power just before an instant, in e8s: what turnout is measured by. */
export function totalPowerAt(state: RewardsState, atNs: bigint): bigint {
    const length = state.totalPower.length();
    return powerBefore({ length, get: (index) => state.totalPower.get(index) }, atNs);
}
