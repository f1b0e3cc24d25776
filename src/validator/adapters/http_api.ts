import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ApiPort, ProbeOutcome } from '../ports';

const embeddings = z.object({ data: z.array(z.object({ embedding: z.array(z.number()) })).min(1) });
const apiError = z.object({ error: z.object({ code: z.string().nullish(), type: z.string().nullish() }) });

export interface ApiAccess {
    readonly gatewayUrl: string;
    readonly apiKey: string;
    readonly model: string;
}

/**
 * `POST /v1/embeddings` of an OpenAI-compatible server. The answer's content is checked, never logged. With a key against
 * repetition each call is a job with a record of its own, which the calls of a session are not: a session has one, at its end.
 */
export function httpApi(access: ApiAccess, fetchImpl: typeof fetch = fetch): ApiPort {
    const url = new URL('v1/embeddings', access.gatewayUrl.endsWith('/') ? access.gatewayUrl : `${access.gatewayUrl}/`);
    return {
        async embed(input, signal) {
            try {
                const response = await fetchImpl(url, {
                    method: 'POST',
                    headers: {
                        authorization: `Bearer ${access.apiKey}`,
                        'content-type': 'application/json',
                        'idempotency-key': randomUUID()
                    },
                    body: JSON.stringify({ model: access.model, input }),
                    signal
                });
                return await readOutcome(response, typeof input === 'string' ? 1 : input.length);
            } catch (failure) {
                return { kind: 'unreachable', reason: reasonOf(failure) };
            }
        }
    };
}

async function readOutcome(response: Response, texts: number): Promise<ProbeOutcome> {
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) {
        const error = apiError.safeParse(body).data?.error;
        return { kind: 'refused', httpStatus: response.status, code: error?.code ?? error?.type ?? 'unknown' };
    }
    const vectors = embeddings.safeParse(body).data?.data;
    const dimensions = vectors?.[0]?.embedding.length;
    const isWhole = vectors?.length === texts && vectors.every(({ embedding }) => embedding.length === dimensions);
    if (dimensions === undefined || !isWhole)
        return { kind: 'refused', httpStatus: response.status, code: 'malformed_answer' };
    return { kind: 'served', dimensions, requestId: requestIdOf(response) };
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
