/** Web pages of canisters: HTTP requests become calls of `http_request`, its answers HTTP answers (replica.md a.8). */
import { textAnswer } from '../answer';
import { decodeArgument, encodeResult } from '../candid/codecs';
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import type { Rejection } from '../state/api';
import { anonymousId, idText, sameId } from '../state/principals';
import type { Result } from '../wire/result';
import type { ControlApi, NetworkIdentity } from '../worker/api';
import { addressedCanister, pathOf, type Address, type GatewayNames } from './addressing';
import type { Headers, PageRequest, PageResponse } from './certified/hashes';
import { isCertified, verifyResponse } from './certified/verify';
import { dashboard, dashboardPath, type DashboardNetwork } from './dashboard';
import { httpRequest, httpResponse, httpUpdateRequest, type CanisterResponse } from './http_types';
import { candidUiId, interfacePage } from './interface_page';
import { partOf, rangeFrom, type Part } from './ranges';
import { internetIdentityId, signInPage } from './sign_in_page';
import { pieceOf, strategyOf, type Continuation } from './streaming';

/** The part of a network that pages need. */
export interface GatewayNetwork {
    readonly api: Pick<ControlApi, 'submitUnsigned' | 'awaitIngress' | 'publicMetadata' | 'isLive'> &
        DashboardNetwork['api'];
    readonly identity: Pick<NetworkIdentity, 'rootKeyDer'> & DashboardNetwork['identity'];
}

/** Where pages are found, and what is asked of them. */
export interface GatewaySettings extends GatewayNames {
    /**
     * Answers without a certificate are refused, as the gateways of the real network do, except at raw names. Default: they are
     * taken; certificates that are there are checked anyway.
     */
    readonly requiresCertificates?: boolean;
}

/** Asks the canister that the request is addressed to; undefined when it is addressed to none, and is for no page of the network's. */
export async function answerGateway(
    network: GatewayNetwork,
    request: HttpRequest,
    settings: GatewaySettings
): Promise<HttpAnswer | undefined> {
    const address = addressedCanister(request, settings);
    if (address === undefined) {
        return pathOf(request.url) === dashboardPath ? dashboard(network, request) : undefined;
    }
    const { canisterId } = address;
    const standIn = await standInFor(network, canisterId);
    if (standIn !== undefined) return standIn(request);
    return new Exchange(network, address, request, settings.requiresCertificates === true).answer();
}

type Page = (request: HttpRequest) => Promise<HttpAnswer>;

/** The network's own page at the address of a canister of the real network that is not installed here. */
async function standInFor({ api }: GatewayNetwork, canisterId: Uint8Array): Promise<Page | undefined> {
    const isCandidUi = sameId(canisterId, candidUiId);
    if (!isCandidUi && !sameId(canisterId, internetIdentityId)) return undefined;
    if ((await api.place(canisterId)).exists) return undefined;
    return isCandidUi ? (request) => interfacePage(api, request) : signInPage;
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
    readonly #isRaw: boolean;
    readonly #request: PageRequest;
    readonly #requiresCertificate: boolean;

    constructor(network: GatewayNetwork, address: Address, request: HttpRequest, requiresCertificate: boolean) {
        this.#network = network;
        this.#canisterId = address.canisterId;
        this.#isRaw = address.isRaw;
        this.#request = { ...request, headers: headerPairs(request.headers) };
        this.#requiresCertificate = requiresCertificate;
    }

    async answer(): Promise<HttpAnswer> {
        const page = await this.#page(this.#request);
        if (!page.ok) return page.answer;
        if (page.value.upgrade === true) return this.#upgraded();
        const part = partOf(this.#request, page.value);
        return part === undefined ? this.#toHttp(page.value, page.data) : this.#whole(page.value, part);
    }

    /** The canister wants to change its state for this request. Its answer needs no proof: everybody has executed it. */
    async #upgraded(): Promise<HttpAnswer> {
        const argument = encodeResult(httpUpdateRequest, this.#request);
        const response = decode(await this.#update('http_request_update', argument));
        return response.ok ? this.#toHttp(response.value, response.data) : response.answer;
    }

    /** Asks, and checks the answer. */
    async #page(request: PageRequest): Promise<DecodedReply> {
        const argument = encodeResult(httpRequest, { ...request, certificate_version: certificateVersion });
        const response = decode(await this.#query('http_request', argument));
        if (!response.ok || response.value.upgrade === true) return response;
        const { status_code: status, headers, body } = response.value;
        const page = { status, headers, body };
        // Of a streamed answer only the first piece is here, and gateways do not wait for the rest.
        const isTaken = this.#isRaw || strategyOf(response.data) !== undefined;
        if (isTaken || !(this.#requiresCertificate || isCertified(page))) return response;
        const verified = await this.#verify(request, page);
        if (!verified.ok) {
            return { ok: false, answer: textAnswer(503, `Response verification failed: ${verified.error}`) };
        }
        return { ...response, value: { ...response.value, headers: verified.value } };
    }

    async #verify(request: PageRequest, page: PageResponse): Promise<Result<Headers, string>> {
        const { api, identity } = this.#network;
        const [nowNs, isLive] = await Promise.all([api.time(), api.isLive()]);
        const { rootKeyDer } = identity;
        const trust = { canisterId: this.#canisterId, rootKeyDer, nowNs: isLive ? nowNs : undefined };
        return verifyResponse(request, page, trust);
    }

    async #query(methodName: string, argument: Uint8Array, canisterId = this.#canisterId): Promise<Reply> {
        return this.#network.api.queryUnsigned({ sender: anonymousId, canisterId, methodName, argument });
    }

    async #update(methodName: string, argument: Uint8Array): Promise<Reply> {
        const { api } = this.#network;
        const call = { sender: anonymousId, canisterId: this.#canisterId, methodName, argument };
        const submitted = await api.submitUnsigned(call);
        if (submitted.kind === 'rejected') return submitted;
        const status = await within(updateTimeoutMs, api.awaitIngress(submitted.requestId, maxUpdateRounds));
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

    /** The client wants everything, and the canister hands out parts. */
    #whole({ headers, body }: CanisterResponse, first: Part): HttpAnswer {
        const kept = headers.filter(([name]) => name.toLowerCase() !== 'content-range');
        return { status: 200, headers: endToEnd(kept), body, rest: this.#parts(first) };
    }

    async *#parts(first: Part): AsyncGenerator<Uint8Array> {
        for (let { end, total } = first; end < total;) {
            const request = { ...this.#request, headers: [...this.#request.headers, rangeFrom(end)] };
            const page = await this.#page(request);
            const part = page.ok ? partOf(this.#request, page.value) : undefined;
            if (!page.ok || part?.start !== end || part.total !== total)
                throw new BrokenStreamError(idText(this.#canisterId), 'http_request');
            yield page.value.body;
            end = part.end;
        }
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

function headerPairs(headers: HttpRequest['headers']): Headers {
    return Object.entries(headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const]
    );
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
    CanisterWasmModuleNotFound: 404,
    CanisterMethodNotFound: 404,
    CanisterStopped: 503,
    CanisterStopping: 503,
    CanisterOutOfCycles: 503,
    CanisterQueueFull: 503
};

function rejected({ errorName, errorCode, message }: Rejection): HttpAnswer {
    if (errorName === 'CanisterNotFound') return textAnswer(404, `404 - canister not found: ${message} (${errorCode})`);
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
