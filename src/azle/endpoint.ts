/**
 * Decorators of the canisters' methods. Canisters take them from here and never from azle: each takes the argument types and
 * the result type of the Candid method, and reads and answers messages with codecs compiled from them.
 */
import {
    IDL,
    init as azleInit,
    inspectMessage as azleInspectMessage,
    msgArgData,
    msgMethodName,
    msgReply,
    postUpgrade as azlePostUpgrade,
    preUpgrade as azlePreUpgrade,
    query as azleQuery,
    trap,
    update as azleUpdate
} from 'azle';
import { compileArgs, type ArgsCodec } from '../core/candid/codec';
import { withRefusal } from '../core/candid/result_type';
import { useUtf8Encoder } from '../core/candid/utf8';
import { openCalls } from './call_raw';
import { nativeUtf8 } from './native_text';
import { shortcut } from './shortcut';

useUtf8Encoder(nativeUtf8);

type Method<This, Args extends unknown[], Return> = (this: This, ...args: Args) => Return;
type Context<This, Args extends unknown[], Return> = ClassMethodDecoratorContext<This, Method<This, Args, Return>>;
type Decorator<This, Args extends unknown[], Return> = (
    method: Method<This, Args, Return>,
    context: Context<This, Args, Return>
) => void;
/** A method that takes its arguments from the message and replies by itself. */
type Manual<This> = Method<This, [], void | Promise<void>>;

const MANUAL = { manual: true };

/** Third argument of {@link update}: a method that a pause does not stop (docs/decisions/0013-pausing.md says which and why). */
export const SERVED_WHILE_PAUSED = { isServedWhilePaused: true } as const;

const REFUSAL = { Err: { Paused: null } };

/** A method that a pause stops must be able to say so: its result is `variant { Ok; Err : variant { … } }`. */
export class NoRefusals extends Error {
    constructor(readonly method: string) {
        super(`the result of ${method} has no variant of refusals`);
        this.name = 'NoRefusals';
    }
}

let isPaused = (): boolean => false;

/** Names of the update methods of this canister. */
const updates = new Set<string>();

/** From now on update methods answer `Paused` while this holds, those excepted that are served nevertheless. */
export function refuseUpdatesWhile(condition: () => boolean): void {
    isPaused = condition;
}

/**
 * A method that may change state; may be asynchronous. Unless the third argument says otherwise, it is one that a pause
 * stops: its Candid has the refusal `Paused`, and it is answered before the argument is read. Its codecs are compiled at
 * installation, so that the first call after an upgrade costs what any call does.
 * @throws {@link NoRefusals}
 */
export function update<This extends object, Args extends unknown[], Return>(
    args: IDL.Type[],
    result: IDL.Type,
    served?: typeof SERVED_WHILE_PAUSED
): Decorator<This, Args, Return> {
    return (method, context) => {
        const answer = served === undefined ? withRefusal(result, 'Paused') : result;
        if (answer === undefined) throw new NoRefusals(String(context.name));
        updates.add(String(context.name));
        const signature = new Signature<Args, Awaited<Return> | typeof REFUSAL>(args, answer);
        const run = replying(method, signature);
        const reply = served === undefined ? unlessPaused(run, signature) : run;
        azleUpdate<This, [], void | Promise<void>>(args, answer, MANUAL)(reply, manual(context));
        context.addInitializer(function () {
            signature.prepare();
            shortcut(this, () => reply.call(this));
        });
    };
}

/**
 * A method that only reads; it also answers as an update call. Its codecs are compiled at installation: what a query compiles
 * is gone with the query.
 */
export function query<This extends object, Args extends unknown[], Return>(
    args: IDL.Type[],
    result: IDL.Type
): Decorator<This, Args, Return> {
    return (method, context) => {
        const signature = new Signature<Args, Awaited<Return>>(args, result);
        const reply = replying(method, signature);
        azleQuery<This, [], void | Promise<void>>(args, result, MANUAL)(reply, manual(context));
        context.addInitializer(function () {
            signature.prepare();
            shortcut(this, () => reply.call(this));
        });
    };
}

