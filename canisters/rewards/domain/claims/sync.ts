/**
 * Syncing: the timer moves what pending claims are owed from the purses where it was earned to `payable`, one transfer per
 * purse for all claims together. Its ledger fee is borne by the paying purse (purses.ts); a purse that cannot bear it gets a
 * float from the treasury first.
 */
import type { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { purseAccount } from '../../../../src/core/tokenomics/pools';
import { freeE8s, holdLedgerFee } from '../treasury/purses';
import { addParts, NO_PARTS, type Parts, type RewardSource, type RewardsState } from '../state';
import { closeBatch } from './sync_moves';
import { openTransfer } from '../transfers/transfers';
import { topUp } from '../treasury/treasury';

/** Claims that one batch takes. */
export const BATCH_CLAIMS = 100;

const MOVED_FROM: readonly RewardSource[] = ['node', 'trading', 'settlement'];

/** Starts the next batch unless one is open, nobody waits, or a purse waits for its fee. */
export function startBatch(state: RewardsState, self: Principal, nowNs: bigint): void {
    if (state.batch.get() !== undefined) return;
    const { claims, next, parts } = pendingClaims(state);
    if (claims.length === 0) {
        state.nextToSync.set(next);
        return;
    }
    const sources = MOVED_FROM.filter((source) => parts[source] > 0n);
    const poor = sources.filter((source) => !canBearFee(state, source));
    for (const source of poor) topUp(state, self, source, nowNs);
    if (poor.length > 0) return;
    state.nextToSync.set(next);
    for (const source of sources) openMove(state, self, source, parts[source], nowNs);
    const batch = { claims, openMoves: sources.length, movedFrom: [] };
    if (sources.length === 0) closeBatch(state, batch);
    else state.batch.set(batch);
}

function canBearFee(state: RewardsState, source: RewardSource): boolean {
    if (freeE8s(state, source) >= LEDGER_FEE_E8S) return true;
    return source === 'settlement' && state.trade.get().treasuryDueE8s >= LEDGER_FEE_E8S;
}

function openMove(state: RewardsState, self: Principal, source: RewardSource, amountE8s: bigint, nowNs: bigint): void {
    holdLedgerFee(state, source);
    openTransfer(
        state,
        { kind: 'sync_move', source },
        {
            kind: 'push',
            from: purseAccount(self, source),
            to: purseAccount(self, 'payable'),
            amountE8s,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
}

/** Claims that wait to be synced, and where their money lies. */
function pendingClaims(state: RewardsState): { claims: bigint[]; next: bigint; parts: Parts } {
    const claims: bigint[] = [];
    let parts = NO_PARTS;
    let next = state.nextToSync.get();
    for (; next < state.claims.length() && claims.length < BATCH_CLAIMS; next++) {
        const claim = state.claims.get(next);
        if (claim?.state.kind !== 'requested') continue;
        claims.push(next);
        parts = addParts(parts, claim.parts);
    }
    return { claims, next, parts };
}
