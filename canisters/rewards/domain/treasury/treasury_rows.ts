/** Rows of the treasury's ledger: what came in, what went out, and what the staking pool gets of it. */
import type { Cell, Log } from '../../../../src/core/table';

/**
 * `slash`: deductions and forfeited stakes. `deposit`: sent by somebody outside the books. `fee_float`: lent to another purse for ledger fees. `staking_share`: the
 * staking pool's part of the income.
 */
export const TREASURY_KINDS = ['trade_fees', 'slash', 'deposit', 'fee_float', 'staking_share', 'spend'] as const;
/** What a movement of the treasury was. */
export type TreasuryKind = (typeof TREASURY_KINDS)[number];

/** A movement that the ledger has executed. */
export interface TreasuryRow {
    readonly kind: TreasuryKind;
    readonly incoming: boolean;
    /** What the treasury's balance rose or fell by. */
    readonly amountE8s: bigint;
    readonly transferId?: bigint;
    readonly atNs: bigint;
}

/** Income before ledger fees; the staking pool's share of it is exact over all time (AS-70). */
export interface IncomeTotals {
    readonly incomeE8s: bigint;
    /** Set aside in the treasury for the staking pool, until it is worth a transfer. */
    readonly stakingDueE8s: bigint;
    readonly stakingFedE8s: bigint;
}

/** Tables of the treasury. */
export interface TreasuryTables {
    readonly treasuryLedger: Log<TreasuryRow>;
    readonly income: Cell<IncomeTotals>;
}
