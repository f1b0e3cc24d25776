import { z } from 'zod';
import { fromHex } from '../../core/bytes';
import {
    faultOfReference,
    MAX_LOCATORS,
    MAX_REFERENCED_BYTES,
    type InputReference
} from '../../core/compute/input_reference';
import { minAmount } from '../../core/amount';
import { err, ok, type Result } from '../../core/result';
import type { Context } from './context';
import { invalidBody, type Ask, type Endpoint } from './endpoint';
import type { ApiError } from './errors';

const MAX_TTL_S = 86_400;

const Reference = z.object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal'),
    size: z.int().positive().max(Number(MAX_REFERENCED_BYTES)),
    locators: z.array(z.string()).min(1).max(MAX_LOCATORS)
});

const common = { url: z.string(), ttl_s: z.int().min(1).max(MAX_TTL_S).default(MAX_TTL_S) };

const JobBody = z.union(
    [
        z.strictObject({ ...common, body: z.looseObject({}) }),
        z.strictObject({
            ...common,
            model: z.string().min(1),
            input: Reference,
            max_units: z.int().positive().optional()
        })
    ],
    'a job is {url, body}, or {url, model, input} with an input that is kept elsewhere'
);
type JobBody = z.output<typeof JobBody>;
type ReferringBody = Extract<JobBody, { readonly input: unknown }>;

/** What a request for a job asks for. */
export interface JobAsk {
    readonly endpoint: Endpoint;
    readonly ask: Ask;
    readonly ttlS: bigint;
}

/** Reads the body of `POST /v1/jobs`. */
export function readJobBody(raw: unknown, endpoints: readonly Endpoint[], context: Context): Result<JobAsk, ApiError> {
    const parsed = JobBody.safeParse(raw);
    if (!parsed.success) return err(invalidBody(parsed.error));
    const { data } = parsed;
    const endpoint = endpoints.find(({ path }) => path === data.url);
    if (endpoint === undefined) {
        const urls = endpoints.map(({ path }) => path);
        return err({ code: 'invalid_request', message: `one of ${urls.join(', ')}`, param: 'url' });
    }
    const ask = 'body' in data ? readInline(data.body, endpoint, context) : referring(data, endpoint);
    return ask.ok ? ok({ endpoint, ask: ask.value, ttlS: BigInt(data.ttl_s) }) : ask;
}

function readInline(body: object, endpoint: Endpoint, context: Context): Result<Ask, ApiError> {
    const ask = endpoint.read({ ...body, stream: undefined }, context);
    return ask.ok ? ask : err({ ...ask.error, param: `body.${ask.error.param ?? ''}` });
}

/**
 * The bytes behind a reference are what the endpoint takes, as JSON without `model` and `stream`. Nobody here has seen them:
 * the caller says what they may come to, or the model's own bound holds.
 */
function referring({ model, input, max_units: maxUnits }: ReferringBody, endpoint: Endpoint): Result<Ask, ApiError> {
    const { sha256, size, locators } = input;
    const reference: InputReference = { sha256: fromHex(sha256) ?? new Uint8Array(), size: BigInt(size), locators };
    const fault = faultOfReference(reference);
    if (fault !== undefined) {
        const message = 'A locator is an http, https or ipfs URL of at most 512 characters.';
        return err({ code: 'invalid_request', message, param: `input.${fault}` });
    }
    return ok({
        model,
        input: new Uint8Array(),
        inputReference: reference,
        unitsBound: ({ maxUnits: bound }) => (maxUnits === undefined ? bound : minAmount(BigInt(maxUnits), bound)),
        wantsDirect: false,
        answer: (job) => endpoint.answer(model, job)
    });
}
