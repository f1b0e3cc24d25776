import { IDL, type CallError } from 'azle';
import type { Principal } from '@dfinity/principal';
import { compileArgs, type ArgsCodec } from '../core/candid/codec';
import type { CandidRefusal } from '../core/candid/refusal';
import { err, ok, type Result } from '../core/result';
import { callRaw } from './call_raw';

/**
 * Whether the callee may have acted although the call failed.
 * `not_executed`: the call never ran. `unknown`: it may have run, wholly or in part; ask again with the same identity
 * (deterministic memo and `created_at_time`), never assume.
 */
export type CallOutcome = 'not_executed' | 'unknown';

/** A call between canisters that brought no answer. */
export interface CallFailure {
    readonly method: string;
    readonly outcome: CallOutcome;
    /** Reject code of the interface specification; 0 when the call was not sent at all. */
    readonly rejectCode: number;
    readonly message: string;
}

/** Candid signature of a method on another canister. */
export interface RemoteMethod<Args extends unknown[], Return> {
    readonly name: string;
    readonly args: ArgsCodec<Args>;
    readonly result: ArgsCodec<[Return]>;
}

export function remoteMethod<Args extends unknown[], Return>(
    name: string,
    args: IDL.Type[],
    result: IDL.Type
): RemoteMethod<Args, Return> {
    return { name, args: compileArgs(args), result: compileArgs([result]) };
}

/** Calls a method on another canister. Never throws, except in a cleanup callback, where nothing may go on. */
export function callRemote<Args extends unknown[], Return>(
    canister: Principal,
    method: RemoteMethod<Args, Return>,
    args: Args
): Promise<Result<Return, CallFailure>> {
    return callRaw(canister, method.name, method.args.encode(args)).then(
        (bytes) => {
            const reply = method.result.decode(bytes);
            return reply.ok ? ok(reply.value[0]) : err(unreadable(method.name, reply.error));
        },
        (thrown: unknown) => err(toFailure(method.name, thrown))
    );
}

/** The callee ran and answered something else than it is declared to; the code is CANISTER_ERROR. */
function unreadable(method: string, { code, offset }: CandidRefusal): CallFailure {
    return { method, outcome: 'unknown', rejectCode: 5, message: `reply refused: ${code} at byte ${offset}` };
}

/** SYS_FATAL, SYS_TRANSIENT and DESTINATION_INVALID are decided before the callee runs. */
const LAST_UNDELIVERED_CODE = 3;

function toFailure(method: string, thrown: unknown): CallFailure {
    if (!isCallError(thrown) || thrown.type === 'CleanupCallback') throw thrown;
    if (thrown.type === 'CallRejected') {
        const { rejectCode, rejectMessage } = thrown;
        const outcome = rejectCode <= LAST_UNDELIVERED_CODE ? 'not_executed' : 'unknown';
        return { method, outcome, rejectCode, message: rejectMessage };
    }
    return { method, outcome: 'not_executed', rejectCode: 0, message: thrown.type };
}

const CALL_ERRORS = ['CallPerformFailed', 'CallRejected', 'CleanupCallback', 'InsufficientLiquidCycleBalance'];

function isCallError(thrown: unknown): thrown is CallError {
    return (
        typeof thrown === 'object' && thrown !== null && 'type' in thrown && CALL_ERRORS.includes(String(thrown.type))
    );
}
