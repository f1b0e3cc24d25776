/** Whose message is executed next (README, "Long executions"). In rounds that are not sliced: the oldest. */
import type { Canister } from '../state/canister';
import type { Message } from '../state/message';
import { managementMethods } from '../management/methods';
import { sliceLimits } from '../state/limits';
import { findCanister, type Network } from '../state/network';
import { managementId, sameId } from '../state/principals';

/** Management methods that replace or copy what an execution works on. */
const exclusiveMethods: ReadonlySet<string> = new Set([
    'install_code',
    'install_chunked_code',
    'uninstall_code',
    'delete_canister',
    'take_canister_snapshot',
    'load_canister_snapshot'
]);

/** No call context tells these that code is being installed. */
const methodsBehindDeployments: ReadonlySet<string> = new Set(['start_canister', 'stop_canister', 'update_settings']);

/** A message, and the canister that it is executed on; undefined for natives and for what the network does itself. */
export interface Turn {
    readonly message: Message;
    readonly canister: Canister | undefined;
}

/**
 * The next message to execute; undefined when there is none. What came for a canister that cannot take it is put aside: until its long
 * execution is over, or, when it has executed for a slice already, until the others had their turn. A canister's messages stay in order.
 */
export function nextTurn(network: Network): Turn | undefined {
    for (;;) {
        const message = network.queue.shift();
        if (message === undefined) {
            if (!beginTurns(network)) return undefined;
            continue;
        }
        const canister = receiver(network, message);
        if (canister === undefined || !mustWait(network, canister, message)) return { message, canister };
        canister.waiting.push(message);
    }
}

function mustWait(network: Network, canister: Canister, message: Message): boolean {
    if (message.kind === 'call' && sameId(message.callee, managementId) && !exclusiveMethods.has(message.method)) {
        return canister.longExecution?.step.kind === 'deployment';
    }
    const isOver = network.isSliced && canister.turnInstructions >= sliceLimits.message;
    return isOver || canister.longExecution !== undefined || canister.waiting.length > 0;
}

/** The canister that the message may have to wait for. */
function receiver(network: Network, message: Message): Canister | undefined {
    if (message.kind === 'response') return findCanister(network, message.canisterId);
    const { callee, method, argument } = message;
    if (!sameId(callee, managementId)) return findCanister(network, callee);
    const mayWait = exclusiveMethods.has(method) || methodsBehindDeployments.has(method);
    const target = mayWait ? managementMethods.get(method)?.target(argument) : undefined;
    return target && findCanister(network, target);
}

/** Whether the canister has messages put aside that it could take now. */
export function hasTurn({ waiting, longExecution }: Canister): boolean {
    return waiting.length > 0 && longExecution === undefined;
}

/** Everybody may execute again; false when nobody has anything to execute. */
function beginTurns(network: Network): boolean {
    for (const canister of network.canisters.values()) {
        canister.turnInstructions = 0n;
        if (hasTurn(canister)) canister.waiting.splice(0).forEach((message) => network.queue.push(message));
    }
    return network.queue.length > 0;
}

/** The canister's messages come before all others. */
export function putInFront(network: Network, canister: Canister): void {
    network.queue.putBack(canister.waiting.splice(0));
    canister.turnInstructions = 0n;
}
