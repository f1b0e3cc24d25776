import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { err, ok, type Result } from '../../../src/core/result';
import type { CanisterName } from '../../../src/core/peers';
import type { Refusal } from '../domain/errors';
import { governance, peers } from '../wiring';

/** Anybody who signed the message. */
export function signedCaller(): Result<Principal, Refusal<'Anonymous'>> {
    const caller = azleEnv.caller();
    return caller.isAnonymous() ? err({ kind: 'Anonymous' }) : ok(caller);
}

/** Governance, that is the rewards canister executing a proposal unless it was handed over, or a controller. */
export function governanceCaller(): Result<Principal, Refusal<'Unauthorized'>> {
    const caller = azleEnv.caller();
    const allowed = governance.isHeldBy(caller) || azleEnv.isController(caller);
    return allowed ? ok(caller) : err({ kind: 'Unauthorized' });
}

/** One canister of the suite. */
export function peerCaller(name: CanisterName): Result<Principal, Refusal<'Unauthorized'>> {
    const caller = azleEnv.caller();
    return peers.is(caller, name) ? ok(caller) : err({ kind: 'Unauthorized' });
}
