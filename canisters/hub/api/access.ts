import type { Principal } from '@dfinity/principal';
import { err, ok, type Result } from '../../../src/core/result';
import type { CanisterName } from '../../../src/core/peers';
import type { ErrorOf } from '../domain/errors';
import { concerns, type CallRequest } from '../domain/requests';
import { env, governance as seat, hub, peers } from '../wiring';

/** Role "anyone signed in". */
export function signedIn(): Result<Principal, ErrorOf<'Anonymous'>> {
    const caller = env.caller();
    return caller.isAnonymous() ? err({ kind: 'Anonymous' }) : ok(caller);
}

/** Role "the named canister of the suite". */
export function onlyPeer(name: CanisterName): Result<Principal, ErrorOf<'Unauthorized'>> {
    const caller = env.caller();
    return peers.is(caller, name) ? ok(caller) : err({ kind: 'Unauthorized' });
}

/** Role "governance or a controller": the rewards canister executing a proposal, unless governance was handed over. */
export function governance(): Result<Principal, ErrorOf<'Unauthorized'>> {
    const caller = env.caller();
    const allowed = seat.isHeldBy(caller) || env.isController(caller);
    return allowed ? ok(caller) : err({ kind: 'Unauthorized' });
}

/** Whether the caller may read a request: those whom it concerns, the gateway canister and controllers. */
export function mayRead(request: CallRequest): boolean {
    const caller = env.caller();
    return (
        concerns(request, caller, hub.keys.isProber(caller)) ||
        peers.is(caller, 'compute_gateway') ||
        env.isController(caller)
    );
}
