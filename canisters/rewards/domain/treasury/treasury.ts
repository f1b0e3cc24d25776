/** The treasury's income on its way: swept from `settlement` to `treasury`, burned where the profile says so, lent as fee float. */
import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../../src/core/account';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { purseAccount } from '../../../../src/core/tokenomics/pools';
import { changePurse, freeE8s } from './purses';
import type { RewardSource, RewardsState } from '../state';
import { openTransfer } from '../transfers/transfers';

/** 1 EMC: a purse's float for the ledger fees of a thousand moves. */
export const FEE_FLOAT_E8S = E8S_PER_EMC;
/** Income below this stays until there is more, so that the ledger fee stays below a thousandth of it. */
export const SWEEP_MINIMUM_E8S = 2n * FEE_FLOAT_E8S;

/** Sends the treasury its income but for the float, when it is worth a transfer. */
export function sweepIncome(state: RewardsState, self: Principal, nowNs: bigint): void {
    const trade = state.trade.get();
    if (trade.treasuryDueE8s < SWEEP_MINIMUM_E8S) return;
    const debit = trade.treasuryDueE8s - FEE_FLOAT_E8S;
    state.trade.set({ ...trade, treasuryDueE8s: FEE_FLOAT_E8S });
    changePurse(state, 'settlement', { heldE8s: debit });
    openTransfer(
        state,
        { kind: 'treasury_sweep' },
        {
            kind: 'push',
            from: purseAccount(self, 'settlement'),
            to: purseAccount(self, 'treasury'),
            amountE8s: debit - LEDGER_FEE_E8S,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
}

/** Burns what is left of the fees: a transfer to the minting account, which costs no fee (ICRC-1). */
export function burnRest(state: RewardsState, self: Principal, nowNs: bigint): void {
    const trade = state.trade.get();
    const mintingAccount: Account | undefined = state.mintingAccount.get();
    if (mintingAccount === undefined || trade.burnDueE8s < E8S_PER_EMC) return;
    state.trade.set({ ...trade, burnDueE8s: 0n });
    changePurse(state, 'settlement', { heldE8s: trade.burnDueE8s });
    openTransfer(
        state,
        { kind: 'burn' },
        {
            kind: 'push',
            from: purseAccount(self, 'settlement'),
            to: mintingAccount,
            amountE8s: trade.burnDueE8s,
            feeE8s: 0n
        },
        nowNs
    );
}

/** Sends a purse a float from the treasury, unless one is on its way or the treasury has none. */
export function topUp(state: RewardsState, self: Principal, purse: RewardSource, nowNs: bigint): void {
    const debit = FEE_FLOAT_E8S + LEDGER_FEE_E8S;
    if (freeE8s(state, 'treasury') < debit || state.topUpsOpen.get().includes(purse)) return;
    state.topUpsOpen.set([...state.topUpsOpen.get(), purse]);
    changePurse(state, 'treasury', { heldE8s: debit });
    openTransfer(
        state,
        { kind: 'fee_top_up', purse },
        {
            kind: 'push',
            from: purseAccount(self, 'treasury'),
            to: purseAccount(self, purse),
            amountE8s: FEE_FLOAT_E8S,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
}
