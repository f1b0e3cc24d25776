import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { decodeVector } from '../../client/vectors';
import { parseJson } from '../../core/json';
import { textsOf } from '../duties/probe_call';
import type { ApiCall, ApiModel, ApiPort, ProbeOutcome, Vector } from '../ports';

const modelList = z.object({ data: z.array(z.object({ id: z.string(), kind: z.string() })) });
const apiError = z.object({ error: z.object({ code: z.string().nullish(), type: z.string().nullish() }) });

const LIST_MS = 10_000;

const PATHS: Readonly<Record<ApiModel['kind'], string>> = {
    embedding: 'v1/embeddings',
    chat: 'v1/chat/completions',
    completion: 'v1/completions',
    image: 'v1/images/generations'
};

export interface ApiAccess {
    readonly gatewayUrl: string;
    readonly apiKey: string;
}

/**
 * Calls of an OpenAI-compatible server, as any client makes them. An answer's form is checked, its content never logged. With a
 * key against repetition each call is a job with a record of its own, which the calls of a session are not: a session has one,
 * at its end.
 */
export function httpApi({ gatewayUrl, apiKey }: ApiAccess, fetchImpl: typeof fetch = fetch): ApiPort {
    const base = gatewayUrl.endsWith('/') ? gatewayUrl : `${gatewayUrl}/`;
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    return {
        async models(signal) {
            const limit = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]);
            // Whoever cannot list cannot be called either, which the call tells.
            const listed = await fetchImpl(new URL('v1/models', base), { headers, signal: limit })
                .then((response) => response.json())
                .catch(() => undefined);
            const models = modelList.safeParse(listed).data?.data ?? [];
            return models.flatMap(({ id, kind }) => (isKind(kind) ? [{ id, kind }] : []));
        },
        async send({ model, kind, body, stream }, signal) {
            try {
                const response = await fetchImpl(new URL(PATHS[kind], base), {
                    method: 'POST',
                    headers: { ...headers, 'idempotency-key': randomUUID() },
                    body: JSON.stringify({ model, ...body }),
                    signal
                });
                return await readOutcome(response, { kind, body, stream });
            } catch (failure) {
                return { kind: 'unreachable', reason: reasonOf(failure) };
            }
        }
    };
}

function isKind(kind: string): kind is ApiModel['kind'] {
    return kind in PATHS;
}

async function readOutcome(response: Response, call: Omit<ApiCall, 'model'>): Promise<ProbeOutcome> {
    const text = await response.text();
    const { status } = response;
    if (!response.ok) return { kind: 'refused', httpStatus: status, code: errorCode(text) ?? 'unknown' };
    const fault = call.stream ? streamFault(text) : answerFault(text, call);
    if (fault !== undefined) return { kind: 'refused', httpStatus: status, code: fault };
    const vectors = call.kind === 'embedding' ? vectorsOf(text) : undefined;
    return { kind: 'served', requestId: requestIdOf(response), vectors };
}

const vector = z.union([z.array(z.number()), z.base64().transform(decodeVector)]).pipe(z.array(z.number()).min(1));
const embeddings = z.object({ data: z.array(z.object({ embedding: vector })) });
const choices = z.object({ choices: z.array(z.looseObject({ finish_reason: z.string() })).min(1) });
const images = z.object({
    data: z.array(z.union([z.object({ b64_json: z.string() }), z.object({ url: z.string() })])).min(1)
});

/** What is wrong with an answer in one piece: its form, or the number of its vectors. */
function answerFault(text: string, { kind, body }: Omit<ApiCall, 'model'>): string | undefined {
    if (kind === 'embedding') {
        const found = vectorsOf(text);
        const sizes = new Set(found.map(({ length }) => length));
        return found.length === textsOf(body).length && sizes.size === 1 ? undefined : MALFORMED;
    }
    const form = kind === 'image' ? images : choices;
    return form.safeParse(parseJson(text)).success ? undefined : MALFORMED;
}

/** None when the answer has another form. */
function vectorsOf(text: string): readonly Vector[] {
    return embeddings.safeParse(parseJson(text)).data?.data.map(({ embedding }) => embedding) ?? [];
}

const MALFORMED = 'malformed_answer';
const chunk = z.object({ choices: z.array(z.looseObject({})) });

/** What is wrong with a stream of server-sent events: an error among them, a strange one, or an end too early. */
function streamFault(text: string): string | undefined {
    const events = text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []));
    const failed = events.map(errorCode).find((code) => code !== undefined);
    if (failed !== undefined) return failed;
    const isWhole = events.length > 1 && events.at(-1) === '[DONE]';
    const isReadable = events.slice(0, -1).every((event) => chunk.safeParse(parseJson(event)).success);
    return isWhole && isReadable ? undefined : MALFORMED;
}

function errorCode(text: string): string | undefined {
    const error = apiError.safeParse(parseJson(text)).data?.error;
    return error && (error.code ?? error.type ?? 'unknown');
}

/** The job's id, which is also that of the hub's request. */
function requestIdOf(response: Response): bigint | undefined {
    const id = response.headers.get('x-emc-job-id');
    return id !== null && /^\d{1,20}$/.test(id) ? BigInt(id) : undefined;
}

const networkFailure = z.object({ cause: z.object({ code: z.string() }) });
const namedFailure = z.object({ name: z.string() });

/** Short name of why a request failed, such as ECONNREFUSED or TimeoutError. */
function reasonOf(failure: unknown): string {
    return (
        networkFailure.safeParse(failure).data?.cause.code ?? namedFailure.safeParse(failure).data?.name ?? 'unknown'
    );
}
