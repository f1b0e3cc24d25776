/** Reward balances. R3: what an account earned is available, in claims, or paid. */
import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../../src/core/account';
import { invariant } from '../../../../src/core/assert';
import { addParts, NO_PARTS, sumParts, takeParts, type AccountRow, type Parts, type RewardRow } from '../state';
import type { RewardsState } from '../state';

const NEW_ACCOUNT: AccountRow = { available: NO_PARTS, inClaimsE8s: 0n, paidE8s: 0n, earnedE8s: 0n };

/** What is known of an account; all zero when it never earned anything. */
export function accountRow(state: RewardsState, account: Account): AccountRow {
    return state.accounts.get(account) ?? NEW_ACCOUNT;
}

/** Adds what an account earned, with the history entries that say why. */
export function creditAccount(
    state: RewardsState,
    account: Account,
    parts: Parts,
    history: readonly RewardRow[]
): void {
    const stored = state.accounts.get(account);
    if (stored === undefined) state.accountIndex.append(account);
    const row = stored ?? NEW_ACCOUNT;
    state.accounts.set(account, {
        ...row,
        available: addParts(row.available, parts),
        earnedE8s: row.earnedE8s + sumParts(parts)
    });
    state.rewards.appendAll(account, history);
}

/** Keeps what a node earned without a wallet. */
export function holdForNode(state: RewardsState, node: Principal, parts: Parts): void {
    state.unbound.set(node, addParts(state.unbound.get(node) ?? NO_PARTS, parts));
    addUnbound(state, sumParts(parts));
}

/** What a node earned without a wallet. */
export function unboundE8s(state: RewardsState, node: Principal): bigint {
    return sumParts(state.unbound.get(node) ?? NO_PARTS);
}

/** AS-36: what was held for a node moves to the first wallet that is bound to it. */
export function releaseHeld(state: RewardsState, node: Principal, wallet: Account, nowNs: bigint): void {
    const parts = state.unbound.get(node);
    if (parts === undefined) return;
    state.unbound.delete(node);
    addUnbound(state, -sumParts(parts));
    const round = state.settlements.length();
    creditAccount(state, wallet, parts, [{ kind: 'held', round, node, amountE8s: sumParts(parts), atNs: nowNs }]);
}

function addUnbound(state: RewardsState, amountE8s: bigint): void {
    const totals = state.emission.get();
    state.emission.set({ ...totals, unboundE8s: totals.unboundE8s + amountE8s });
}

/** Moves an amount from the balance into a claim; the caller has checked that it is there. */
export function moveIntoClaim(state: RewardsState, account: Account, amountE8s: bigint, claim: bigint): Parts {
    const row = accountRow(state, account);
    invariant(sumParts(row.available) >= amountE8s, 'R3', 'a claim exceeds the balance');
    const { taken, left } = takeParts(row.available, amountE8s);
    state.accounts.set(account, {
        ...row,
        available: left,
        inClaimsE8s: row.inClaimsE8s + amountE8s,
        openClaim: claim
    });
    return taken;
}

/** Gives a cancelled claim's amount back. */
export function moveOutOfClaim(state: RewardsState, account: Account, parts: Parts): void {
    const row = accountRow(state, account);
    state.accounts.set(account, {
        ...row,
        available: addParts(row.available, parts),
        inClaimsE8s: row.inClaimsE8s - sumParts(parts),
        openClaim: undefined
    });
}

/** Closes a paid claim. */
export function markPaid(state: RewardsState, account: Account, amountE8s: bigint): void {
    const row = accountRow(state, account);
    state.accounts.set(account, {
        ...row,
        inClaimsE8s: row.inClaimsE8s - amountE8s,
        paidE8s: row.paidE8s + amountE8s,
        openClaim: undefined
    });
}
