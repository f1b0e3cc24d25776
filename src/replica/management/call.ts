/** A call to the management canister, and what a method makes of it. */
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import type { ChangeOrigin } from '../state/history';
import type { Origin } from '../state/message';
import type { Network } from '../state/network';
import { canisterNotFound, invalidPayload, notController, outOfCycles } from '../state/failures';
import { findCanister } from '../state/network';
import { pricesOf, spend, withdraw } from '../cycles/account';
import { hasId, sameId } from '../state/principals';
import { mayView } from '../state/settings';
import { decodeArgument, encodedNothing, encodeResult, type Codec } from '../candid/codecs';

/** Who calls, and from where. */
export interface ManagementCall {
    readonly network: Network;
    readonly origin: Origin;
    readonly caller: Uint8Array;
    /** Attached by the calling canister. */
    readonly cycles: bigint;
    /** Of the calling canister when it made the call; absent for users and native canisters. */
    readonly callerVersion?: bigint | undefined;
    /** Set by native canisters and those of the root subnet, which call any subnet, and by queries; others call their own. */
    readonly subnetId?: Uint8Array | undefined;
}

/** `waiting`: the method has taken origin and cycles over and will respond itself. */
export type Outcome<T> =
    | { readonly kind: 'done'; readonly value: T; readonly accepted: bigint }
    | { readonly kind: 'failed'; readonly error: IcError }
    | { readonly kind: 'waiting' };

/** A canister, or why the caller may not have it. */
export type Found =
    { readonly ok: true; readonly canister: Canister } | { readonly ok: false; readonly error: IcError };

/** Success; `accepted` of the attached cycles are kept, the rest refunded. */
export function done<T>(value: T, accepted = 0n): Outcome<T> {
    return { kind: 'done', value, accepted };
}

/** An expected failure: nothing changed. */
export function failed(error: IcError): { readonly kind: 'failed'; readonly error: IcError } {
    return { kind: 'failed', error };
}

/** The canister, whoever asks. */
export function existing(network: Network, canisterId: Uint8Array): Found {
    const canister = findCanister(network, canisterId);
    return canister === undefined ? { ok: false, error: canisterNotFound(canisterId) } : { ok: true, canister };
}

/** The canister, if the caller controls it. */
export function controlled(call: ManagementCall, canisterId: Uint8Array): Found {
    const found = existing(call.network, canisterId);
    if (!found.ok || hasId(found.canister.settings.controllers, call.caller)) return found;
    return { ok: false, error: notController(found.canister, call.caller) };
}

/** The canister, if the caller controls it or is it. */
export function controlledOrSelf(call: ManagementCall, canisterId: Uint8Array): Found {
    return sameId(call.caller, canisterId) ? existing(call.network, canisterId) : controlled(call, canisterId);
}

/** The canister, if the caller is it, controls it, or may see its snapshots. */
export function snapshotViewed(call: ManagementCall, canisterId: Uint8Array): Found {
    const found = existing(call.network, canisterId);
    if (!found.ok || sameId(call.caller, canisterId)) return found;
    const { snapshotVisibility, controllers } = found.canister.settings;
    if (mayView(snapshotVisibility, controllers, call.caller)) return found;
    return { ok: false, error: notController(found.canister, call.caller) };
}

/** Charges the canister for work that is priced like an execution; IC0207 when it cannot pay. */
export function chargeWork(call: ManagementCall, canister: Canister, instructions: bigint): IcError | undefined {
    const price = pricesOf(call.network, canister).execution(instructions);
    const short = withdraw(call.network, canister, price);
    if (short !== undefined) {
        return outOfCycles(canister, short.missing, hasId(canister.settings.controllers, call.caller));
    }
    spend(call.network, canister, price, 'instructions');
    return undefined;
}

/** Who made a change, for the canister history. */
export function changeOrigin(call: ManagementCall, canisterVersion?: bigint): ChangeOrigin {
    return call.origin.kind === 'canister'
        ? { kind: 'canister', canisterId: call.caller, canisterVersion }
        : { kind: 'user', userId: call.caller };
}

/** Who may send a method as an ingress message: controllers of the target, who may see its status or its snapshots, everybody, or canisters only. */
export type IngressRule = 'controllers' | 'viewers' | 'snapshot_viewers' | 'anyone' | 'never';

/** A management method with its Candid types sealed inside. */
export interface Method {
    readonly ingress: IngressRule;
    /** May also be called as a non-replicated query. */
    readonly query: boolean;
    execute(call: ManagementCall, argument: Uint8Array): Outcome<Uint8Array>;
    /** The canister that the argument names; undefined for methods without one or an unreadable argument. */
    target(argument: Uint8Array): Uint8Array | undefined;
}

/** How a method is declared. */
export interface MethodOptions<A, R> {
    readonly ingress: IngressRule;
    readonly query?: boolean;
    readonly argument: Codec<A>;
    /** Absent for methods that return nothing. */
    readonly result?: Codec<R>;
    readonly target?: (argument: A) => Uint8Array | undefined;
    readonly run: (call: ManagementCall, argument: A) => Outcome<R>;
}

/** A canister that states its own version (`sender_canister_version`) must not be wrong; what users state is ignored. */
function versionContradiction({ callerVersion }: ManagementCall, argument: unknown): IcError | undefined {
    if (callerVersion === undefined || typeof argument !== 'object' || argument === null) return undefined;
    const stated = 'sender_canister_version' in argument ? argument.sender_canister_version : undefined;
    if (stated === undefined || stated === callerVersion) return undefined;
    const message =
        `Management canister call payload includes sender canister version ${String(stated)} ` +
        `that does not match the actual sender canister version ${callerVersion}.`;
    return { code: 'CanisterContractViolation', message };
}

/** Seals a method: bytes in, bytes out. */
export function method<A, R>(options: MethodOptions<A, R>): Method {
    const { argument: codec, result, target } = options;
    return {
        ingress: options.ingress,
        query: options.query ?? false,
        execute: (call, bytes) => {
            const argument = decodeArgument(codec, bytes);
            if (!argument.ok) return failed(invalidPayload(argument.why));
            const contradiction = versionContradiction(call, argument.value);
            if (contradiction !== undefined) return failed(contradiction);
            const outcome = options.run(call, argument.value);
            if (outcome.kind !== 'done') return outcome;
            return done(result === undefined ? encodedNothing : encodeResult(result, outcome.value), outcome.accepted);
        },
        target: (bytes) => {
            const argument = target && decodeArgument(codec, bytes);
            return argument?.ok ? target?.(argument.value) : undefined;
        }
    };
}
