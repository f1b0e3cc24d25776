/** HTTPS outcalls: handed to the outside, answered by it, reshaped by the caller's transform function. */
import { IDL } from '@dfinity/candid';
import {
    blob,
    encodeResult,
    nat64,
    none,
    opt,
    record,
    text,
    variant,
    vec,
    type Codec,
    type Decoded,
    CandidMismatch
} from '../candid/codecs';
import type { HttpOutcall, HttpOutcallAnswer } from '../state/api';
import type { ErrorName, IcError } from '../state/errors';
import type { CallResponse } from '../state/message';
import type { Network, WaitingOutcall } from '../state/network';
import { findCanister } from '../state/network';
import { outcallTimeoutNs } from '../state/limits';
import { reject, reply } from '../state/message';
import { respond } from '../scheduler/respond';
import { consume, spend } from '../cycles/account';
import { answerHere } from '../query/answering';
import type { Question } from '../query/question';
import { transformQuestion } from '../query/transform';
import { failed, method, type ManagementCall, type Outcome } from './call';
import { httpResponse } from './types';
import { subnetOf } from '../state/subnet';

const header = record({ name: text, value: text });

/** A function reference, of which only the method's name matters here. */
const transformFunction: Codec<string> = {
    idl: IDL.Func([record({ response: httpResponse, context: blob }).idl], [httpResponse.idl], ['query']),
    from: (value) => {
        if (Array.isArray(value) && typeof value[1] === 'string') return value[1];
        throw new CandidMismatch('func');
    },
    to: () => {
        throw new CandidMismatch('func');
    }
};

const outcallArgument = record({
    url: text,
    max_response_bytes: opt(nat64),
    method: variant({ get: none, head: none, post: none }),
    headers: vec(header),
    body: opt(blob),
    transform: opt(record({ function: transformFunction, context: blob }))
});
type OutcallArgument = Decoded<typeof outcallArgument>;

const methodNames = { get: 'GET', head: 'HEAD', post: 'POST' } as const;
/** Ceiling and default of `max_response_bytes`. */
const maxResponseBytes = 2_000_000n;

/** `http_request`: canisters, with the fee attached; waits until the outside answers. */
export const httpRequest = method({
    ingress: 'never',
    argument: outcallArgument,
    run: (call, argument): Outcome<undefined> => {
        const refusal = argumentRefusal(argument);
        if (refusal !== undefined) return failed(refusal);
        const fee = price(call, argument);
        if (call.cycles < fee) {
            const message = `http_request request sent with ${call.cycles} cycles, but ${fee} cycles are required.`;
            return failed({ code: 'CanisterRejectedMessage', message });
        }
        start(call, argument, fee);
        return { kind: 'waiting' };
    }
});

function argumentRefusal({ url, max_response_bytes }: OutcallArgument): IcError | undefined {
    if ((max_response_bytes ?? 0n) > maxResponseBytes) {
        const message = `max_response_bytes expected to be at most ${maxResponseBytes}, got ${max_response_bytes}`;
        return { code: 'CanisterRejectedMessage', message };
    }
    const maxUrlBytes = 8192;
    if (Buffer.byteLength(url) > maxUrlBytes) {
        return { code: 'CanisterRejectedMessage', message: `url exceeds ${maxUrlBytes} bytes` };
    }
    return undefined;
}

function price({ network, caller }: ManagementCall, argument: OutcallArgument): bigint {
    const headerBytes = argument.headers.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
    const transformBytes = (argument.transform?.function.length ?? 0) + (argument.transform?.context.length ?? 0);
    const bytes = argument.url.length + headerBytes + (argument.body?.length ?? 0) + transformBytes;
    return subnetOf(network, caller).prices.httpRequest(BigInt(bytes), argument.max_response_bytes ?? maxResponseBytes);
}

