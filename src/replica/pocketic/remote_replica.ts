/** Another server's network, spoken to as agents do: what a gateway needs of it. Requests are anonymous, so none is signed. */
import { randomBytes } from 'node:crypto';
import { textAnswer } from '../answer';
import type { GatewayNetwork } from '../gateway/http_gateway';
import type { HttpAnswer, HttpRequest } from '../http/http_server';
import type { IngressStatus, QueryMessage, QueryResult, Rejection } from '../state/api';
import { errorNameOf } from '../state/errors';
import { idText } from '../state/principals';
import type { SubmitOutcome, UnsignedCall } from '../worker/api';
import { toHex, utf8 } from '../wire/bytes';
import { cborRecord, encodeSelfDescribed, type CborKey, type CborValue } from '../wire/cbor';
import { decodeCbor } from '../wire/cbor_decode';
import { decodeCertificate } from '../wire/certificate';
import { decodeLeb128 } from '../wire/leb128';
import { lookupLeaf, lookupPath } from '../wire/lookup';
import { hashOfMap } from '../wire/request_id';

/** The other server cannot be reached, or does not speak as a replica. */
export class UpstreamError extends Error {
    override readonly name = 'UpstreamError';

    constructor(readonly url: string) {
        super(`error: upstream_error\ndetails: ${url} does not answer as a replica`);
    }
}

/** As the gateways of the real network answer while the replica is away. */
export const upstreamAnswer = textAnswer(
    503,
    'error: upstream_error\ndetails: The replica behind this gateway does not answer.'
);

type Fields = ReadonlyMap<CborKey, CborValue>;

const answerTimeoutMs = 60_000;
const pollMs = 200;
/** Well inside the five minutes that a replica takes. */
const lifetimeNs = 240_000_000_000n;
const anonymous = new Uint8Array([4]);

/** The network behind a base address such as `http://127.0.0.1:4943/instances/0/`. */
export class RemoteReplica implements GatewayNetwork {
    readonly #url: string;
    /** Outcomes of calls, until they are fetched. */
    readonly #outcomes = new Map<string, IngressStatus>();

    private constructor(
        url: string,
        readonly identity: GatewayNetwork['identity']
    ) {
        this.#url = url;
    }

    /** Rejects with UpstreamError. */
    static async connect(url: string): Promise<RemoteReplica> {
        const base = url.replace(/\/+$/, '');
        const status = await fields(base, fetchFrom(base, '/api/v2/status'));
        const rootKeyDer = status.get('root_key');
        if (!(rootKeyDer instanceof Uint8Array)) throw new UpstreamError(base);
        return new RemoteReplica(base, { rootKeyDer, subnets: [] });
    }

    /** The request as it came, below the replica's own address. */
    async forward({ method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
        const type = headers['content-type'];
        const isRead = method === 'GET' || method === 'HEAD';
        const answer = await fetchFrom(this.#url, url, {
            method,
            headers: type === undefined ? {} : { 'content-type': type },
            ...(isRead ? {} : { body: new Uint8Array(body) })
        });
        const contentType = answer.headers.get('content-type');
        return {
            status: answer.status,
            ...(contentType !== null && { contentType }),
            body: new Uint8Array(await answer.arrayBuffer())
        };
    }

    readonly api: GatewayNetwork['api'] = {
        queryUnsigned: (message) => this.#query(message),
        submitUnsigned: (call) => this.#submit(call),
        awaitIngress: async (requestId) => this.#takeOutcome(requestId),
        publicMetadata: (canisterId, name) => this.#leafOf(canisterId, [utf8('metadata'), utf8(name)]),
        place: async (canisterId) => ({
            // A replica does not say, and the gateway does not ask, on which subnet a canister is.
            subnetId: new Uint8Array(),
            exists: (await this.#leafOf(canisterId, [utf8('module_hash')])) !== undefined
        }),
        // The replica's own dashboard is forwarded.
        cycles: async () => undefined,
        controllers: async () => undefined,
        time: async () => nowNs(),
        isLive: async () => true
    };

    async #query({ canisterId, methodName, argument }: QueryMessage): Promise<QueryResult> {
        const content = callContent('query', { canisterId, methodName, argument });
        const answer = await this.#post(`/api/v2/canister/${idText(canisterId)}/query`, content);
        const reply = answer.get('reply');
        const data = reply instanceof Map ? (reply as Fields).get('arg') : undefined;
        if (data instanceof Uint8Array) return { kind: 'replied', data };
        return { kind: 'rejected', rejection: rejectionOf(answer) };
    }

    async #submit({ canisterId, methodName, argument }: UnsignedCall): Promise<SubmitOutcome> {
        const content = callContent('call', { canisterId, methodName, argument });
        const requestId = hashOfMap(content) ?? new Uint8Array();
        const answer = await this.#post(`/api/v3/canister/${idText(canisterId)}/call`, content);
        if (answer.get('status') === 'non_replicated_rejection') {
            return { kind: 'rejected', rejection: rejectionOf(answer) };
        }
        const path = [utf8('request_status'), requestId];
        const status = statusOf(answer.get('certificate'), path) ?? (await this.#poll(canisterId, path));
        this.#outcomes.set(toHex(requestId), status);
        return { kind: 'accepted', requestId };
    }

