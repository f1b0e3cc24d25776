import type { Principal } from '@dfinity/principal';
import { ok, type Result } from '../../../src/core/result';
import type { LedgerRefusal, TransferIntent } from '../../../src/core/transfer_intents';
import { reasonOf } from '../domain/transfers/attempts';
import { refuse, type ReleaseError, type RewardsError, type StakeError, type TopUpError } from '../domain/errors';
import { liveStake } from '../domain/stakes/stake_book';
import { prepareRelease } from '../domain/stakes/stake_release';
import { prepareTopUp, type TopUpOrder } from '../domain/stakes/stake_terms';
import { prepareStake, type StakeOrder } from '../domain/stakes/stakes';
import type { StakeRow } from '../domain/state';
import { env, state } from '../wiring';
import { send } from './send';

/** Why a pull that was sent did not bring its money. */
export type PullError = RewardsError<'Busy' | 'InsufficientFunds' | 'InsufficientAllowance' | 'TemporarilyUnavailable'>;

/** Pulls a stake and answers with it; an unknown outcome leaves the pull to the timer. */
export async function stake(order: StakeOrder): Promise<Result<StakeRow, StakeError>> {
    const prepared = prepareStake(state, order, env.self(), env.nowNs());
    return prepared.ok ? pullForStake(prepared.value, order.node) : prepared;
}

/** Pulls a further deposit. */
export async function topUpStake(order: TopUpOrder): Promise<Result<StakeRow, TopUpError>> {
    const prepared = prepareTopUp(state, order, env.self(), env.nowNs());
    return prepared.ok ? pullForStake(prepared.value, order.node) : prepared;
}

async function pullForStake(transferId: bigint, node: Principal): Promise<Result<StakeRow, PullError>> {
    const pulled = await pull(transferId);
    if (!pulled.ok) return pulled;
    const staked = liveStake(state, node);
    return staked === undefined ? refuse('TemporarilyUnavailable', reasonOf(pulled.value)) : ok(staked);
}

/** Makes one attempt of a pull; success means that the money has arrived. */
export async function pull(transferId: bigint): Promise<Result<TransferIntent, PullError>> {
    const intent = await send(transferId);
    if (intent === undefined) return refuse('Busy', null);
    if (intent.state.kind === 'refused') return refusedPull(intent.state.refusal);
    return intent.state.kind === 'done' ? ok(intent) : refuse('TemporarilyUnavailable', reasonOf(intent));
}

function refusedPull(refusal: LedgerRefusal): Result<never, PullError> {
    if (refusal.kind === 'insufficient_funds') return refuse('InsufficientFunds', { balance_e8s: refusal.balanceE8s });
    if (refusal.kind === 'insufficient_allowance') {
        return refuse('InsufficientAllowance', { allowance_e8s: refusal.allowanceE8s });
    }
    return refuse('TemporarilyUnavailable', refusal.kind);
}

/** Pays a matured stake back. */
export async function release(node: Principal, caller: Principal): Promise<Result<null, ReleaseError>> {
    const prepared = prepareRelease(state, node, caller, env.self(), env.nowNs());
    if (!prepared.ok) return prepared;
    if (prepared.value === undefined) return ok(null);
    const intent = await send(prepared.value);
    if (intent === undefined) return refuse('InProgress', null);
    return intent.state.kind === 'done' ? ok(null) : refuse('TemporarilyUnavailable', reasonOf(intent));
}
