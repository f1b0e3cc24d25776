import { inspectMessage } from '../../../src/azle/endpoint';
import { acceptsIngress } from '../domain/ingress';
import { books, env } from '../wiring';

/** `canister_inspect_message`: one node's saving, never a protection; each method checks its caller by itself. */
export class IngressGate {
    @inspectMessage
    inspect(method: string, argument: Uint8Array): boolean {
        const isController = env.isController(env.caller());
        return acceptsIngress({ method, argument, isController }, books.token.rules().maxMemoBytes);
    }
}
