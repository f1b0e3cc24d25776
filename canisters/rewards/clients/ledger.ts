/** Calls to the EMC ledger. An unknown ledger id is an answer like an unsent call: nothing was executed. */
import { ledgerBalance, ledgerMintingAccount, sendTransfer } from '../../../src/azle/icrc_client';
import type { Account } from '../../../src/core/account';
import { err, mapOk, ok, type Result } from '../../../src/core/result';
import type { LedgerAnswer, LedgerTransfer } from '../../../src/core/transfer_intents';
import { peers } from '../wiring';

const UNKNOWN_LEDGER = 'token_icrc1 is not set';

export async function askTransfer(transfer: LedgerTransfer): Promise<LedgerAnswer> {
    const ledger = peers.get('token_icrc1');
    return ledger === undefined ? { kind: 'not_executed', message: UNKNOWN_LEDGER } : sendTransfer(ledger, transfer);
}

/** Balance of an account on the ledger, or why it cannot be known now. */
export async function askBalance(account: Account): Promise<Result<bigint, string>> {
    const ledger = peers.get('token_icrc1');
    if (ledger === undefined) return err(UNKNOWN_LEDGER);
    const answer = await ledgerBalance(ledger, account);
    return answer.ok ? ok(answer.value) : err(answer.error.message);
}

/** Where a transfer is a burn. */
export async function askMintingAccount(): Promise<Result<Account | undefined, string>> {
    const ledger = peers.get('token_icrc1');
    if (ledger === undefined) return err(UNKNOWN_LEDGER);
    const answer = await ledgerMintingAccount(ledger);
    return answer.ok ? mapOk(answer, (account) => account) : err(answer.error.message);
}
