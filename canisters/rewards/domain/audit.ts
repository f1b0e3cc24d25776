/** Recomputes the invariants of docs/invariants.md from the tables (R1 … R7). */
import type { RewardsPurse } from '../../../src/core/tokenomics/pools';
import { profileOf } from './calendar';
import { freeE8s, PURSES, purseOf } from './purses';
import { addParts, NO_PARTS, REWARD_SOURCES, sumParts, type Parts, type RewardsState } from './state';

/** Accounts, nodes and claims that one audit reads at most; beyond that it says that it is not complete. */
export const AUDIT_LIMIT = 1_000n;

export interface AuditCheck {
    readonly rule: string;
    readonly holds: boolean;
    readonly detail: string;
}

export interface AuditReport {
    readonly holds: boolean;
    /** False when there is more than one message can read: sums over accounts were then left out. */
    readonly complete: boolean;
    readonly checks: readonly AuditCheck[];
}

export function audit(state: RewardsState): AuditReport {
    const longest = [state.accountIndex, state.nodeIndex, state.claims].map((log) => log.length());
    const complete = longest.every((length) => length <= AUDIT_LIMIT);
    const checks = [emissionCheck(state), capCheck(state), ...PURSES.map((purse) => purseCheck(state, purse))];
    checks.push(tradeCheck(state), openCheck(state));
    if (complete) checks.push(accountCheck(state), debtCheck(state));
    return { holds: checks.every(({ holds }) => holds), complete, checks };
}

function check(rule: string, holds: boolean, detail: string): AuditCheck {
    return { rule, holds, detail };
}

function emissionCheck(state: RewardsState): AuditCheck {
    const { emittedE8s, assignedE8s, carryE8s } = state.emission.get();
    return check('R1', emittedE8s === assignedE8s + carryE8s, `${emittedE8s} = ${assignedE8s} + ${carryE8s}`);
}

function capCheck(state: RewardsState): AuditCheck {
    const { capE8s } = profileOf(state).emission;
    const { emittedE8s } = state.emission.get();
    return check('R2', emittedE8s <= capE8s, `${emittedE8s} <= ${capE8s}`);
}

function purseCheck(state: RewardsState, name: RewardsPurse): AuditCheck {
    const { bookedE8s, observedE8s } = purseOf(state, name);
    const free = freeE8s(state, name);
    const backed = observedE8s === undefined || observedE8s >= bookedE8s;
    return check(
        'R4',
        free >= 0n && backed,
        `${name}: booked ${bookedE8s}, free ${free}, ledger ${observedE8s ?? '?'}`
    );
}

function tradeCheck(state: RewardsState): AuditCheck {
    const { rewardsE8s, feesE8s } = state.trade.get();
    const { capE8s } = profileOf(state).trade;
    return check('R7', rewardsE8s <= feesE8s && rewardsE8s <= capE8s, `${rewardsE8s} <= ${feesE8s}, ${capE8s}`);
}

/** Every transfer that is under way is also queued, so that nothing is forgotten. */
function openCheck(state: RewardsState): AuditCheck {
    const open = state.due.size();
    const known = state.inFlight.get().length + state.lost.get().length;
    return check('R6', known <= open, `${known} under way or lost, ${open} open`);
}

function accountCheck(state: RewardsState): AuditCheck {
    let broken = 0;
    for (let i = 0n; i < state.accountIndex.length(); i++) {
        const account = state.accountIndex.get(i);
        const row = account && state.accounts.get(account);
        if (row && row.earnedE8s !== sumParts(row.available) + row.inClaimsE8s + row.paidE8s) broken++;
    }
    return check('R3', broken === 0, `${broken} accounts do not add up`);
}

/** What purses owe is what accounts, nodes without a wallet, and unpaid claims are owed. */
function debtCheck(state: RewardsState): AuditCheck {
    const debts = addParts(addParts(accountDebts(state), unboundDebts(state)), claimDebts(state));
    const moving = movingDebts(state);
    const wrong = REWARD_SOURCES.filter((source) => purseOf(state, source).owedE8s !== debts[source] + moving[source]);
    return check('R4', wrong.length === 0, wrong.length === 0 ? 'debts add up' : `debts of ${wrong.join(', ')}`);
}

function accountDebts(state: RewardsState): Parts {
    let parts = NO_PARTS;
    for (let i = 0n; i < state.accountIndex.length(); i++) {
        const account = state.accountIndex.get(i);
        parts = addParts(parts, (account && state.accounts.get(account)?.available) ?? NO_PARTS);
    }
    return parts;
}

function unboundDebts(state: RewardsState): Parts {
    let parts = NO_PARTS;
    for (let i = 0n; i < state.nodeIndex.length(); i++) {
        const node = state.nodeIndex.get(i);
        parts = addParts(parts, (node && state.unbound.get(node)) ?? NO_PARTS);
    }
    return parts;
}

function claimDebts(state: RewardsState): Parts {
    let parts = NO_PARTS;
    for (let id = 0n; id < state.claims.length(); id++) {
        const claim = state.claims.get(id);
        if (claim === undefined || claim.state.kind === 'paid' || claim.state.kind === 'cancelled') continue;
        const synced = claim.state.kind !== 'requested';
        parts = addParts(parts, synced ? { ...NO_PARTS, payable: claim.amountE8s } : claim.parts);
    }
    return parts;
}

/** Moves of the open batch that have ended already: their claims still count where the money was earned. */
function movingDebts(state: RewardsState): Parts {
    const batch = state.batch.get();
    const moved = { ...NO_PARTS };
    for (const id of batch?.claims ?? []) {
        const parts = state.claims.get(id)?.parts ?? NO_PARTS;
        for (const source of batch?.movedFrom ?? []) {
            moved[source] -= parts[source];
            moved.payable += parts[source];
        }
    }
    return moved;
}
