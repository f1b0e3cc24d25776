import type { Principal } from '@dfinity/principal';
import { ok, type Result } from '../../../src/core/result';
import { reasonOf } from '../domain/transfers/attempts';
import { startPayment } from '../domain/claims/claim_payment';
import { refuse, type ClaimError } from '../domain/errors';
import { env, state } from '../wiring';
import { make } from './send';

/** Pays a synced claim; after a failure it stays payable under the same identity. */
export async function payClaim(id: bigint, caller: Principal): Promise<Result<bigint, ClaimError>> {
    const attempt = startPayment(state, id, caller, env.self(), env.nowNs());
    if (!attempt.ok) return attempt;
    const intent = await make(attempt.value);
    return intent.state.kind === 'done' ? ok(id) : refuse('TemporarilyUnavailable', reasonOf(intent));
}
