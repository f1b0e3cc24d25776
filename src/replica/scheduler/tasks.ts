/** What runs by itself: low-memory hook, global timer, heartbeat. */
import type { Network } from '../state/network';
import type { Canister } from '../state/canister';
import { exportsEntry } from '../state/module';
import { sliceLimits } from '../state/limits';
import { managementId } from '../state/principals';
import { countTransaction } from '../state/subnet_metrics';
import type { CallStep } from '../state/long_execution';
import { pricesOf, withdraw } from '../cycles/account';
import { finishCall } from './calls';
import { openContext } from './contexts';
import { execute } from './execution';
import { subnetOf } from '../state/subnet';

const hookEntry = 'canister_on_low_wasm_memory';
const timerEntry = 'canister_global_timer';
const heartbeatEntry = 'canister_heartbeat';

/**
 * Runs what is due in every running canister but those of the given keys; returns the instructions used. A sliced round ends when they are
 * too many, and the next one begins where it ended.
 */
export function runTasks(network: Network, resting: ReadonlySet<string>): bigint {
    let instructions = 0n;
    const canisters = [...network.canisters.values()];
    const first = Math.max(
        0,
        canisters.findIndex(({ key }) => key === network.nextTasksOf)
    );
    network.nextTasksOf = '';
    for (const canister of [...canisters.slice(first), ...canisters.slice(0, first)]) {
        if (network.isSliced && instructions >= sliceLimits.tasks) {
            network.nextTasksOf = canister.key;
            return instructions;
        }
        if (!resting.has(canister.key)) instructions += runTasksOf(network, canister);
    }
    return instructions;
}

function runTasksOf(network: Network, canister: Canister): bigint {
    let instructions = 0n;
    const timerNs = canister.globalTimerNs;
    for (const entry of takeDueTasks(network, canister)) {
        if (canister.longExecution === undefined) instructions += runTask(network, canister, entry);
        // Its turn comes when the task before it has ended.
        else if (entry === timerEntry) canister.globalTimerNs = timerNs;
    }
    return instructions;
}

/** Whether the low-memory hook waits to run. */
export function hasDueHook(canister: Canister): boolean {
    return canTick(canister) && canister.lowMemoryHook === 'due';
}

/** Whether the canister wants every round. */
export function hasHeartbeat(canister: Canister): boolean {
    return canTick(canister) && canister.module !== undefined && exportsEntry(canister.module, heartbeatEntry);
}

/** When the timer fires, if the canister is running and has one. */
export function timerNs(canister: Canister): bigint | undefined {
    return canTick(canister) && canister.globalTimerNs > 0n ? canister.globalTimerNs : undefined;
}

/** A canister whose long execution goes on has no time for others. */
function canTick({ status, module, longExecution }: Canister): boolean {
    return status.kind === 'running' && module !== undefined && longExecution === undefined;
}

/** Disarms what fires now: a timer that wants to fire again sets itself. */
function takeDueTasks(network: Network, canister: Canister): readonly string[] {
    if (!canTick(canister)) return [];
    const due: string[] = [];
    if (canister.lowMemoryHook === 'due') {
        canister.lowMemoryHook = 'executed';
        due.push(hookEntry);
    }
    if (canister.globalTimerNs > 0n && canister.globalTimerNs <= network.roundNs) {
        canister.globalTimerNs = 0n;
        due.push(timerEntry);
    }
    due.push(heartbeatEntry);
    return due;
}

function runTask(network: Network, canister: Canister, entry: string): bigint {
    const { module } = canister;
    if (module === undefined || !exportsEntry(module, entry)) return 0n;
    const prepaid = pricesOf(network, canister).callbackReserve();
    // A frozen canister's tasks are skipped without a trace, as nobody waits for them.
    if (withdraw(network, canister, prepaid) !== undefined) return 0n;
    countTransaction(network, canister.id);
    const origin = { kind: 'system' } as const;
    const callContext = openContext(canister, { origin, caller: managementId, deadlineNs: 0n, cycles: 0n });
    const step: CallStep = { kind: 'task', contextId: callContext.id, prepaid };
    const { used, output } = execute(network, {
        canister,
        module,
        callContext,
        mode: 'T',
        entry: { export: entry },
        instructionLimit: subnetOf(network, canister.id).limits.message,
        step
    });
    if (output !== undefined) finishCall(network, canister, step, output);
    return used;
}
