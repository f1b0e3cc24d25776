import { z } from 'zod';
import { decodeVector } from '../../client/vectors';
import { decodeEmbeddingOutput, encodeEmbeddingInput } from '../../core/compute/embedding_job';
import { maxUnitsOf } from '../../core/compute/units';
import { err, ok, type Result } from '../../core/result';
import type { FinishedJob } from '../run_job';
import { invalidBody, malformedResult, type Ask, type Endpoint } from './endpoint';
import type { ApiError } from './errors';

const text = z.string().min(1, 'an input must not be empty');

const EmbeddingsRequest = z.object({
    model: z.string().min(1),
    input: z.union([text, z.array(text).min(1)]),
    encoding_format: z.enum(['float', 'base64']).default('float'),
    dimensions: z.undefined('the dimensions of these models cannot be chosen').optional()
});

/** `POST /v1/embeddings`. */
export const embeddingsEndpoint: Endpoint = {
    path: '/v1/embeddings',
    kind: 'Embedding',
    read(body, { config }) {
        const parsed = EmbeddingsRequest.safeParse(body);
        if (!parsed.success) return err(invalidBody(parsed.error));
        const { model, input, encoding_format: format } = parsed.data;
        const texts = typeof input === 'string' ? [input] : input;
        const { inputsPerRequest } = config.limits;
        if (texts.length > inputsPerRequest) {
            return err({ code: 'invalid_request', message: `At most ${inputsPerRequest} inputs.`, param: 'input' });
        }
        return ok(toAsk(model, texts, format));
    },
    answer: (model, job) => toAnswer(model, job, 'float')
};

function toAsk(model: string, texts: readonly string[], format: 'float' | 'base64'): Ask {
    return {
        model,
        input: encodeEmbeddingInput({ input: texts }),
        unitsBound: ({ unit }) => maxUnitsOf(unit, texts),
        wantsDirect: false,
        answer: (job) => toAnswer(model, job, format)
    };
}

function toAnswer(model: string, job: FinishedJob, format: 'float' | 'base64'): Result<object, ApiError> {
    const output = decodeEmbeddingOutput(job.output);
    if (!output.ok) return err(malformedResult());
    const { embeddings, promptTokens } = output.value;
    const data = embeddings.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: format === 'base64' ? vector : decodeVector(vector)
    }));
    const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
    return ok({ object: 'list', data, model, usage });
}
