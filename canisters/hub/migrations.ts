import type { Migrations } from '../../src/azle/schema';
import { codecOf, nat, record, u64 } from '../../src/core/codec';
import type { TableFactory } from '../../src/core/table';
import { NO_TOTALS, type CreditTotals } from './domain/credit_book';
import type { RequestCounters } from './domain/requests';
import type { HubTables } from './storage';

/** Steps of an upgrade, by the version that they start from. */
export function migrations(factory: TableFactory, tables: HubTables): Migrations {
    return new Map([[6, () => fromSix(factory, tables)]]);
}

export const totalsOfSix = codecOf(
    record<CreditTotals>({
        bought: nat,
        available: nat,
        held: nat,
        captured: nat,
        settled: nat,
        withdrawing: nat,
        withdrawn: nat
    })
);

export const countersOfSix = codecOf(record<RequestCounters>({ opened: u64, closed: u64 }));

/**
 * Schema 7 keeps the totals of the credits in a memory of their own, open requests in another, and lists of requests in pages.
 * What schema 6 wrote stays where it is and is read in its own form: its requests and lists are as many as there ever were.
 */
function fromSix(factory: TableFactory, tables: HubTables): void {
    tables.credits.totals.set(factory.cell('credit_totals', totalsOfSix, NO_TOTALS).get());
    const { opened, closed } = factory.cell('request_counters', countersOfSix, { opened: 0n, closed: 0n }).get();
    tables.openSinceSix.set(opened - closed);
}
