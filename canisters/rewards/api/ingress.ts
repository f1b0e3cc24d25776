import { inspectMessage } from '../../../src/azle/endpoint';
import { isWorthwhile } from '../domain/ingress';
import { env, peers } from '../wiring';

/** `canister_inspect_message`: one node's saving, never a protection; each method checks its caller by itself. */
export class Ingress {
    @inspectMessage
    inspect(method: string, argument: Uint8Array): boolean {
        const caller = env.caller();
        const isPeer = peers.is(caller, 'hub') || peers.is(caller, 'state_machine');
        return isWorthwhile({ method, argument, isPeer });
    }
}
