/** What runs by itself: low-memory hook, global timer, heartbeat. */
import type { Network } from '../state/network';
import type { Canister } from '../state/canister';
import { exportsEntry } from '../state/module';
import { managementId } from '../state/principals';
import { settle, withdraw } from '../cycles/account';
import { openContext } from './contexts';
import { execute, settleContext } from './execution';
import { subnetOf } from '../state/subnet';

const hookEntry = 'canister_on_low_wasm_memory';
const timerEntry = 'canister_global_timer';
const heartbeatEntry = 'canister_heartbeat';

/** Runs what is due in every running canister; returns the instructions used. */
export function runTasks(network: Network): bigint {
    let instructions = 0n;
    for (const canister of [...network.canisters.values()]) {
        for (const entry of takeDueTasks(network, canister)) instructions += runTask(network, canister, entry);
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

function canTick(canister: Canister): boolean {
    return canister.status.kind === 'running' && canister.module !== undefined;
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
    const prepaid = subnetOf(network, canister.id).prices.callbackReserve();
    // A frozen canister's tasks are skipped without a trace, as nobody waits for them.
    if (withdraw(network, canister, prepaid) !== undefined) return 0n;
    const origin = { kind: 'system' } as const;
    const callContext = openContext(canister, { origin, caller: managementId, deadlineNs: 0n, cycles: 0n });
    const output = execute(network, {
        canister,
        module,
        callContext,
        mode: 'T',
        entry: { export: entry },
        instructionLimit: subnetOf(network, canister.id).limits.message
    });
    settle(
        network,
        canister,
        prepaid,
        subnetOf(network, canister.id).prices.execution(output.instructions),
        'instructions'
    );
    settleContext(network, canister, callContext);
    return output.instructions;
}