function start(call: ManagementCall, argument: OutcallArgument, fee: bigint): void {
    const { network } = call;
    const outcall: HttpOutcall = {
        id: network.nextOutcallId,
        canisterId: call.caller,
        url: argument.url,
        method: methodNames[argument.method.kind],
        headers: argument.headers.map(({ name, value }) => [name, value]),
        body: argument.body ?? new Uint8Array(0),
        maxResponseBytes: argument.max_response_bytes ?? maxResponseBytes
    };
    network.nextOutcallId += 1n;
    const caller = findCanister(network, call.caller);
    if (caller === undefined) consume(network, fee);
    else spend(network, caller, fee, 'httpOutcalls');
    network.outcalls.set(outcall.id, {
        origin: call.origin,
        refund: call.cycles - fee,
        outcall,
        deadlineNs: network.roundNs + outcallTimeoutNs,
        transform: argument.transform && { method: argument.transform.function, context: argument.transform.context }
    });
    network.config.onHttpOutcall?.(outcall);
}

/** Gives the outcall its answer; false when no such outcall waits. */
export function answerOutcall(network: Network, id: bigint, answer: HttpOutcallAnswer): boolean {
    const made = responseOf(network, id, answer);
    if (made === undefined) return false;
    return endOutcall(network, id, 'evaluate' in made ? answerHere(network, made) : made);
}

/** Gives the outcall the response that its canister sees; false when no such outcall waits. */
export function endOutcall(network: Network, id: bigint, response: CallResponse): boolean {
    const waiting = network.outcalls.get(id);
    if (waiting === undefined) return false;
    network.outcalls.delete(id);
    respond(network, waiting.origin, response, waiting.refund);
    return true;
}

/** What the answer means for the canister, or what to ask it for to know that; undefined when no such outcall waits. */
export function responseOf(
    network: Network,
    id: bigint,
    answer: HttpOutcallAnswer
): CallResponse | Question<CallResponse> | undefined {
    const waiting = network.outcalls.get(id);
    return waiting && toResponse(network, waiting, answer);
}

/** Outcalls that have waited for too long are rejected (SYS_TRANSIENT). */
export function expireOutcalls(network: Network): void {
    const expired = [...network.outcalls].filter(([, { deadlineNs }]) => deadlineNs <= network.roundNs);
    for (const [id] of expired) {
        answerOutcall(network, id, { kind: 'reject', rejectCode: 2, message: 'Canister http request timed out' });
    }
}

function toResponse(
    network: Network,
    waiting: WaitingOutcall,
    answer: HttpOutcallAnswer
): CallResponse | Question<CallResponse> {
    if (answer.kind === 'reject') return reject({ code: codeOfReject(answer.rejectCode), message: answer.message });
    const { maxResponseBytes: limit } = waiting.outcall;
    if (BigInt(answer.body.length) > limit) {
        return reject({
            code: 'InsufficientMemoryAllocation',
            message: `Http body exceeds size limit of ${limit} bytes.`
        });
    }
    const response: Decoded<typeof httpResponse> = {
        status: BigInt(answer.status),
        headers: answer.headers.map(([name, value]) => ({ name, value })),
        body: answer.body
    };
    return transformed(network, waiting, response);
}

const transformArgument = record({ response: httpResponse, context: blob });

function transformed(
    network: Network,
    { transform, outcall }: WaitingOutcall,
    response: Decoded<typeof httpResponse>
): CallResponse | Question<CallResponse> {
    if (transform === undefined) return reply(encodeResult(httpResponse, response));
    const { canisterId } = outcall;
    if (findCanister(network, canisterId) === undefined) {
        return reject({ code: 'CanisterNotFound', message: 'The calling canister is gone.' });
    }
    const argument = encodeResult(transformArgument, { response, context: transform.context });
    return transformQuestion(network, { canisterId, method: transform.method, argument });
}

/** A representative code for each reject code: the caller sees the reject code only. */
const codesByReject: { readonly [rejectCode: number]: ErrorName } = {
    1: 'SubnetOversubscribed',
    2: 'IngressMessageTimeout',
    3: 'CanisterNotFound',
    4: 'CanisterRejectedMessage',
    5: 'CanisterTrapped'
};

function codeOfReject(rejectCode: number): ErrorName {
    return codesByReject[rejectCode] ?? 'SubnetOversubscribed';
}
