/** Bytes of the treasury's ledger. Fields and cases are stored by position: append, never reorder. */
import { bool, codecOf, nat, oneOf, optional, record, u64 } from '../../../src/core/codec';
import { cachedCell } from '../../../src/core/cached_cell';
import type { TableFactory } from '../../../src/core/table';
import * as rows from '../domain/treasury/treasury_rows';

const entry = record<rows.TreasuryRow>({
    kind: oneOf(rows.TREASURY_KINDS),
    incoming: bool,
    amountE8s: nat,
    transferId: optional(u64),
    atNs: u64
});

const income = record<rows.IncomeTotals>({ incomeE8s: nat, stakingDueE8s: nat, stakingFedE8s: nat });

export function openTreasuryTables(
    tables: TableFactory,
    memory: { readonly treasuryLedger: number }
): rows.TreasuryTables {
    return {
        treasuryLedger: tables.log(memory.treasuryLedger, codecOf(entry)),
        income: cachedCell(
            tables.cell('income', codecOf(income), { incomeE8s: 0n, stakingDueE8s: 0n, stakingFedE8s: 0n })
        )
    };
}
