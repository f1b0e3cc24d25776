import type { Principal } from '@dfinity/principal';
import { ok, type Result } from '../../../src/core/result';
import { reasonOf } from '../domain/transfers/attempts';
import { refuse, type HolderStakeError, type WithdrawError } from '../domain/errors';
import { prepareWithdrawal } from '../domain/holders/holder_payout';
import { holderRow, prepareHolderStake, type HolderOrder } from '../domain/holders/holders';
import { env, state } from '../wiring';
import { send } from './send';
import { pull } from './stake';

/** Pulls a holder's stake: its number. An unknown outcome leaves the pull to the timer. */
export async function stakeTokens(order: HolderOrder): Promise<Result<bigint, HolderStakeError>> {
    const prepared = prepareHolderStake(state, order, env.self(), env.nowNs());
    if (!prepared.ok) return prepared;
    const pulled = await pull(holderRow(state, prepared.value).transferId);
    return pulled.ok ? ok(prepared.value) : pulled;
}

/** Makes the transfers of a withdrawal one after the other; what does not succeed is left to the timer. */
export async function withdrawStake(id: bigint, caller: Principal): Promise<Result<bigint, WithdrawError>> {
    let next = prepareWithdrawal(state, id, caller, env.self(), env.nowNs());
    while (next.ok) {
        const intent = await send(next.value);
        if (intent === undefined) return refuse('InProgress', null);
        if (intent.state.kind !== 'done') return refuse('TemporarilyUnavailable', reasonOf(intent));
        if (holderRow(state, id).phase === 'withdrawn') return ok(id);
        next = prepareWithdrawal(state, id, caller, env.self(), env.nowNs());
    }
    return next;
}
