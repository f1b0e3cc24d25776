/** Writes down what is to be moved next. */
import type { Principal } from '@dfinity/principal';
import { closeAirdrops } from './airdrops/airdrops';
import { sweepDues } from './stakes/stake_dues';
import { releaseMatured } from './stakes/stake_release';
import type { RewardsState } from './state';
import { startBatch } from './claims/sync';
import { burnRest, sweepIncome } from './treasury/treasury';
import { feedStakingPool } from './treasury/treasury_ledger';

/**
 * One run: whatever is due and not under way becomes a stored transfer. It calls nobody and has a budget per subject.
 */
export function plan(state: RewardsState, self: Principal, nowNs: bigint): void {
    startBatch(state, self, nowNs);
    sweepIncome(state, self, nowNs);
    burnRest(state, self, nowNs);
    releaseMatured(state, self, nowNs);
    sweepDues(state, self, nowNs);
    feedStakingPool(state, self, nowNs);
    closeAirdrops(state, nowNs);
}
