/** Web pages of canisters: HTTP requests become calls of `http_request`, its answers HTTP answers (replica.md a.8). */
import { textAnswer } from '../answer';
import { decodeArgument, encodeResult } from '../candid/codecs';
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import type { Rejection } from '../state/api';
import { anonymousId, idText, sameId } from '../state/principals';
import type { ControlApi } from '../worker/api';
import { addressedCanister, type GatewayNames } from './addressing';
import { httpRequest, httpResponse, httpUpdateRequest, type CanisterResponse } from './http_types';
import { candidUiId, interfacePage } from './interface_page';
import { pieceOf, strategyOf, type Continuation } from './streaming';

/** The part of a network that pages need. */
export type GatewayNetwork = Pick<
    ControlApi,
    'queryUnsigned' | 'submitUnsigned' | 'awaitIngress' | 'place' | 'publicMetadata'
>;

/** Asks the canister that the request is addressed to; undefined when it is addressed to none. */
export async function answerGateway(
    network: GatewayNetwork,
    request: HttpRequest,
    names: GatewayNames
): Promise<HttpAnswer | undefined> {
    const canisterId = addressedCanister(request, names);
    if (canisterId === undefined) return undefined;
    const isMissingUi = sameId(canisterId, candidUiId) && !(await network.place(canisterId)).exists;
    return isMissingUi ? interfacePage(network, request) : new Exchange(network, canisterId, request).answer();
}

/** Answers of a canister, in Candid, or why there is none. */
type Reply =
    | { readonly kind: 'replied'; readonly data: Uint8Array }
    | { readonly kind: 'rejected'; readonly rejection: Rejection }
    | { readonly kind: 'late' };

/** Certification of the second version is the one that canisters answer with today. */
const certificateVersion = 2;
/** A page that takes longer than this has failed its reader. */
const updateTimeoutMs = 60_000;
const maxUpdateRounds = 100;

class Exchange {
    readonly #network: GatewayNetwork;
    readonly #canisterId: Uint8Array;
    readonly #request: HttpRequest;

    constructor(network: GatewayNetwork, canisterId: Uint8Array, request: HttpRequest) {
        this.#network = network;
        this.#canisterId = canisterId;
        this.#request = request;
    }

    async answer(): Promise<HttpAnswer> {
        const argument = { ...this.#toCandid(), certificate_version: certificateVersion };
        const reply = await this.#query('http_request', encodeResult(httpRequest, argument));
        const response = decode(reply);
        if (!response.ok) return response.answer;
        return response.value.upgrade === true ? this.#upgraded() : this.#toHttp(response.value, response.data);
    }

    /** The canister wants to change its state for this request. */
    async #upgraded(): Promise<HttpAnswer> {
        const argument = encodeResult(httpUpdateRequest, this.#toCandid());
        const response = decode(await this.#update('http_request_update', argument));
        return response.ok ? this.#toHttp(response.value, response.data) : response.answer;
    }

    #toCandid(): Parameters<typeof httpUpdateRequest.to>[0] {
        const { method, url, headers, body } = this.#request;
        const pairs = Object.entries(headers).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const]
        );
        return { method, url, headers: pairs, body };
    }

    async #query(methodName: string, argument: Uint8Array, canisterId = this.#canisterId): Promise<Reply> {
        return this.#network.queryUnsigned({ sender: anonymousId, canisterId, methodName, argument });
    }

    async #update(methodName: string, argument: Uint8Array): Promise<Reply> {
        const call = { sender: anonymousId, canisterId: this.#canisterId, methodName, argument };
        const submitted = await this.#network.submitUnsigned(call);
        if (submitted.kind === 'rejected') return submitted;
        const status = await within(updateTimeoutMs, this.#network.awaitIngress(submitted.requestId, maxUpdateRounds));
        return status?.kind === 'replied' || status?.kind === 'rejected' ? status : { kind: 'late' };
    }

    #toHttp({ status_code: status, headers, body }: CanisterResponse, data: Uint8Array): HttpAnswer {
        const strategy = strategyOf(data);
        return {
            status: status >= 200 && status < 1000 ? status : 502,
            headers: endToEnd(headers),
            body,
            ...(strategy === undefined ? {} : { rest: this.#rest(strategy) })
        };
    }

    /** The pieces after the first. A callback that fails breaks the answer off, as nothing else can be said any more. */
    async *#rest({ canisterId, method, argument }: Continuation): AsyncGenerator<Uint8Array> {
        for (let token: Uint8Array | undefined = argument; token !== undefined;) {
            const reply = await this.#query(method, token, canisterId);
            const piece = reply.kind === 'replied' ? pieceOf(reply.data) : undefined;
            if (piece === undefined) throw new BrokenStreamError(idText(canisterId), method);
            yield piece.body;
            token = piece.next;
        }
    }
}

/** A streaming callback did not answer with a piece. */
export class BrokenStreamError extends Error {
    constructor(
        readonly canisterId: string,
        readonly method: string
    ) {
        super(`${method} of ${canisterId} did not continue the body that it had begun`);
        this.name = 'BrokenStreamError';
    }
}

type DecodedReply =
    | { readonly ok: true; readonly value: CanisterResponse; readonly data: Uint8Array }
    | { readonly ok: false; readonly answer: HttpAnswer };

function decode(reply: Reply): DecodedReply {
    if (reply.kind === 'late') return { ok: false, answer: textAnswer(504, 'The canister has not answered in time') };
    if (reply.kind === 'rejected') return { ok: false, answer: rejected(reply.rejection) };
    const response = decodeArgument(httpResponse, reply.data);
    if (response.ok) return { ok: true, value: response.value, data: reply.data };
    return { ok: false, answer: textAnswer(502, `The canister's answer is no HTTP response: ${response.why}`) };
}

/** HTTP statuses of rejections: not there, not ready, or broken. */
const statusOfError: Readonly<Record<string, number>> = {
    CanisterNotFound: 404,
    CanisterWasmModuleNotFound: 404,
    CanisterMethodNotFound: 404,
    CanisterStopped: 503,
    CanisterStopping: 503,
    CanisterOutOfCycles: 503
};

function rejected({ errorName, errorCode, message }: Rejection): HttpAnswer {
    return textAnswer(statusOfError[errorName] ?? 502, `${message} (${errorCode})`);
}

/** Headers about the connection are this server's own business, and it counts the bytes itself. */
const ownHeaders = new Set([
    'connection',
    'content-length',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade'
]);

function endToEnd(headers: CanisterResponse['headers']): Record<string, string[]> {
    const kept: Record<string, string[]> = {};
    for (const [name, value] of headers) {
        const key = name.toLowerCase();
        if (isHeader(key, value) && !ownHeaders.has(key)) (kept[key] ??= []).push(value);
    }
    return kept;
}

/** Node refuses to send anything else. */
function isHeader(name: string, value: string): boolean {
    return /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), timeoutMs);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