/** `canister_init`; must take the arguments of {@link postUpgrade}. */
export function init<This, Args extends unknown[], Return>(args: IDL.Type[]): Decorator<This, Args, Return> {
    return (method, context) => azleInit<This, [], Return>(args, MANUAL)(decoding(method, args), manual(context));
}

/**
 * `canister_post_upgrade`, and a `canister_pre_upgrade` that refuses the upgrade while calls are under way
 * (docs/decisions/0023-upgrades-with-open-calls.md).
 */
export function postUpgrade<This, Args extends unknown[], Return>(args: IDL.Type[]): Decorator<This, Args, Return> {
    return (method, context) => {
        azlePostUpgrade<This, [], Return>(args, MANUAL)(decoding(method, args), manual(context));
        azlePreUpgrade<This, [], void>(refuseWithOpenCalls, manual(context));
    };
}

/**
 * The answer to an open call is handed to the address in memory where its caller waits. After an upgrade there is something else:
 * another call, which would take the answer for its own, or nothing that makes sense.
 */
function refuseWithOpenCalls(): void {
    const open = openCalls();
    if (open > 0) trap(`calls to other canisters are under way (${open}): stop the canister before the upgrade`);
}

/**
 * `canister_inspect_message`: accepts or refuses ingress before it costs anything. The method is given the name of the
 * method that was called, its argument as it came, and whether it may change state (a query may be asked as an update, for
 * a certified answer). It accepts by returning true.
 */
export function inspectMessage<This>(
    method: Method<This, [name: string, argument: Uint8Array, isUpdate: boolean], boolean>,
    context: Context<This, [name: string, argument: Uint8Array, isUpdate: boolean], boolean>
): void {
    function inspect(this: This): boolean {
        const name = msgMethodName();
        return method.call(this, name, msgArgData(), updates.has(name));
    }
    azleInspectMessage<This, [], boolean>(MANUAL)(inspect, manual(context));
}

/** Both directions of one method. */
class Signature<Args extends unknown[], Return> {
    readonly args: ArgsCodec<Args>;
    private readonly result: ArgsCodec<[Return]>;

    constructor(args: IDL.Type[], result: IDL.Type) {
        this.args = compileArgs(args);
        this.result = compileArgs([result]);
    }

    prepare(): void {
        this.args.prepareDecode();
        this.result.prepareEncode();
    }

    reply(value: Return): void {
        msgReply(this.result.encodeShared([value]));
    }
}

function unlessPaused<This, Args extends unknown[], Return>(
    run: Manual<This>,
    signature: Signature<Args, Return | typeof REFUSAL>
): Manual<This> {
    return function (this: This) {
        return isPaused() ? signature.reply(REFUSAL) : run.call(this);
    };
}

function replying<This, Args extends unknown[], Return>(
    method: Method<This, Args, Return>,
    signature: Signature<Args, Awaited<Return> | typeof REFUSAL>
): Manual<This> {
    return function (this: This) {
        const returned: Return | Promise<Awaited<Return>> = method.apply(this, decodeArgument(signature.args));
        if (returned instanceof Promise) return returned.then((value) => signature.reply(value));
        signature.reply(returned as Awaited<Return>);
    };
}

function decoding<This, Args extends unknown[], Return>(
    method: Method<This, Args, Return>,
    args: IDL.Type[]
): Method<This, [], Return> {
    const codec = compileArgs<Args>(args);
    return function (this: This) {
        return method.apply(this, decodeArgument(codec));
    };
}

/** A malformed argument ends the message: nothing has happened yet, and a reject is what the network says of such messages. */
function decodeArgument<Args extends unknown[]>(codec: ArgsCodec<Args>): Args {
    const decoded = codec.decode(msgArgData());
    if (decoded.ok) return decoded.value;
    const { code, offset } = decoded.error;
    return trap(`Candid argument refused: ${code} at byte ${offset}`);
}

/** The context serves Azle for the name and the initializers; it does not know the method's type. */
function manual<This, Args extends unknown[], Return, Other>(
    context: Context<This, Args, Return>
): Context<This, [], Other> {
    return context as unknown as Context<This, [], Other>;
}
