/** Money that somebody sends to a purse which is open to gifts: booked when its ledger balance is read (F8). */
import type { RewardsPurse } from '../../../../src/core/tokenomics/pools';
import { changePurse, purseOf } from './purses';
import type { RewardsState } from '../state';
import { bookIncome } from './treasury_ledger';

/**
 * Takes what the ledger shows beyond the books of the treasury or the staking pool into them. The caller has read the balance
 * while nothing was open at the purse, so that it is nothing else that is on its way.
 */
export function takeDeposit(state: RewardsState, purse: RewardsPurse, balanceE8s: bigint, nowNs: bigint): void {
    const amountE8s = balanceE8s - purseOf(state, purse).bookedE8s;
    if (amountE8s <= 0n || (purse !== 'treasury' && purse !== 'staking')) return;
    changePurse(state, purse, { bookedE8s: amountE8s });
    if (purse === 'treasury') bookIncome(state, { kind: 'deposit', amountE8s, grossE8s: amountE8s, nowNs });
}
