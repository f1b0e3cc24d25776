import { askBalance } from '../clients/ledger';
import { answerLost, lostQuestion, sameQuestion } from '../domain/lost';
import { env, state } from '../wiring';

/** Lost transfers that one run looks at. */
const RUN_LIMIT = 10;

/** Lets balances decide what the ledger's deduplication cannot answer any more. */
export async function reconcileLost(): Promise<void> {
    for (const id of state.lost.get().slice(0, RUN_LIMIT)) await reconcile(id);
}

async function reconcile(id: bigint): Promise<void> {
    if (!state.lost.get().includes(id)) return;
    const question = lostQuestion(state, id, env.self());
    if (question === undefined) return;
    const balance = await askBalance(question.account);
    const still = sameQuestion(question, lostQuestion(state, id, env.self()));
    if (balance.ok && still) answerLost(state, question, balance.value, env.nowNs());
}
