/** A native canister from a table of typed methods: the boundary between Candid bytes and plain functions. */
import { decodeArgument, encodeResult, nothing, type Codec } from '../candid/codecs';
import { serviceText, type MethodSignature } from '../candid/did';
import { calledTrap, methodNotFound } from '../state/failures';
import { reject, reply, type CallResponse } from '../state/message';
import type {
    NativeAnswer,
    NativeCall,
    NativeCanister,
    NativeCertifiedData,
    NativeHost,
    NativeQueryView
} from '../state/native';
import { idText } from '../state/principals';

/** What a method knows beside its argument. */
export interface QueryContext extends NativeQueryView {
    readonly caller: Uint8Array;
}

/** What an update knows and may do. */
export interface UpdateContext extends QueryContext {
    /** Attached by the calling canister. */
    readonly cycles: bigint;
    readonly host: NativeHost;
}

/** `refused`: the call fails as if the canister had rejected it; nothing has changed and no cycles are taken. */
export type Outcome<R> =
    | { readonly kind: 'answered'; readonly value: R; readonly accepted: bigint }
    | { readonly kind: 'refused'; readonly why: string };

/** An answer; `accepted` of the attached cycles are kept. */
export function answered<R>(value: R, accepted = 0n): Outcome<R> {
    return { kind: 'answered', value, accepted };
}

/** A refusal of the whole call, where the real canister would trap. */
export function refused(why: string): Outcome<never> {
    return { kind: 'refused', why };
}

/** A method with its types sealed inside. */
export interface NativeMethod extends MethodSignature {
    run(argument: Uint8Array, context: UpdateContext): Outcome<Uint8Array>;
    /** Undefined for updates. */
    readonly ask?: (argument: Uint8Array, context: QueryContext) => Outcome<Uint8Array>;
}

/** How a method is declared; an absent argument means none. */
interface Declaration<A, R> {
    readonly argument?: Codec<A>;
    readonly result: Codec<R>;
}

/** A method that only reads. It may be called as an update, too. */
export function query<R, A = undefined>(
    declaration: Declaration<A, R> & { readonly run: (argument: A, context: QueryContext) => R }
): NativeMethod {
    const { run } = declaration;
    return fallibleQuery({ ...declaration, run: (argument, context) => answered(run(argument, context)) });
}

/** A method that only reads, and refuses some arguments. */
export function fallibleQuery<R, A = undefined>(
    declaration: Declaration<A, R> & { readonly run: (argument: A, context: QueryContext) => Outcome<R> }
): NativeMethod {
    const { argument, result, run } = declaration;
    const ask = (bytes: Uint8Array, context: QueryContext): Outcome<Uint8Array> =>
        sealed(declaration, bytes, (value) => run(value, context));
    return { argument, result, query: true, ask, run: ask };
}

/** A method that changes state. */
export function update<R, A = undefined>(
    declaration: Declaration<A, R> & { readonly run: (argument: A, context: UpdateContext) => Outcome<R> }
): NativeMethod {
    const { argument, result, run } = declaration;
    return {
        argument,
        result,
        query: false,
        run: (bytes, context) => sealed(declaration, bytes, (value) => run(value, context))
    };
}

function sealed<A, R>(
    { argument, result }: Declaration<A, R>,
    bytes: Uint8Array,
    run: (argument: A) => Outcome<R>
): Outcome<Uint8Array> {
    const decoded = decodeArgument(argument ?? (nothing as Codec<A>), bytes);
    if (!decoded.ok) return refused(`failed to decode call arguments: ${decoded.why}`);
    const outcome = run(decoded.value);
    return outcome.kind === 'refused' ? outcome : answered(encodeResult(result, outcome.value), outcome.accepted);
}

/** A native canister's methods, by name. */
export type Methods = ReadonlyMap<string, NativeMethod>;

/** The canister with these methods; its interface is its `candid:service` metadata. */
export function nativeService(
    canisterId: Uint8Array,
    methods: Methods,
    certified?: () => NativeCertifiedData
): NativeCanister {
    const name = { text: idText(canisterId) };
    const missing = (kind: 'update' | 'query', method: string): CallResponse =>
        reject(methodNotFound(name, kind, method));
    const run = ({ method, argument, caller, cyclesAvailable: cycles }: NativeCall, host: NativeHost): NativeAnswer => {
        const outcome = methods.get(method)?.run(argument, { caller, nowNs: host.nowNs, cycles, host });
        if (outcome === undefined) return { response: missing('update', method), cyclesAccepted: 0n };
        const cyclesAccepted = outcome.kind === 'answered' ? outcome.accepted : 0n;
        return { response: toResponse(name, outcome), cyclesAccepted };
    };
    return {
        canisterId,
        controllers: [],
        metadata: [{ name: 'candid:service', visibility: 'public', content: Buffer.from(serviceText(methods)) }],
        update: run,
        ...(certified && { certified }),
        query: ({ method, argument, caller }, view) => {
            const outcome = methods.get(method)?.ask?.(argument, { caller, ...view });
            return outcome === undefined ? missing('query', method) : toResponse(name, outcome);
        }
    };
}

function toResponse(canister: { readonly text: string }, outcome: Outcome<Uint8Array>): CallResponse {
    return outcome.kind === 'answered' ? reply(outcome.value) : reject(calledTrap(canister, outcome.why));
}
