import type { Principal } from '@dfinity/principal';
import { NS_PER_S } from '../../../../src/core/clock';
import type { ValidatorSet } from '../validators';
import type { ChallengeTables, CheckCause, KnownChallenge } from './records';

const HOUR_NS = 3_600n * NS_PER_S;

/**
 * How many openings the canister checks by itself (compute.md §4.9: a quota bounds what openings cost). A check takes
 * billions of instructions, and who causes it pays nothing: a newcomer has nothing yet, and a compute node needs no stake.
 * So each cause has a number of checks in an hour, of which every validator has an equal share for the challenges that it
 * requests: one that challenges its own nodes without end uses up nobody else's. A share not used within an hour is lost
 * (the generic cell rate algorithm of ITU-T I.371: one instant per share is all that is kept).
 */
export class CheckQuota {
    constructor(
        private readonly tables: Pick<ChallengeTables, 'challengePolicy' | 'checkTimes'>,
        private readonly validators: Pick<ValidatorSet, 'members'>
    ) {}

    /** Whether the challenge's check was paid for when it was requested. */
    isReserved({ newcomer }: Pick<KnownChallenge, 'newcomer'>): boolean {
        const { mode } = this.tables.challengePolicy.get();
        return mode === 'onchain' || (mode === 'hybrid' && newcomer);
    }

    /** How long until the validator's share has a check; 0 when it has one now. */
    waitNs(validator: Principal, cause: CheckCause, nowNs: bigint): bigint {
        const overNs = this.dueNs(validator, cause, nowNs) + this.spacingNs() - nowNs - this.shareNs();
        return overNs > 0n ? overNs : 0n;
    }

    /** Takes a check of the validator's share, which must have one: see {@link waitNs}. */
    take(validator: Principal, cause: CheckCause, nowNs: bigint): void {
        this.tables.checkTimes.set({ validator, cause }, this.dueNs(validator, cause, nowNs) + this.spacingNs());
    }

    /** A check that was reserved is not needed. */
    giveBack(validator: Principal, cause: CheckCause): void {
        const dueNs = this.tables.checkTimes.get({ validator, cause });
        if (dueNs !== undefined) this.tables.checkTimes.set({ validator, cause }, dueNs - this.spacingNs());
    }

    /** When the share would be full again. */
    private dueNs(validator: Principal, cause: CheckCause, nowNs: bigint): bigint {
        const dueNs = this.tables.checkTimes.get({ validator, cause }) ?? 0n;
        return dueNs > nowNs ? dueNs : nowNs;
    }

    /** Between two checks of one share. */
    private spacingNs(): bigint {
        const shares = BigInt(Math.max(1, this.validators.members().length));
        return (HOUR_NS * shares) / BigInt(this.tables.challengePolicy.get().checksPerHour);
    }

    /** What a full share is worth: an hour, or one check where that takes longer. */
    private shareNs(): bigint {
        const spacingNs = this.spacingNs();
        return spacingNs > HOUR_NS ? spacingNs : HOUR_NS;
    }
}
