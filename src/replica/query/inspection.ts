import type { IngressMessage } from '../state/api';
import type { IcError } from '../state/errors';
import type { InstalledModule } from '../state/module';
import type { Network } from '../state/network';
import type { Canister } from '../state/canister';
import {
    canisterNotFound,
    compositeInReplicatedMode,
    noWasmModule,
    rejectedByInspection,
    trapped
} from '../state/failures';
import { unavailability } from '../scheduler/calls';
import { ingressShortage } from '../scheduler/ingress_fee';
import { exportsEntry } from '../state/module';
import { findCanister } from '../state/network';
import { subnetOf } from '../state/subnet';
import type { Evaluation } from './evaluation';
import { newGraph, prepare, type QueryGraph } from './frame';
import type { Question } from './question';
import type { QueryTarget } from './view';

const inspectEntry = 'canister_inspect_message';

/** Whether the canister wants to be asked before a message to it is taken. */
export function isInspected(network: Network, canisterId: Uint8Array): boolean {
    const module = findCanister(network, canisterId)?.module;
    return module !== undefined && exportsEntry(module, inspectEntry);
}

/** Asks the canister whether it takes the message. The answer is why not; undefined when it does. */
export function inspectionQuestion(network: Network, message: IngressMessage): Question<IcError | undefined> {
    const { canisterId } = message;
    return {
        canisterId,
        isComposite: () => false,
        evaluate: (view, slice) =>
            inspect(newGraph(view, subnetOf(network, canisterId).limits.inspect, slice), message),
        failed: (error) => error
    };
}

function inspect(graph: QueryGraph, message: IngressMessage): Evaluation<IcError | undefined> {
    const { network } = graph.view;
    const target = graph.view.target(message.canisterId);
    if (target?.module === undefined || !exportsEntry(target.module, inspectEntry))
        return { kind: 'none', answer: targetRefusal(network, target, message) };
    const { canister, module } = target;
    const refusal = entryRefusal(network, { canister, module }, message);
    if (refusal !== undefined) return { kind: 'none', answer: refusal };
    const { sender: caller, callerInfo, argument, methodName } = message;
    const frame = { graph, target, module, caller, callerInfo, instructions: 0n };
    return {
        kind: 'one',
        execution: prepare(frame, { mode: 'F', entry: { export: inspectEntry }, input: { argument, methodName } }),
        answerOf: ({ trap, accepted }) => {
            if (trap !== undefined) return trapped(canister, trap);
            return accepted ? undefined : rejectedByInspection(canister);
        }
    };
}

/** Of a canister that has no inspection. */
function targetRefusal(
    network: Network,
    target: QueryTarget | undefined,
    message: IngressMessage
): IcError | undefined {
    if (target === undefined) return canisterNotFound(message.canisterId);
    const { canister, module } = target;
    return module === undefined ? noWasmModule(canister) : entryRefusal(network, { canister, module }, message);
}

/** Why the canister executes no such message, whatever it says of it: it does not run, cannot pay, or has no such update (a.7). */
export function entryRefusal(
    network: Network,
    { canister, module }: { readonly canister: Canister; readonly module: InstalledModule },
    message: IngressMessage
): IcError | undefined {
    return (
        unavailability(canister) ??
        ingressShortage(network, canister, message) ??
        methodRefusal(canister, module, message.methodName)
    );
}

/** A method that does not exist is refused by its execution, with a certificate; a composite query never executes. */
function methodRefusal(canister: Canister, module: InstalledModule, name: string): IcError | undefined {
    const executable = ['update', 'query'].some((kind) => exportsEntry(module, `canister_${kind} ${name}`));
    if (executable || !exportsEntry(module, `canister_composite_query ${name}`)) return undefined;
    return compositeInReplicatedMode(canister, name);
}
