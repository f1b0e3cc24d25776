import { purseAccount, type RewardsPurse } from '../../../src/core/tokenomics/pools';
import { askBalance, askMintingAccount } from '../clients/ledger';
import { takeDeposit } from '../domain/treasury/deposits';
import { observe, openAt, PURSES, purseOf } from '../domain/treasury/purses';
import { env, guards, state } from '../wiring';

const FLOW = 'observe';

/** Reads the ledger balances of all purses for the audit; nothing happens while another reading is under way. */
export async function observePurses(): Promise<void> {
    if (!guards.enter(FLOW, env.nowNs())) return;
    try {
        await learnMintingAccount();
        for (const purse of PURSES) await observePurse(purse);
    } finally {
        guards.leave(FLOW);
    }
}

/** A balance only says something about books that did not move while it was read. */
async function observePurse(purse: RewardsPurse): Promise<void> {
    const before = purseOf(state, purse);
    if (openAt(state, purse) > 0 || !state.purses.has(purse)) return;
    const balance = await askBalance(purseAccount(env.self(), purse));
    const still = openAt(state, purse) === 0 && purseOf(state, purse).bookedE8s === before.bookedE8s;
    if (!balance.ok || !still) return;
    takeDeposit(state, purse, balance.value, env.nowNs());
    observe(state, purse, balance.value, env.nowNs());
}

async function learnMintingAccount(): Promise<void> {
    if (state.mintingAccount.get() !== undefined) return;
    const answer = await askMintingAccount();
    if (answer.ok && answer.value !== undefined) state.mintingAccount.set(answer.value);
}
