/** Executing passed proposals, each once: what this canister does itself, and the calls that it must make. */
import type { Principal } from '@dfinity/principal';
import { unreachable } from '../../../../src/core/assert';
import type { CanisterName } from '../../../../src/core/peers';
import { NS_PER_S } from '../../../../src/core/clock';
import { err, mapOk, ok, type Result } from '../../../../src/core/result';
import { INTERRUPTED_AFTER_NS } from '../../../../src/core/transfer_intents';
import { createAirdrop } from '../airdrops/airdrops';
import { refuse, type ExecuteError, type ExecutionFault } from '../errors';
import { hasMandate, type Authority } from './authority';
import type { Document, ProposalAction, ProposalRow, RemoteCall } from './governance_rows';
import { openPayment } from './payments';
import { changeProfile } from '../profiles/profile_change';
import { closeProposal, decide, setProposal } from './proposals';
import type { RewardsState } from '../state';

/** When a call that certainly never ran is tried again, and for how long. */
const RETRY_NS = 3_600n * NS_PER_S;
const GIVE_UP_NS = 7n * 86_400n * NS_PER_S;

/** What is left to do outside the books. */
export type Execution =
    | { readonly kind: 'done' }
    | { readonly kind: 'set_peer'; readonly canister: CanisterName; readonly id: Principal }
    /** Make it and pass the outcome to {@link endExecution}. */
    | { readonly kind: 'call'; readonly call: RemoteCall };

/** The outcome of a call: `executed` when the method answered without an `Err`. */
export type CallEnd =
    | { readonly kind: 'executed' }
    | { readonly kind: 'refused'; readonly reason: string }
    | { readonly kind: 'not_executed'; readonly reason: string }
    | { readonly kind: 'unknown'; readonly reason: string };

/** Decides a proposal whose vote is over; one that is decided stays as it is. */
export function finalize(
    state: RewardsState,
    id: bigint,
    caller: Principal,
    nowNs: bigint
): Result<ProposalRow, ExecuteError> {
    if (caller.isAnonymous()) return refuse('Anonymous', null);
    const row = state.proposals.get(id);
    if (row === undefined) return refuse('NotFound', null);
    if (row.state.kind !== 'open') return ok(row);
    if (nowNs < row.endsNs) return refuse('VotingOpen', { until_ns: row.endsNs });
    state.proposalsDue.delete({ atNs: row.endsNs, id });
    return ok(decide(state, id, row, nowNs));
}

/** Executes a passed proposal as far as this canister can by itself; one whose authority governs no more has failed. */
export function execute(
    state: RewardsState,
    id: bigint,
    caller: Principal,
    authority: Authority,
    nowNs: bigint
): Result<Execution, ExecuteError> {
    const decided = finalize(state, id, caller, nowNs);
    if (!decided.ok) return decided;
    const row = decided.value;
    const { state: now } = row;
    if (now.kind === 'open' || now.kind === 'rejected') return refuse('NotPassed', null);
    if (now.kind === 'executing') return refuse('InProgress', null);
    if (now.kind !== 'passed') return refuse('AlreadyExecuted', null);
    if (nowNs < now.executableNs) return refuse('Timelocked', { until_ns: now.executableNs });
    if (!hasMandate(row, authority)) return failed(state, id, row, { code: 'NotGoverning', detail: null }, nowNs);
    return perform(state, id, row, authority.self, nowNs);
}

function failed(
    state: RewardsState,
    id: bigint,
    row: ProposalRow,
    fault: ExecutionFault,
    nowNs: bigint
): Result<never, ExecutionFault> {
    closeProposal(state, id, row, { kind: 'failed', atNs: nowNs, reason: fault.code });
    return err(fault);
}

function perform(
    state: RewardsState,
    id: bigint,
    row: ProposalRow,
    self: Principal,
    nowNs: bigint
): Result<Execution, ExecuteError> {
    const { action } = row;
    if (action.kind === 'call') {
        setProposal(state, id, row, { kind: 'executing', sinceNs: nowNs });
        state.proposalsDue.set({ atNs: nowNs + INTERRUPTED_AFTER_NS, id }, null);
        return ok({ kind: 'call', call: action });
    }
    const done = apply(state, id, action, self, nowNs);
    if (!done.ok) return failed(state, id, row, done.error, nowNs);
    closeProposal(state, id, row, { kind: 'executed', atNs: nowNs, transferId: done.value });
    return ok(action.kind === 'set_peer' ? action : { kind: 'done' });
}

/** The transfer that it opened, if any. */
function apply(
    state: RewardsState,
    id: bigint,
    action: Exclude<ProposalAction, { kind: 'call' }>,
    self: Principal,
    nowNs: bigint
): Result<bigint | undefined, ExecutionFault> {
    switch (action.kind) {
        case 'text':
        case 'set_peer':
            return ok(undefined);
        case 'user_reward_rule':
            state.rewardRule.set(adopted(action, id, nowNs));
            return ok(undefined);
        case 'poc_standard':
            state.pocStandard.set(adopted(action, id, nowNs));
            return ok(undefined);
        case 'developer_grant':
            return openPayment(state, id, 'developer', action, self, nowNs);
        case 'treasury_spend':
            return openPayment(state, id, 'treasury', action, self, nowNs);
        case 'profile_change':
            return mapOk(changeProfile(state, action, id, nowNs), () => undefined);
        case 'airdrop':
            return mapOk(createAirdrop(state, action, id, nowNs), () => undefined);
        case 'elect_committee':
            state.committee.set({ members: action.members, proposal: id, sinceNs: nowNs });
            return ok(undefined);
        default:
            return unreachable(action);
    }
}

function adopted({ url, hash }: Document, proposal: bigint, atNs: bigint) {
    return { url, hash, proposal, atNs };
}

/** Takes the outcome of a proposal's call over; ignored when the proposal has been given up meanwhile. */
export function endExecution(state: RewardsState, id: bigint, end: CallEnd, nowNs: bigint): void {
    const row = state.proposals.get(id);
    if (row?.state.kind !== 'executing') return;
    state.proposalsDue.delete({ atNs: row.state.sinceNs + INTERRUPTED_AFTER_NS, id });
    if (end.kind === 'executed') {
        closeProposal(state, id, row, { kind: 'executed', atNs: nowNs });
    } else if (end.kind === 'not_executed' && nowNs < row.endsNs + GIVE_UP_NS) {
        const executableNs = nowNs + RETRY_NS;
        setProposal(state, id, row, { kind: 'passed', executableNs, note: end.reason });
        state.proposalsDue.set({ atNs: executableNs, id }, null);
    } else {
        closeProposal(state, id, row, { kind: 'failed', atNs: nowNs, reason: `${end.kind}: ${end.reason}` });
    }
}

/** The next proposal of which something is due, taken off the queue. */
export function takeDueProposal(state: RewardsState, nowNs: bigint): bigint | undefined {
    const key = state.proposalsDue.firstKey();
    if (key === undefined || key.atNs > nowNs) return undefined;
    state.proposalsDue.delete(key);
    return key.id;
}

/** A call whose answer an upgrade or a trap swallowed: nobody knows whether it ran, so it is not repeated. */
export function giveUpExecution(state: RewardsState, id: bigint, nowNs: bigint): void {
    const row = state.proposals.get(id);
    if (row?.state.kind !== 'executing' || nowNs < row.state.sinceNs + INTERRUPTED_AFTER_NS) return;
    closeProposal(state, id, row, { kind: 'failed', atNs: nowNs, reason: 'unknown: interrupted' });
}