    async #poll(canisterId: Uint8Array, path: readonly Uint8Array[]): Promise<IngressStatus> {
        for (const end = Date.now() + answerTimeoutMs; Date.now() < end;) {
            await new Promise((resolve) => setTimeout(resolve, pollMs));
            const status = statusOf(await this.#readState(canisterId, path), path);
            if (status !== undefined) return status;
        }
        return { kind: 'processing' };
    }

    #takeOutcome(requestId: Uint8Array): IngressStatus {
        const key = toHex(requestId);
        const outcome = this.#outcomes.get(key) ?? { kind: 'unknown' as const };
        this.#outcomes.delete(key);
        return outcome;
    }

    async #leafOf(canisterId: Uint8Array, rest: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
        const path = [utf8('canister'), canisterId, ...rest];
        const certificate = decodeCertificate((await this.#readState(canisterId, path)) ?? new Uint8Array());
        return certificate && lookupLeaf(certificate.tree, path);
    }

    async #readState(canisterId: Uint8Array, path: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
        const content = cborRecord({ request_type: 'read_state', ...common(), paths: [[...path]] });
        const answer = await this.#post(`/api/v2/canister/${idText(canisterId)}/read_state`, content);
        const certificate = answer.get('certificate');
        return certificate instanceof Uint8Array ? certificate : undefined;
    }

    /** Empty for an answer without a body: accepted, and not finished. */
    async #post(path: string, content: Fields): Promise<Fields> {
        const answer = fetchFrom(this.#url, path, {
            method: 'POST',
            headers: { 'content-type': 'application/cbor' },
            body: new Uint8Array(encodeSelfDescribed(cborRecord({ content })))
        });
        return fields(this.#url, answer);
    }
}

function callContent(
    type: 'query' | 'call',
    { canisterId, methodName, argument }: Omit<QueryMessage, 'sender'>
): Fields {
    return cborRecord({
        request_type: type,
        ...common(),
        // Tells equal calls of one moment apart.
        nonce: type === 'call' ? new Uint8Array(randomBytes(16)) : undefined,
        canister_id: canisterId,
        method_name: methodName,
        arg: argument
    });
}

function common(): { readonly sender: Uint8Array; readonly ingress_expiry: bigint } {
    return { sender: anonymous, ingress_expiry: nowNs() + lifetimeNs };
}

function nowNs(): bigint {
    return BigInt(Date.now()) * 1_000_000n;
}

async function fetchFrom(base: string, path: string, init: RequestInit = {}): Promise<Response> {
    try {
        return await fetch(`${base}${path}`, {
            ...init,
            redirect: 'manual',
            signal: AbortSignal.timeout(answerTimeoutMs)
        });
    } catch {
        // Whatever failed: the client of the gateway can do nothing about it.
        throw new UpstreamError(base);
    }
}

async function fields(base: string, sent: Promise<Response>): Promise<Fields> {
    const answer = await sent;
    if (answer.status === 202) return new Map();
    const decoded = answer.ok ? decodeCbor(new Uint8Array(await answer.arrayBuffer())) : undefined;
    if (decoded?.ok !== true || !(decoded.value instanceof Map)) throw new UpstreamError(base);
    return decoded.value;
}

/** The end of a call, as a certificate shows it; undefined when it has not ended. */
function statusOf(bytes: CborValue | undefined, path: readonly Uint8Array[]): IngressStatus | undefined {
    const certificate = bytes instanceof Uint8Array ? decodeCertificate(bytes) : undefined;
    if (certificate === undefined || lookupPath(certificate.tree, path).kind !== 'found') return undefined;
    const leafAt = (name: string): Uint8Array | undefined => lookupLeaf(certificate.tree, [...path, utf8(name)]);
    const text = (name: string): string => new TextDecoder().decode(leafAt(name));
    const data = leafAt('reply');
    if (data !== undefined) return { kind: 'replied', data };
    if (text('status') !== 'rejected') return undefined;
    const rejectCode = Number(decodeLeb128(leafAt('reject_code') ?? new Uint8Array()) ?? 5n);
    return { kind: 'rejected', rejection: rejection(rejectCode, text('reject_message'), text('error_code')) };
}

function rejectionOf(answer: Fields): Rejection {
    const [code, message, error] = ['reject_code', 'reject_message', 'error_code'].map((name) => answer.get(name));
    return rejection(Number(code ?? 5n), String(message), typeof error === 'string' ? error : '');
}

function rejection(rejectCode: number, message: string, errorCode: string): Rejection {
    return { rejectCode, message, errorCode, errorName: errorNameOf(errorCode) ?? 'CanisterRejectedMessage' };
}
