/** What an execution may see of the network. */
import type { ExecutionInput } from '../execution/types';
import type { Network } from '../state/network';
import type { CallContext } from '../state/message';
import { memoryBytes, statusCode, type Canister } from '../state/canister';
import { keepingOf } from '../cycles/account';
import { cyclesMintingId } from '../natives/ids';
import { idKey, managementId, sameId } from '../state/principals';
import { subnetOf } from '../state/subnet';

/** Messages that may wait between one canister and another. */
const queueCapacity = 500;

const nothing = new Uint8Array(0);

type Settled = 'context' | 'entry' | 'instructionLimit';
/** What a caller of `executionInput` must say, and what it may. */
export type InputChoice = Pick<ExecutionInput, Settled> & Partial<Omit<ExecutionInput, Settled>>;

/** Free places in the queues to other canisters, by the calls that wait for their responses. */
export function queueRoom(outstandingTo: ReadonlyMap<string, number>): ExecutionInput['queueRoom'] {
    return (callee) => queueCapacity - (outstandingTo.get(idKey(callee)) ?? 0);
}

/** Everything that the choice leaves open gets the value that means absence. */
export function executionInput(network: Network, canister: Canister, choice: InputChoice): ExecutionInput {
    const subnet = subnetOf(network, canister.id);
    const bytes = memoryBytes(canister);
    const keeping = keepingOf(canister);
    return {
        contextInstructions: 0n,
        timeNs: network.roundNs,
        self: canister.id,
        subnet: subnet.subnetId,
        rootKey: network.config.rootKeyDer,
        caller: managementId,
        controllers: canister.settings.controllers,
        canisterVersion: canister.version,
        status: statusCode(canister),
        argument: nothing,
        rejectCode: 0,
        rejectMessage: '',
        methodName: '',
        deadlineNs: 0n,
        responded: false,
        cyclesAvailable: 0n,
        cyclesRefunded: 0n,
        balance: canister.balance,
        freezingLimit: subnet.prices.freezingLimit(bytes, keeping),
        replicated: true,
        ...(sameId(canister.id, cyclesMintingId) && { mayMint: true }),
        globalTimerNs: canister.globalTimerNs,
        environmentVariables: canister.settings.environmentVariables,
        queueRoom: queueRoom(canister.outstandingTo),
        subnetRanges: subnet.ranges,
        ...(network.roomBytes !== undefined && { roomBytes: network.roomBytes }),
        memoryUse: { ...keeping, bytes },
        wasmMemoryLimit: canister.settings.wasmMemoryLimit,
        costs: subnet.prices,
        ...choice
    };
}

/** The part of the input that comes from the call context. */
export function contextInput(context: CallContext): Partial<ExecutionInput> {
    return {
        caller: context.caller,
        ...(context.callerInfo && { callerInfo: context.callerInfo }),
        deadlineNs: context.deadlineNs,
        responded: context.responded,
        cyclesAvailable: context.cyclesAvailable,
        contextInstructions: context.instructions
    };
}
