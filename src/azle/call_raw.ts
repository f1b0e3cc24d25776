import { call } from 'azle';
import type { Principal } from '@dfinity/principal';

/** What Azle 0.33 keeps of calls that are under way; internal to it, so nothing here is relied on. */
interface NativeCalls {
    readonly _azleIc?: {
        readonly callRaw?: (
            resolveId: string,
            rejectId: string,
            canister: Uint8Array,
            method: string,
            argument: Uint8Array,
            cycles: string
        ) => void;
    };
    readonly _azleResolveCallbacks?: { [id: string]: (reply: Uint8Array) => void };
    readonly _azleRejectCallbacks?: { [id: string]: (thrown: unknown) => void };
}

/**
 * Numbers the calls of this heap, and an upgrade begins a new one: {@link openCalls} keeps answers from coming to a heap that did not ask.
 * A message that traps takes its numbers back together with its calls.
 */
let sent = 0;

/** Calls to other canisters, and to this one, whose answers have not come; Azle's own calls are among them. */
export function openCalls(): number {
    return Object.keys((globalThis as NativeCalls)._azleResolveCallbacks ?? {}).length;
}

/**
 * Calls a method with an encoded argument; its reply as it came. Throws what Azle's `call` throws. Azle names each call by two
 * texts with a random UUID and enters it by way of its action log, which costs 150 000 instructions; a number does as well.
 * Where Azle keeps its calls elsewhere, its own function serves.
 */
export function callRaw(canister: Principal, method: string, argument: Uint8Array): Promise<Uint8Array> {
    const {
        _azleIc: native,
        _azleResolveCallbacks: replies,
        _azleRejectCallbacks: rejects
    } = globalThis as NativeCalls;
    if (native?.callRaw === undefined || replies === undefined || rejects === undefined) {
        return call<Uint8Array, Uint8Array>(canister, method, { raw: true, args: argument });
    }
    const { callRaw: send } = native;
    return new Promise((resolve, reject) => {
        sent += 1;
        const id = `emc_${sent}`;
        replies[id] = resolve;
        rejects[id] = reject;
        send(id, id, canister.toUint8Array(), method, argument, '0');
    });
}
