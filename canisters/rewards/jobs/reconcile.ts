/** Lost transfers: the ledger's window closed over an unknown outcome, so the payer's balance has to tell. */
import type { RewardsPurse } from '../../../src/core/tokenomics/pools';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import { askBalance } from '../clients/ledger';
import { decideLost, settleLost } from '../domain/attempts';
import { purseOf } from '../domain/purses';
import { purseOfTransfer, transferRow } from '../domain/transfers';
import { env, state } from '../wiring';

/** Lost transfers that one run looks at. */
const RUN_LIMIT = 10;

export async function reconcileLost(): Promise<void> {
    for (const id of state.lost.get().slice(0, RUN_LIMIT)) {
        const purse = purseOfTransfer(transferRow(state, id).purpose);
        if (purse === undefined) await reconcileStake(id);
        else await reconcilePurse(purse);
    }
}

async function reconcilePurse(purse: RewardsPurse): Promise<void> {
    const before = purseOf(state, purse);
    if (lostOf(purse).length !== before.openOut) return;
    const balance = await askBalance(purseAccount(env.self(), purse));
    const { bookedE8s, openOut } = purseOf(state, purse);
    const lost = lostOf(purse);
    const still = bookedE8s === before.bookedE8s && openOut === before.openOut && lost.length === openOut;
    if (balance.ok && still) decideLost(state, lost, bookedE8s, balance.value, env.nowNs());
}

function lostOf(purse: RewardsPurse): readonly bigint[] {
    return state.lost.get().filter((id) => purseOfTransfer(transferRow(state, id).purpose) === purse);
}

/** A stake has a subaccount of its own: what it holds tells whether the pull or the payout happened. */
async function reconcileStake(id: bigint): Promise<void> {
    const { transfer } = transferRow(state, id).intent;
    const pulled = transfer.kind === 'pull';
    const balance = await askBalance(pulled ? transfer.to : transfer.from);
    if (!balance.ok) return;
    const arrived = balance.value >= transfer.amountE8s;
    settleLost(state, id, pulled ? arrived : !arrived, env.nowNs());
}
