/** The history of an account on the EMC ledger. */
import { ledgerHistory } from '../../../src/azle/icrc_history';
import type { Account } from '../../../src/core/account';
import type { HistoryPage } from '../../../src/core/lost_transfers';
import { err, type Result } from '../../../src/core/result';
import { peers } from '../wiring';

/** Transactions of an account before a block, newest first, or why they cannot be known now. */
export async function askHistory(account: Account, start: bigint | undefined): Promise<Result<HistoryPage, string>> {
    const ledger = peers.get('token_icrc1');
    return ledger === undefined ? err('token_icrc1 is not set') : ledgerHistory(ledger, account, start);
}
