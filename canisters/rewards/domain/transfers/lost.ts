/** Which of this canister's lost transfers is searched in the ledger's log, and how far (src/core/lost_transfers.ts). */
import type { Account } from '../../../../src/core/account';
import { isHistory, judgePage, type HistoryPage } from '../../../../src/core/lost_transfers';
import { settleLost } from './attempts';
import type { RewardsState, TransferPurpose, TransferRow } from '../state';
import { transferRow } from './transfers';

/** The next page of history to read, and for which transfer. */
export interface LostSearch {
    readonly id: bigint;
    readonly account: Account;
    /** Only blocks before this one; absent at first. */
    readonly start?: bigint;
}

/** The search to go on with; undefined while nothing is lost for certain. */
export function nextSearch(state: RewardsState, nowNs: bigint): LostSearch | undefined {
    const started = state.lostSearch.get();
    const lost = state.lost.get();
    if (started !== undefined && lost.includes(started.id)) {
        return { ...started, account: searchedAccount(transferRow(state, started.id)) };
    }
    const id = lost.find((one) => isHistory(transferRow(state, one).intent.transfer, nowNs));
    return id === undefined ? undefined : { id, account: searchedAccount(transferRow(state, id)) };
}

/** Takes a page of the search: the transfer ends or is opened again when the page decides it. */
export function takePage(state: RewardsState, search: LostSearch, page: HistoryPage, nowNs: bigint): void {
    const { transfer } = transferRow(state, search.id).intent;
    const verdict = judgePage(transfer, search.start, page);
    state.lostSearch.set(verdict.kind === 'older' ? { id: search.id, start: verdict.before } : undefined);
    if (verdict.kind === 'executed') settleLost(state, search.id, verdict.blockIndex, nowNs);
    if (verdict.kind === 'never') settleLost(state, search.id, undefined, nowNs);
    // Older blocks cannot be read now: the others go first.
    if (verdict.kind === 'unreadable') {
        state.lost.set([...state.lost.get().filter((id) => id !== search.id), search.id]);
    }
}

const TO_OUTSIDE: readonly TransferPurpose['kind'][] = [
    'claim_payment',
    'holder_rest',
    'proposal_payment',
    'airdrop_payment',
    'holder_reward',
    'treasury_sweep'
];

/** The end of a transfer that sees fewer blocks: the payee outside, or the subaccount of a stake. */
function searchedAccount({ purpose, intent: { transfer } }: TransferRow): Account {
    return transfer.kind === 'pull' || TO_OUTSIDE.includes(purpose.kind) ? transfer.to : transfer.from;
}
