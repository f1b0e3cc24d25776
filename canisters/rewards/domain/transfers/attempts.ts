/**
 * The one way by which money leaves: startAttempt stores that a call is under way, the job calls the ledger, endAttempt stores
 * the answer and applies it to the books in the same message (style: intent first, effect later).
 */
import { equalBytes } from '../../../../src/core/bytes';
import {
    beginAttempt,
    INTERRUPTED_AFTER_NS,
    interrupted,
    isFinal,
    openIntent,
    resolveLost,
    sameMovement,
    settleAttempt,
    type LedgerAnswer,
    type LedgerTransfer,
    type TransferIntent
} from '../../../../src/core/transfer_intents';
import { claimFailed, claimTransferring } from '../claims/claims';
import { applyEnd } from './effects';
import type { RewardsState, TransferPurpose, TransferRow } from '../state';
import {
    closeTransfer,
    dropTransfer,
    openSentTransfer,
    requeue,
    retryPauseNs,
    transferRow,
    type Movement
} from './transfers';

/** Calls to the ledger that may be under way at once. */
export const MAX_IN_FLIGHT = 50;

/** Transfers that end, and leave nothing, when the ledger refuses them: the money is somebody else's. */
const PULLS: readonly TransferPurpose['kind'][] = ['stake_pull', 'stake_top_up', 'holder_pull'];

/** An attempt that the job must make now. */
export interface Attempt {
    readonly id: bigint;
    readonly transfer: LedgerTransfer;
    /** Tells the attempt from those before and after it. */
    readonly sentAtNs: bigint;
}

/** Starts an attempt, or tells that nothing may be sent now. */
export function startAttempt(state: RewardsState, id: bigint, nowNs: bigint): Attempt | undefined {
    const row = transferRow(state, id);
    if (isFinal(row.intent)) return undefined;
    const inFlight = state.inFlight.get();
    const full = inFlight.length >= MAX_IN_FLIGHT && !inFlight.includes(id);
    const { intent, send } = beginAttempt(row.intent, nowNs);
    if (isLost(intent)) rememberLost(state, id);
    else if (full || !send) {
        requeue(state, id, row, nowNs + retryPauseNs(1));
        return undefined;
    }
    requeue(state, id, { ...row, intent }, nowNs + INTERRUPTED_AFTER_NS);
    if (!send) return undefined;
    if (!inFlight.includes(id)) state.inFlight.set([...inFlight, id]);
    if (row.purpose.kind === 'claim_payment') claimTransferring(state, row.purpose.claim, id);
    return { id, transfer: intent.transfer, sentAtNs: nowNs };
}

/** Stores a transfer and starts its first attempt; undefined, with nothing stored, when too many are under way. */
export function openAttempt(
    state: RewardsState,
    purpose: TransferPurpose,
    movement: Movement,
    nowNs: bigint
): Attempt | undefined {
    const inFlight = state.inFlight.get();
    if (inFlight.length >= MAX_IN_FLIGHT) return undefined;
    const { id, transfer } = openSentTransfer(state, purpose, movement, nowNs);
    state.inFlight.set([...inFlight, id]);
    if (purpose.kind === 'claim_payment') claimTransferring(state, purpose.claim, id);
    return { id, transfer, sentAtNs: nowNs };
}

/** Takes the ledger's answer to an attempt over, with all that it means for the books. */
export function endAttempt(state: RewardsState, attempt: Attempt, answer: LedgerAnswer, nowNs: bigint): TransferIntent {
    const { id, transfer, sentAtNs } = attempt;
    const row = state.transfers.get(id);
    if (row === undefined || !isSameTransfer(row.intent.transfer, transfer)) return endedMeanwhile(transfer);
    if (isFinal(row.intent)) return row.intent;
    const intent = settleAttempt(row.intent, answer, nowNs, sentAtNs);
    if (intent === row.intent) return intent;
    state.inFlight.set(state.inFlight.get().filter((other) => other !== id));
    if (isLost(intent)) rememberLost(state, id);
    return storeOutcome(state, id, { ...row, intent, attempts: row.attempts + 1 }, nowNs);
}

/** After an upgrade no answer can arrive any more: every call that was under way is in doubt, and due at once. */
export function interruptAll(state: RewardsState, nowNs: bigint): void {
    for (const id of state.inFlight.get()) {
        const row = transferRow(state, id);
        const intent = interrupted(row.intent);
        requeue(state, id, { ...row, intent }, nowNs);
        reportClaim(state, row, intent);
    }
    state.inFlight.set([]);
}

/** Ends a lost transfer with the block that the ledger executed it in, or opens it again when there is none. */
export function settleLost(state: RewardsState, id: bigint, blockIndex: bigint | undefined, nowNs: bigint): void {
    const row = transferRow(state, id);
    if (!isLost(row.intent)) return;
    forgetLost(state, id);
    storeOutcome(state, id, { ...row, intent: resolveLost(row.intent, blockIndex, nowNs) }, nowNs);
}

function storeOutcome(state: RewardsState, id: bigint, row: TransferRow, nowNs: bigint): TransferIntent {
    const { intent, purpose } = row;
    const pauseNs = isLost(intent) ? INTERRUPTED_AFTER_NS : retryPauseNs(row.attempts);
    if (!isFinal(intent)) requeue(state, id, row, nowNs + pauseNs);
    else if (intent.state.kind === 'refused' && !PULLS.includes(purpose.kind)) {
        // What the ledger refused is still owed: the same movement under a new date, which the old one cannot meet.
        const fresh = openIntent({ ...intent.transfer, createdAtNs: nowNs });
        requeue(state, id, { ...row, intent: fresh }, nowNs + pauseNs);
    } else {
        forgetLost(state, id);
        if (intent.state.kind === 'refused') dropTransfer(state, id, row);
        else closeTransfer(state, id, row);
        applyEnd(state, row, id, nowNs);
        return intent;
    }
    reportClaim(state, row, intent);
    return intent;
}

/** A dropped transfer's number may belong to another one by the time that a call, taken for interrupted, is answered. */
function isSameTransfer(a: LedgerTransfer, b: LedgerTransfer): boolean {
    return sameMovement(a, b) && equalBytes(a.memo, b.memo);
}

function endedMeanwhile(transfer: LedgerTransfer): TransferIntent {
    return { transfer, state: { kind: 'open', doubt: false, reason: 'refused meanwhile' } };
}

function reportClaim(state: RewardsState, row: TransferRow, intent: TransferIntent): void {
    if (row.purpose.kind === 'claim_payment') claimFailed(state, row.purpose.claim, reasonOf(intent));
}

/** Why an attempt did not succeed, in a few words. */
export function reasonOf(intent: TransferIntent): string {
    const { state } = intent;
    if (state.kind === 'open') return state.reason;
    return state.kind === 'refused' ? state.refusal.kind : state.kind;
}

function isLost(intent: TransferIntent): boolean {
    return intent.state.kind === 'lost';
}

function rememberLost(state: RewardsState, id: bigint): void {
    if (!state.lost.get().includes(id)) state.lost.set([...state.lost.get(), id]);
}

function forgetLost(state: RewardsState, id: bigint): void {
    const lost = state.lost.get();
    if (lost.includes(id)) state.lost.set(lost.filter((other) => other !== id));
}
