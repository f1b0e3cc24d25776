import type { Books } from './ledger';

/** A Prometheus sample of the ledger. */
export interface LedgerMetric {
    readonly name: string;
    readonly help: string;
    readonly kind: 'counter' | 'gauge';
    readonly value: bigint | number;
}

/** Amounts are in base units. */
export function metricsOf(
    { journal, chain, archives, accounts, allowances, window }: Books,
    archiveFailures: number
): readonly LedgerMetric[] {
    const { minted, burned, blocks } = journal.totals();
    return [
        { name: 'ledger_total_supply', help: 'Tokens in existence.', kind: 'gauge', value: minted - burned },
        { name: 'ledger_minted_total', help: 'Tokens ever minted.', kind: 'counter', value: minted },
        { name: 'ledger_burned_total', help: 'Tokens ever burned, fees included.', kind: 'counter', value: burned },
        { name: 'ledger_total_transactions', help: 'Blocks in the log.', kind: 'counter', value: blocks },
        { name: 'ledger_hash_backlog', help: 'Blocks to be hashed.', kind: 'gauge', value: chain.backlog() },
        {
            name: 'ledger_first_block',
            help: 'Oldest block that is in no archive.',
            kind: 'gauge',
            value: journal.firstIndex()
        },
        { name: 'ledger_archives', help: 'Archives that hold blocks.', kind: 'gauge', value: archives.filled().length },
        {
            name: 'ledger_archive_failures',
            help: 'Failures of archiving since it last worked.',
            kind: 'gauge',
            value: archiveFailures
        },
        { name: 'ledger_accounts', help: 'Accounts that blocks name.', kind: 'gauge', value: accounts.size() },
        { name: 'ledger_num_approvals', help: 'Stored approvals.', kind: 'gauge', value: allowances.size() },
        { name: 'ledger_window_transactions', help: 'Remembered transactions.', kind: 'gauge', value: window.size() }
    ];
}
