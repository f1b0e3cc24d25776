import { isFinal, type TransferIntent } from '../../../src/core/transfer_intents';
import { askTransfer } from '../clients/ledger';
import { endAttempt, startAttempt, type Attempt } from '../domain/transfers/attempts';
import { transferRow } from '../domain/transfers/transfers';
import { env, state } from '../wiring';

/** Makes one attempt of a transfer. Undefined when another attempt is under way or too many are. */
export async function send(id: bigint): Promise<TransferIntent | undefined> {
    const attempt = startAttempt(state, id, env.nowNs());
    if (attempt === undefined) return finished(id);
    return make(attempt);
}

/** Asks the ledger for the transfer of an attempt that has been started, and takes the answer over. */
export async function make(attempt: Attempt): Promise<TransferIntent> {
    const answer = await askTransfer(attempt.transfer);
    return endAttempt(state, attempt, answer, env.nowNs());
}

function finished(id: bigint): TransferIntent | undefined {
    const { intent } = transferRow(state, id);
    return isFinal(intent) ? intent : undefined;
}
