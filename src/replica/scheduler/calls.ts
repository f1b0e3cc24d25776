/** Calls arriving at canisters. */
import type { Network } from '../state/network';
import type { Canister } from '../state/canister';
import type { CallMessage } from '../state/message';
import type { Context, ExecutionOutput } from '../execution/types';
import type { IcError } from '../state/errors';
import type { CallStep } from '../state/long_execution';
import type { InstalledModule } from '../state/module';
import { findCanister, hasRoute } from '../state/network';
import { reject } from '../state/message';
import { exportsEntry } from '../state/module';
import { hasId } from '../state/principals';
import {
    canisterNotFound,
    canisterStopped,
    canisterStopping,
    compositeInReplicatedMode,
    methodNotFound,
    noRoute,
    noWasmModule,
    outOfCycles,
    tooFewCycles
} from '../state/failures';
import { pricesOf, settle, withdraw } from '../cycles/account';
import { openContext } from './contexts';
import { execute, failureOf, settleContext } from './execution';
import { respond } from './respond';
import { subnetOf } from '../state/subnet';

/** Executes the call; returns the instructions used. */
export function executeCall(network: Network, call: CallMessage): bigint {
    const canister = findCanister(network, call.callee);
    if (canister === undefined) {
        const isGiven = hasRoute(network, call.callee);
        return refuse(network, call, isGiven ? canisterNotFound(call.callee) : noRoute(call.callee));
    }
    const target = resolve(canister, call);
    if ('code' in target) return refuse(network, call, target);
    return run(network, call, canister, target);
}

function refuse(network: Network, call: CallMessage, error: IcError): bigint {
    respond(network, call.origin, reject(error), call.cycles);
    return 0n;
}

interface Target {
    readonly module: InstalledModule;
    readonly mode: Context;
    readonly entry: string;
}

/** What keeps a canister from taking calls at all; undefined when it runs. */
export function unavailability(canister: Canister): IcError | undefined {
    if (canister.status.kind === 'stopped') return canisterStopped(canister);
    return canister.status.kind === 'stopping' ? canisterStopping(canister) : undefined;
}

function resolve(canister: Canister, call: CallMessage): Target | IcError {
    const unavailable = unavailability(canister);
    if (unavailable !== undefined) return unavailable;
    if (call.origin.kind === 'canister' && call.cycles < canister.settings.minimumIncomingCallCycles) {
        return tooFewCycles(canister);
    }
    const module = canister.module;
    if (module === undefined) return noWasmModule(canister);
    const update = `canister_update ${call.method}`;
    if (exportsEntry(module, update)) return { module, mode: 'U', entry: update };
    const query = `canister_query ${call.method}`;
    if (exportsEntry(module, query)) return { module, mode: 'RQ', entry: query };
    return exportsEntry(module, `canister_composite_query ${call.method}`)
        ? compositeInReplicatedMode(canister, call.method)
        : methodNotFound(canister, 'update', call.method);
}

function run(network: Network, call: CallMessage, canister: Canister, target: Target): bigint {
    const prepaid = pricesOf(network, canister).callbackReserve();
    const short = withdraw(network, canister, prepaid);
    if (short !== undefined) {
        const forController = hasId(canister.settings.controllers, call.caller);
        return refuse(network, call, outOfCycles(canister, short.missing, forController));
    }
    const callContext = openContext(canister, call);
    const step: CallStep = { kind: 'call', contextId: callContext.id, prepaid };
    const { used, output } = execute(network, {
        canister,
        module: target.module,
        callContext,
        mode: target.mode,
        entry: { export: target.entry },
        instructionLimit: subnetOf(network, canister.id).limits.message,
        input: { argument: call.argument },
        step
    });
    if (output !== undefined) finishCall(network, canister, step, output);
    return used;
}

/** Settles the execution of a call or task, and answers who waits if the canister did not and no longer can. */
export function finishCall(network: Network, canister: Canister, step: CallStep, output: ExecutionOutput): void {
    const price = pricesOf(network, canister).execution(output.instructions);
    settle(network, canister, step.prepaid, price, 'instructions');
    const context = canister.contexts.get(step.contextId);
    if (context !== undefined) settleContext(network, canister, context, failureOf(canister, output.trap));
}
