/**
 * The failures that the network itself reports, with the replica's own texts (replica.md a.6): tools match their beginnings.
 */
import { cyclesText, memoryGrowText } from '../execution/traps';
import type { Trap } from '../execution/types';
import { isErrorName, type ErrorName, type IcError } from './errors';
import type { Canister } from './canister';
import { idText } from './principals';

/** Anything with the canister's id as text. */
type Named = Pick<Canister, 'text'>;

const helpUrl = 'https://internetcomputer.org/docs/current/references/execution-errors';

function fromCanister(canister: Named, code: ErrorName, description: string): IcError {
    return { code, message: `Error from Canister ${canister.text}: ${description}` };
}

/** IC0301. */
export function canisterNotFound(id: Uint8Array): IcError {
    return { code: 'CanisterNotFound', message: `Canister ${idText(id)} not found.` };
}

/** Of ids that no subnet has given to anybody. */
export function noRoute(id: Uint8Array): IcError {
    return { code: 'CanisterNotFound', message: `No route to canister ${idText(id)}` };
}

/** IC0508. */
export function canisterStopped(canister: Canister): IcError {
    return { code: 'CanisterStopped', message: `Canister ${canister.text} is stopped` };
}

/** IC0509. */
export function canisterStopping(canister: Canister): IcError {
    return { code: 'CanisterStopping', message: `Canister ${canister.text} is stopping` };
}

/** IC0537. */
export function noWasmModule(canister: Canister): IcError {
    const text = 'Attempted to execute a message, but the canister contains no Wasm module.';
    return fromCanister(
        canister,
        'CanisterWasmModuleNotFound',
        `${text}\nPlease install code to the canister. See documentation: ${helpUrl}#wasm-module-not-found`
    );
}

/** IC0536. */
export function methodNotFound(canister: Named, kind: 'update' | 'query', method: string): IcError {
    const text = `Canister has no ${kind} method '${method}'.`;
    return fromCanister(
        canister,
        'CanisterMethodNotFound',
        `${text}\nCheck that the method being called is exported by the target canister. See documentation: ${helpUrl}#method-not-found`
    );
}

/** IC0527. */
export function compositeInReplicatedMode(canister: Canister, method: string): IcError {
    const message = `Composite query '${method}' of canister ${canister.text} cannot be called in replicated mode.`;
    return { code: 'CompositeQueryCalledInReplicatedMode', message };
}

/** IC0506: neither reply nor reject, and no calls left that could bring one. */
export function didNotReply(canister: Canister): IcError {
    const text = 'Canister did not produce a response';
    return fromCanister(
        canister,
        'CanisterDidNotReply',
        `${text}\nIf this is unexpected, please contact the canister's developers.`
    );
}

/** IC0406: `canister_inspect_message` did not accept. */
export function rejectedByInspection(canister: Canister): IcError {
    return fromCanister(canister, 'CanisterRejectedMessage', 'Canister rejected the message');
}

/** The trap's own code; its text behind the canister's name. */
export function trapped(canister: Canister, trap: Trap): IcError {
    return fromCanister(canister, isErrorName(trap.code) ? trap.code : 'CanisterTrapped', trap.message);
}

/** Both the callback and the cleanup that followed trapped. */
export function cleanupTrapped(canister: Canister, callback: Trap, cleanup: Trap): IcError {
    const both = `${callback.message}\n\ncall_on_cleanup also failed:\n\n${cleanup.message}`;
    return trapped(canister, { code: callback.code, message: both });
}

/** A canister's own `msg_reject`. */
export function rejectedByCanister(message: string): IcError {
    return { code: 'CanisterRejectedMessage', message };
}

/** IC0503, where a canister written in TypeScript gives a call up. */
export function calledTrap(canister: Named, why: string): IcError {
    return fromCanister(canister, 'CanisterCalledTrap', `Canister called \`ic0.trap\` with message: '${why}'`);
}

/** Reject code 4, as the specification asks for calls that an uninstall cuts off. */
export function uninstalled(): IcError {
    return { code: 'CanisterRejectedMessage', message: 'Canister has been uninstalled.' };
}

