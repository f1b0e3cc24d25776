/** HTTPS outcalls: handed to the outside, answered by it, reshaped by the caller's transform function. */
import { IDL } from '@dfinity/candid';
import {
    blob,
    bool,
    encodeResult,
    nat64,
    none,
    opt,
    principal,
    record,
    text,
    variant,
    vec,
    type Codec,
    type Decoded,
    CandidMismatch
} from '../candid/codecs';
import type { HttpOutcall, HttpOutcallAnswer } from '../state/api';
import type { ErrorName } from '../state/errors';
import type { CallResponse } from '../state/message';
import type { Network, WaitingOutcall } from '../state/network';
import { findCanister } from '../state/network';
import { belowFee } from '../state/failures';
import { outcallTimeoutNs } from '../state/limits';
import { idText, sameId } from '../state/principals';
import { reject, reply } from '../state/message';
import { respond } from '../scheduler/respond';
import { consume, spend } from '../cycles/account';
import { answerHere } from '../query/answering';
import type { Question } from '../query/question';
import { transformQuestion } from '../query/transform';
import { failed, method, type ManagementCall, type Outcome } from './call';
import { contentRefusal, headerBytes, maxResponseBytes, textBytes, urlRefusal, type HttpHeader } from './http_limits';
import { httpResponse } from './types';
import { subnetOf } from '../state/subnet';

const header = record({ name: text, value: text });

/** A canister's method. */
interface FunctionReference {
    readonly canisterId: Uint8Array;
    readonly name: string;
}

const transformFunction: Codec<FunctionReference> = {
    idl: IDL.Func([record({ response: httpResponse, context: blob }).idl], [httpResponse.idl], ['query']),
    from: (value) => {
        if (!Array.isArray(value) || typeof value[1] !== 'string') throw new CandidMismatch('func');
        return { canisterId: principal.from(value[0]), name: value[1] };
    },
    to: () => {
        throw new CandidMismatch('func');
    }
};

const outcallArgument = record({
    url: text,
    max_response_bytes: opt(nat64),
    method: variant({ get: none, head: none, post: none, put: none, delete: none }),
    headers: vec(header),
    body: opt(blob),
    transform: opt(record({ function: transformFunction, context: blob })),
    is_replicated: opt(bool)
});
type OutcallArgument = Decoded<typeof outcallArgument>;

const methodNames = { get: 'GET', head: 'HEAD', post: 'POST', put: 'PUT', delete: 'DELETE' } as const;

/** `http_request`: canisters, with the fee attached; waits until the outside answers. */
export const httpRequest = method({
    ingress: 'never',
    argument: outcallArgument,
    run: (call, argument): Outcome<undefined> => {
        const message = argumentRefusal(call, argument);
        if (message !== undefined) return failed({ code: 'CanisterRejectedMessage', message });
        const fee = price(call, argument);
        if (call.cycles < fee) return failed(belowFee('http_request', call.cycles, fee));
        start(call, argument, fee);
        return { kind: 'waiting' };
    }
});

/** Nothing is charged for what is refused. */
function argumentRefusal({ caller }: ManagementCall, argument: OutcallArgument): string | undefined {
    const { url, max_response_bytes: limit = maxResponseBytes, transform, body = new Uint8Array(0) } = argument;
    if (limit > maxResponseBytes) {
        return `max_response_bytes expected to be in the range [0..${maxResponseBytes}], got ${limit}`;
    }
    if (transform !== undefined && !sameId(transform.function.canisterId, caller)) {
        const given = idText(transform.function.canisterId);
        return `transform principal id expected to be ${idText(caller)}, got ${given}`;
    }
    const { kind } = argument.method;
    if ((kind === 'put' || kind === 'delete') && argument.is_replicated !== false) {
        return 'The requested HTTP method is only allowed for non-replicated requests.';
    }
    return urlRefusal(url) ?? contentRefusal(headersOf(argument), body);
}

function headersOf({ headers }: OutcallArgument): readonly HttpHeader[] {
    return headers.map(({ name, value }) => [name, value] as const);
}

function price({ network, caller }: ManagementCall, argument: OutcallArgument): bigint {
    const { url, body, transform } = argument;
    const transformBytes = textBytes(transform?.function.name ?? '') + (transform?.context.length ?? 0);
    const bytes = textBytes(url) + headerBytes(headersOf(argument)) + (body?.length ?? 0) + transformBytes;
    return subnetOf(network, caller).prices.httpRequest(BigInt(bytes), argument.max_response_bytes ?? maxResponseBytes);
}

function start(call: ManagementCall, argument: OutcallArgument, fee: bigint): void {
    const { network } = call;
    const outcall: HttpOutcall = {
        id: network.nextOutcallId,
        canisterId: call.caller,
        url: argument.url,
        method: methodNames[argument.method.kind],
        headers: headersOf(argument),
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
        transform: argument.transform && {
            method: argument.transform.function.name,
            context: argument.transform.context
        }
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
    const message = answerRefusal(waiting.outcall, answer.headers, answer.body);
    if (message !== undefined) return reject({ code: codeOfReject(sysFatal), message });
    const response: Decoded<typeof httpResponse> = {
        status: BigInt(answer.status),
        headers: answer.headers.map(([name, value]) => ({ name, value })),
        body: answer.body
    };
    return transformed(network, waiting, response);
}

const sysFatal = 1;

function answerRefusal(
    { maxResponseBytes: limit }: HttpOutcall,
    headers: readonly HttpHeader[],
    body: Uint8Array
): string | undefined {
    if (BigInt(body.length) > limit) return `Http body exceeds size limit of ${limit} bytes.`;
    return contentRefusal(headers, body);
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
    const tooLarge = (): CallResponse =>
        reject({
            code: codeOfReject(sysFatal),
            message: `Transformed http response exceeds limit: ${outcall.maxResponseBytes}`
        });
    const limit = { maxBytes: outcall.maxResponseBytes, tooLarge };
    return transformQuestion(network, { canisterId, method: transform.method, argument, limit });
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
