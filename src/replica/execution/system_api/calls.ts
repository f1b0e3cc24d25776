/** Outgoing calls: `call_new` … `call_perform`. */
import { Principal } from '@dfinity/principal';
import { contractViolation, HostTrap, invalidPrincipal, userViolation } from '../traps';
import { ByteBuffer, equalBytes } from './bytes';
import { decodeTextLossy, fromHeap, joinHalves, subslice } from './copy';
import type { Execution, PendingCall } from './execution';
import { group } from './handlers';

/** Limits of replica.md b.3. */
const MAX_PRINCIPAL_BYTES = 29;
const MAX_METHOD_NAME_BYTES = 20_000;
const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024;
const MAX_REMOTE_PAYLOAD_BYTES = 2 * 1024 * 1024;
const MAX_TIMEOUT_SECONDS = 300;

/** Result of `call_perform` when the call cannot be sent: SYS_TRANSIENT. */
const NOT_SENT = 2;

const PAYLOAD_HELP = 'Check the canister for errors or redesign the target API to allow shorter messages';

function requirePending(x: Execution, call: string): PendingCall {
    if (x.pendingCall === undefined) throw contractViolation(`ic0.${call} called when no call is under construction.`);
    return x.pendingCall;
}

function spend(x: Execution, cycles: bigint): void {
    if (cycles === 0n) return;
    x.cyclesSpent += cycles;
    x.limitHeap();
}

/** Gives back the cycles of a call that is not sent. */
function abandon(x: Execution): void {
    const { cycles } = x.pendingCall ?? { cycles: 0n };
    x.pendingCall = undefined;
    spend(x, -cycles);
}

function readMethodName(x: Execution, src: number, size: number): string {
    if (size > MAX_METHOD_NAME_BYTES) {
        throw userViolation(
            `Size of method_name ${size} exceeds the allowed limit of ${MAX_METHOD_NAME_BYTES}.`,
            'Try using a shorter method name.',
            'canister-made-a-call-with-too-large-method-name'
        );
    }
    return decodeTextLossy(fromHeap(x, 'ic0.call_new method_name', src, size));
}

function payloadTooLarge({ callee, method }: PendingCall, size: number, limit: number): HostTrap {
    return userViolation(
        `Request to ${Principal.fromUint8Array(callee).toText()}:${method} has a payload size of ${size}, which exceeds the ` +
            `allowed limit of ${limit}.`,
        PAYLOAD_HELP,
        'canister-made-a-call-with-too-large-payload'
    );
}

/** The management canister is on every subnet. */
function isLocal({ input }: Execution, callee: Uint8Array): boolean {
    if (callee.length === 0) return true;
    return input.subnetRanges.some(
        ({ start, end }) => Buffer.compare(start, callee) <= 0 && Buffer.compare(callee, end) <= 0
    );
}

function payloadBytes(call: PendingCall): number {
    return Buffer.byteLength(call.method) + call.argument.length;
}

function addCycles(x: Execution, call: string, amount: bigint): void {
    const pending = requirePending(x, call);
    if (amount > x.liquidBalance) {
        const id = Principal.fromUint8Array(x.input.self).toText();
        throw new HostTrap({ code: 'CanisterContractViolation', message: `Canister ${id} is out of cycles` });
    }
    pending.cycles += amount;
    spend(x, amount);
}

function hasRoom(x: Execution, callee: Uint8Array): boolean {
    const performed = x.calls.filter((call) => equalBytes(call.callee, callee)).length;
    return x.input.queueRoom(callee) > performed;
}

function perform(x: Execution): number {
    const { argument, ...pending } = requirePending(x, 'call_perform');
    const fee = x.isComposite
        ? 0n
        : x.input.costs.call(
              BigInt(Buffer.byteLength(pending.method)),
              BigInt(argument.length),
              x.machine.pointerBytes
          );
    if (fee > x.liquidBalance || !hasRoom(x, pending.callee)) {
        abandon(x);
        return NOT_SENT;
    }
    x.pendingCall = undefined;
    spend(x, fee);
    x.calls.push({ ...pending, argument: argument.contents(), fee });
    return 0;
}

/** `call_*`: calls of other canisters. */
export const callsApi = group({
    call_new: (x, callee, calleeSize, name, nameSize, replyFn, replyEnv, rejectFn, rejectEnv) => {
        abandon(x);
        const method = readMethodName(x, name, nameSize);
        const id = fromHeap(x, 'ic0.call_new callee_src', callee, calleeSize);
        if (id.length > MAX_PRINCIPAL_BYTES) throw invalidPrincipal();
        x.pendingCall = {
            callee: id,
            method,
            onReply: { table: replyFn, env: replyEnv },
            onReject: { table: rejectFn, env: rejectEnv },
            argument: new ByteBuffer(),
            cycles: 0n
        };
    },
    call_on_cleanup: (x, fn, env) => {
        const pending = requirePending(x, 'call_on_cleanup');
        if (pending.onCleanup !== undefined) {
            throw contractViolation(
                'ic0.call_on_cleanup can be called at most once between `ic0.call_new` and `ic0.call_perform`'
            );
        }
        pending.onCleanup = { table: fn, env };
    },
    call_data_append: (x, src, size) => {
        const pending = requirePending(x, 'call_data_append');
        const total = payloadBytes(pending) + size;
        const limit = isLocal(x, pending.callee) ? MAX_PAYLOAD_BYTES : MAX_REMOTE_PAYLOAD_BYTES;
        if (total > limit) throw payloadTooLarge(pending, total, limit);
        pending.argument.append(subslice('ic0.call_data_append', src, size, x.heap()));
    },
    call_with_best_effort_response: (x, timeoutSeconds) => {
        const pending = requirePending(x, 'call_with_best_effort_response');
        if (pending.timeoutSeconds !== undefined) {
            throw contractViolation('ic0_call_with_best_effort_response failed because a timeout is already set.');
        }
        pending.timeoutSeconds = Math.min(timeoutSeconds, MAX_TIMEOUT_SECONDS);
    },
    call_cycles_add: (x, amount) => addCycles(x, 'call_cycles_add', amount),
    call_cycles_add128: (x, high, low) => addCycles(x, 'call_cycles_add128', joinHalves(high, low)),
    call_perform: perform
});