/** IC0520, by the setting `minimum_incoming_canister_call_cycles`. */
export function tooFewCycles(canister: Canister): IcError {
    const message = `Canister ${canister.text} refuses calls with fewer cycles than its settings ask for.`;
    return { code: 'InsufficientCyclesInCall', message };
}

/** Only controllers are told what is missing. */
export function outOfCycles(canister: Canister, missing: bigint, forController: boolean): IcError {
    const topUp = `: please top up the canister with at least ${cyclesText(missing)} additional cycles`;
    const message = `Canister ${canister.text} is out of cycles${forController ? topUp : ''}`;
    return { code: 'CanisterOutOfCycles', message };
}

/** IC0532; only controllers are told what is missing. */
export function cannotGrow(bytes: bigint, missing: bigint | undefined): IcError {
    return { code: 'InsufficientCyclesInMemoryGrow', message: memoryGrowText(bytes, missing) };
}

/** IC0207: an execution that gave cycles away which the canister no longer has. */
export function outOfCyclesTrap({ text }: Named): Trap {
    return { code: 'CanisterOutOfCycles', message: `Canister ${text} is out of cycles` };
}

/** IC0201 for who asks without HTTP, which has a status for it. */
export function overloaded(id: Uint8Array): IcError {
    const message = `Canister ${idText(id)} has too many long queries waiting. The service is overloaded.`;
    return { code: 'CanisterQueueFull', message };
}

/** IC0521: twice the thread that executed a query was lost, probably for want of memory. */
export function queryThreadGone(id: Uint8Array): IcError {
    const text = 'Canister encountered a Wasm engine error: the thread that executed the query has ended';
    return fromCanister({ text: idText(id) }, 'CanisterWasmEngineError', text);
}

/** IC0601, reject code 6: the outcome of the call stays unknown. */
export function deadlineExpired(): IcError {
    return { code: 'DeadlineExpired', message: 'Call deadline has expired.' };
}

/** IC0512 before execution. */
export function onlyControllers(canister: Canister, method: string): IcError {
    const message = `Only controllers of canister ${canister.text} can call ic00 method ${method}`;
    return { code: 'CanisterInvalidController', message };
}

/** IC0406: the settings say who may see the canister's snapshots. */
export function notSnapshotViewer(sender: Uint8Array, method: string): IcError {
    return { code: 'CanisterRejectedMessage', message: `Caller ${idText(sender)} is not allowed to call ${method}` };
}

/** IC0512 from execution. */
export function notController(canister: Canister, sender: Uint8Array): IcError {
    const controllers = canister.settings.controllers.map(idText).join(' ');
    const message =
        `Only the controllers of the canister ${canister.text} can control it.\n` +
        `Canister's controllers: ${controllers}\nSender's ID: ${idText(sender)}`;
    return { code: 'CanisterInvalidController', message };
}

/** IC0406 for methods that users may not call. */
export function onlyCanisters(method: string): IcError {
    return { code: 'CanisterRejectedMessage', message: `Only canisters can call ic00 method ${method}` };
}

/** IC0406: less than the fee of the method came with the call. */
export function belowFee(method: string, cycles: bigint, fee: bigint): IcError {
    const message = `${method} request sent with ${cyclesText(cycles)} cycles, but ${cyclesText(fee)} cycles are required.`;
    return { code: 'CanisterRejectedMessage', message };
}

/** IC0407. */
export function unknownManagementMethod(method: string): IcError {
    return { code: 'UnknownManagementMessage', message: `Management canister has no method '${method}'` };
}

/** IC0536, whose code canisters find in the text, because their calls fail before they are sent. */
export function noManagementMethod(method: string): IcError {
    return { code: 'CanisterMethodNotFound', message: `IC0536: Management canister has no method '${method}'` };
}

/** IC0408. */
export function invalidPayload(why: string): IcError {
    return { code: 'InvalidManagementPayload', message: `Error decoding candid: ${why}` };
}

/** IC0206. */
export function stopTimedOut(canister: Canister): IcError {
    const message = `Stop canister request for canister ${canister.text} timed out.`;
    return { code: 'StopCanisterRequestTimeout', message };
}

/** A start while stopping cancels the stop requests that still wait. */
export function stopCancelled(canister: Canister): IcError {
    const message = `Canister ${canister.text}'s stop request was cancelled.`;
    return { code: 'CanisterStoppingCancelled', message };
}
