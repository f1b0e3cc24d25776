import { askHistory } from '../clients/ledger_history';
import { nextSearch, takePage } from '../domain/transfers/lost';
import { env, state } from '../wiring';

/** Pages of history that one run reads. */
const RUN_PAGES = 5;

/** Lets the ledger's log decide what its deduplication cannot answer any more. */
export async function reconcileLost(): Promise<void> {
    for (let run = 0; run < RUN_PAGES; run++) {
        const search = nextSearch(state, env.nowNs());
        if (search === undefined) return;
        const page = await askHistory(search.account, search.start);
        if (!page.ok) return;
        // An answer of the ledger to the transfer itself may have come meanwhile.
        if (state.lost.get().includes(search.id)) takePage(state, search, page.value, env.nowNs());
    }
}
