import type { Principal } from '@dfinity/principal';
import { ok, type Result } from '../../../src/core/result';
import { reasonOf } from '../domain/attempts';
import { claimRow, preparePayment } from '../domain/claims';
import { refuse, type ClaimError } from '../domain/errors';
import { env, state } from '../wiring';
import { send } from './send';

/** Pays a synced claim; after a failure it stays payable under the same identity. */
export async function payClaim(id: bigint, caller: Principal): Promise<Result<bigint, ClaimError>> {
    const prepared = preparePayment(state, id, caller, env.self(), env.nowNs());
    if (!prepared.ok) return prepared;
    const intent = await send(prepared.value);
    if (intent === undefined)
        return refuse(claimRow(state, id).state.kind === 'transferring' ? 'InProgress' : 'Busy', null);
    return intent.state.kind === 'done' ? ok(id) : refuse('TemporarilyUnavailable', reasonOf(intent));
}
