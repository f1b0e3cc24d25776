import { samePrincipal } from '../../../src/core/principals';
import { env, governance } from '../wiring';

/** Whether governance calls: whoever holds its seat, or this canister, which calls itself for nothing but its proposals. */
export function isGoverning(): boolean {
    const caller = env.caller();
    return samePrincipal(caller, env.self()) || governance.isHeldBy(caller);
}
