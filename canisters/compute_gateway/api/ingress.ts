import { inspectMessage } from '../../../src/azle/endpoint';
import { isWorthwhile } from '../domain/ingress';
import { env, tables } from '../wiring';

/** `canister_inspect_message`: one node's saving, never a protection; each method checks its caller by itself. */
export class Ingress {
    @inspectMessage
    inspect(method: string, argument: Uint8Array, isUpdate: boolean): boolean {
        return isWorthwhile(tables, { method, argument, isUpdate, caller: env.caller() });
    }
}
