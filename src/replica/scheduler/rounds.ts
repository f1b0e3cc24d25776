/** One round of the network: what is due by time, then the messages that wait, until the round is full. */
import type { BlockMakers } from '../state/api';
import { countBlocks } from '../state/block_makers';
import type { Network } from '../state/network';
import type { Message } from '../state/message';
import type { Canister } from '../state/canister';
import { setRequestStatus } from '../state/network';
import { deadlineExpired, stopTimedOut } from '../state/failures';
import { managementId, sameId } from '../state/principals';
import { countTransaction } from '../state/subnet_metrics';
import { reject, reply } from '../state/message';
import { roundOverheadPerMessage, sliceLimits } from '../state/limits';
import { chargeRent } from '../cycles/account';
import { encodeRandomness } from '../management/randomness';
import { executeManagementCall } from '../management/execute';
import { expireOutcalls } from '../management/http';
import { uninstallByNetwork } from '../management/uninstall';
import { executeCall } from './calls';
import { endLongExecutions } from './long_executions';
import { executeNativeCall } from './native_calls';
import { executeResponse } from './responses';
import { noteExecuted } from './ingress_memory';
import { pruneRequests } from './requests';
import { respond } from './respond';
import { hasDueHook, runTasks, timerNs } from './tasks';
import { hasTurn, nextTurn, putInFront } from './turns';

/** Advances the clock if it stands at the last round's time, then executes. A sliced round does not wait for long executions. */
export function runRound(network: Network, isSliced: boolean, makers: readonly BlockMakers[]): void {
    network.isSliced = isSliced;
    if (network.clockNs === network.roundNs) network.clockNs += 1n;
    network.roundNs = network.clockNs;
    network.version += 1;
    countBlocks(network, makers);
    answerRandomness(network);
    expireDeadlines(network);
    expireOutcalls(network);
    const resting = endLongExecutions(network);
    for (const canister of [...network.canisters.values()]) {
        if (!isSliced && hasTurn(canister)) putInFront(network, canister);
        expireStops(network, canister);
        collectRent(network, canister);
    }
    pruneRequests(network);
    executeUntilFull(network, runTasks(network, resting));
}

function executeUntilFull(network: Network, usedByTasks: bigint): void {
    const limit = network.isSliced ? sliceLimits.round : network.limits.round;
    let used = usedByTasks;
    while (used < limit) {
        const turn = nextTurn(network);
        if (turn === undefined) return;
        countTransaction(network, receiverOf(turn.message));
        const instructions = executeMessage(network, turn.message);
        if (turn.canister !== undefined) turn.canister.turnInstructions += instructions;
        used += instructions + roundOverheadPerMessage;
    }
}

function receiverOf(message: Message): Uint8Array {
    return message.kind === 'response' ? message.canisterId : message.callee;
}

function executeMessage(network: Network, message: Message): bigint {
    if (message.kind === 'response') return executeResponse(network, message);
    markProcessing(network, message);
    if (sameId(message.callee, managementId)) {
        network.usedByDeployment = 0n;
        executeManagementCall(network, message);
        // PocketIC's rounds have always had room for any number of installations.
        return network.isSliced ? network.usedByDeployment : 0n;
    }
    return executeNativeCall(network, message) ?? executeCall(network, message);
}

function markProcessing(network: Network, message: Message): void {
    if (message.kind !== 'call' || message.origin.kind !== 'ingress') return;
    const request = network.requests.get(message.origin.requestKey);
    if (request === undefined) return;
    noteExecuted(network, request, message);
    setRequestStatus(network, request, { kind: 'processing' });
}

/** raw_rand answers in the round after the call, so that nobody can know the bytes when asking. */
function answerRandomness(network: Network): void {
    for (const call of network.waitingForRandomness.splice(0)) {
        respond(network, call.origin, reply(encodeRandomness(network.random.next32())), call.refund);
    }
}

function expireDeadlines(network: Network): void {
    const passed = network.deadlines.filter((deadline) => deadline.deadlineNs < network.roundNs);
    if (passed.length === 0) return;
    network.deadlines = network.deadlines.filter((deadline) => deadline.deadlineNs >= network.roundNs);
    for (const { canisterKey, callbackId } of passed) {
        const canister = network.canisters.get(canisterKey);
        if (!canister?.callbacks.has(callbackId)) continue;
        const response = reject(deadlineExpired());
        network.queue.push({ kind: 'response', canisterId: canister.id, callbackId, response, refund: 0n });
    }
}

const stopTimeoutNs = 300_000_000_000n;

function expireStops(network: Network, canister: Canister): void {
    if (canister.status.kind !== 'stopping') return;
    const { requests } = canister.status;
    const latest = network.roundNs - stopTimeoutNs;
    const expired = requests.filter((request) => request.sinceNs < latest);
    if (expired.length === 0) return;
    canister.status = { kind: 'stopping', requests: requests.filter((request) => request.sinceNs >= latest) };
    for (const { origin, cycles } of expired) respond(network, origin, reject(stopTimedOut(canister)), cycles);
}

/** Rent is collected every ten seconds of network time; who cannot pay loses code and memories. */
const rentIntervalNs = 10_000_000_000n;

function collectRent(network: Network, canister: Canister): void {
    // An execution counts on the balance of its beginning: whoever has one pays later.
    if (canister.longExecution !== undefined || network.roundNs - canister.rentPaidNs < rentIntervalNs) return;
    if (!chargeRent(network, canister, network.roundNs)) uninstallByNetwork(network, canister);
}

/** Whether a round at the present clock would find something to do; heartbeats do not count. */
export function hasWork(network: Network): boolean {
    if (network.endedExecutions.length > 0) return true;
    if (network.queue.length > 0 || network.waitingForRandomness.length > 0) return true;
    const dueNs = nextDueNs(network);
    if (dueNs !== undefined && dueNs <= network.clockNs) return true;
    return [...network.canisters.values()].some((canister) => hasDueHook(canister) || hasTurn(canister));
}

/** The next time at which something becomes due; undefined for never. */
export function nextDueNs(network: Network): bigint | undefined {
    const canisters = [...network.canisters.values()];
    const times = [
        ...canisters.flatMap((canister) => timerNs(canister) ?? []),
        ...canisters.flatMap(stopExpiries),
        ...network.deadlines.map(({ deadlineNs }) => deadlineNs + 1n),
        ...[...network.outcalls.values()].map(({ deadlineNs }) => deadlineNs)
    ];
    return times.reduce<bigint | undefined>(
        (least, time) => (least === undefined || time < least ? time : least),
        undefined
    );
}

function stopExpiries(canister: Canister): readonly bigint[] {
    if (canister.status.kind !== 'stopping') return [];
    return canister.status.requests.map(({ sinceNs }) => sinceNs + stopTimeoutNs + 1n);
}
