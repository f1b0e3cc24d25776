/** Rows of holders' stakes (domain.md A.1.15). */
import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../../src/core/account';
import type { SlotLog } from '../../../../src/core/slot_log';
import type { Cell, Lists, Table } from '../../../../src/core/table';

/**
 * `refused`: only in rows that earlier versions kept of orders which the ledger refused. `collecting`: the reward is on its way to the stake's subaccount, to be paid with the principal. `owing`: a rest of the reward
 * is on its way from the pool. `withdrawn`: the principal is paid, a rest may be owed.
 */
export const HOLDER_PHASES = ['pending', 'refused', 'active', 'collecting', 'paying', 'withdrawn', 'owing'] as const;
/** Where a holder’s stake is in its life. */
export type HolderPhase = (typeof HOLDER_PHASES)[number];

/** A holder’s position; amounts in e8s, rate and reward as promised at its entry. */
export interface HolderStakeRow {
    readonly staker: Account;
    readonly amountE8s: bigint;
    readonly termDays: bigint;
    readonly aprBasisPoints: bigint;
    /** Fixed at entry: no proposal changes it. */
    readonly rewardE8s: bigint;
    /** While pending, the time of the order. */
    readonly startNs: bigint;
    readonly endNs: bigint;
    readonly phase: HolderPhase;
    /** The transfer of the phase, while there is one. */
    readonly transferId: bigint;
    /** Of the reward: what the pool has given, the ledger fees of later payments included. */
    readonly rewardPaidE8s: bigint;
    /** Voting power that it gives its staker now. */
    readonly powerE8s: bigint;
}

/** Sums over all positions. */
export interface HolderTotals {
    /** Principal in the stakes' subaccounts, with the rewards that were moved there. */
    readonly heldE8s: bigint;
    readonly rewardsPaidE8s: bigint;
    /** Rests of rewards that matured stakes are owed. */
    readonly owedE8s: bigint;
}

/** Tables of holders’ stakes. */
export interface HolderTables {
    readonly holderStakes: SlotLog<HolderStakeRow>;
    /** Stakes of an owner whose money has come. */
    readonly holderStakesOf: Lists<Principal, bigint>;
    /** The order of an account whose money has not come yet: the same order again continues it. */
    readonly holderPending: Table<Account, bigint>;
    readonly holders: Cell<HolderTotals>;
}
