/**
 * Decorators of the canisters' methods. Canisters take them from here and never from azle, so that decoding and encoding
 * have one place: each takes the argument types and the result type of the Candid method.
 */
import {
    IDL,
    init as azleInit,
    inspectMessage as azleInspectMessage,
    postUpgrade as azlePostUpgrade,
    query as azleQuery,
    update as azleUpdate
} from 'azle';

type Method<This, Args extends unknown[], Return> = (this: This, ...args: Args) => Return;
type Decorator<This, Args extends unknown[], Return> = (
    method: Method<This, Args, Return>,
    context: ClassMethodDecoratorContext<This, Method<This, Args, Return>>
) => void;

/** A method that may change state; may be asynchronous. */
export function update<This, Args extends unknown[], Return>(
    args: IDL.Type[],
    result: IDL.Type
): Decorator<This, Args, Return> {
    return azleUpdate(args, result);
}

/** A method that only reads; it also answers as an update call. */
export function query<This, Args extends unknown[], Return>(
    args: IDL.Type[],
    result: IDL.Type
): Decorator<This, Args, Return> {
    return azleQuery(args, result);
}

/** `canister_init`; must take the arguments of {@link postUpgrade}. */
export function init<This, Args extends unknown[], Return>(args: IDL.Type[]): Decorator<This, Args, Return> {
    return azleInit(args);
}

/** `canister_post_upgrade`. */
export function postUpgrade<This, Args extends unknown[], Return>(args: IDL.Type[]): Decorator<This, Args, Return> {
    return azlePostUpgrade(args);
}

/** `canister_inspect_message`: accepts or refuses ingress before it costs anything. */
export const inspectMessage = azleInspectMessage;
