import { azleEnv } from '../../../src/azle/azle_env';
import { inspectMessage } from '../../../src/azle/endpoint';
import { isWorthwhile } from '../domain/ingress';
import { challenges } from '../wiring';

/** `canister_inspect_message`: one node's saving, never a protection; each method checks its caller by itself. */
export class Ingress {
    @inspectMessage
    inspect(method: string, argument: Uint8Array, isUpdate: boolean): boolean {
        return isWorthwhile(challenges.course, { method, argument, isUpdate, caller: azleEnv.caller() });
    }
}
