import { ok, type Result } from '../../../src/core/result';
import type { LedgerRefusal } from '../../../src/core/transfer_intents';
import type { Principal } from '@dfinity/principal';
import { reasonOf } from '../domain/attempts';
import { refuse, type ReleaseError, type StakeError } from '../domain/errors';
import { liveStake, prepareRelease, prepareStake, type StakeOrder } from '../domain/stakes';
import type { StakeRow } from '../domain/state';
import { env, state } from '../wiring';
import { send } from './send';

/** Pulls a stake and answers with it; an unknown outcome leaves the pull to the timer. */
export async function stake(order: StakeOrder): Promise<Result<StakeRow, StakeError>> {
    const prepared = prepareStake(state, order, env.self(), env.nowNs());
    if (!prepared.ok) return prepared;
    const intent = await send(prepared.value);
    if (intent === undefined) return refuse('Busy', null);
    if (intent.state.kind === 'refused') return refusedPull(intent.state.refusal);
    const staked = liveStake(state, order.node);
    return staked === undefined ? refuse('TemporarilyUnavailable', reasonOf(intent)) : ok(staked);
}

function refusedPull(refusal: LedgerRefusal): Result<never, StakeError> {
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
