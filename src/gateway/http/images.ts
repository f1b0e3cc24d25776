import { z } from 'zod';
import { decodeImageOutput, encodeImageInput, IMAGE_OPTIONS } from '../../core/compute/image_job';
import { pickFields } from '../../core/compute/json_payload';
import { unitsOf } from '../../core/compute/units';
import { err, ok, type Result } from '../../core/result';
import type { FinishedJob } from '../run_job';
import { invalidBody, malformedResult, type Ask, type Endpoint } from './endpoint';
import type { ApiError } from './errors';
import { nowS } from './text_shape';

const option = z.string().max(32).nullish();

const ImagesRequest = z.object({
    model: z.string().min(1),
    prompt: z.string().min(1, 'a prompt must not be empty'),
    n: z.int().min(1).max(10).nullish(),
    response_format: z.enum(['b64_json', 'url']).nullish(),
    size: option,
    quality: option,
    style: option,
    background: option,
    output_format: z.enum(['png', 'jpeg', 'webp']).nullish(),
    negative_prompt: z.string().nullish(),
    seed: z.int().nullish(),
    stream: z.literal(false, 'images are not streamed').nullish()
});

/** `POST /v1/images/generations`. Images come in base64; as `url` they are data URLs, since nobody keeps them. */
export const imagesEndpoint: Endpoint = {
    path: '/v1/images/generations',
    kind: 'Image',
    read(body) {
        const parsed = ImagesRequest.safeParse(body);
        return parsed.success ? ok(toAsk(parsed.data)) : err(invalidBody(parsed.error));
    },
    answer: (_model, job) => toAnswer(job, (image) => ({ b64_json: image }))
};

function toAsk(body: z.output<typeof ImagesRequest>): Ask {
    const { model, prompt } = body;
    const count = body.n ?? 1;
    const type = `image/${body.output_format ?? 'png'}`;
    const entryOf = (image: string): object =>
        body.response_format === 'url' ? { url: `data:${type};base64,${image}` } : { b64_json: image };
    return {
        model,
        input: encodeImageInput({ prompt, count, options: pickFields(body, IMAGE_OPTIONS) }),
        unitsBound: ({ unit }) => unitsOf(unit, { tokens: 0, inputs: count }),
        wantsDirect: true,
        answer: (job) => toAnswer(job, entryOf)
    };
}

function toAnswer(job: FinishedJob, entryOf: (image: string) => object): Result<object, ApiError> {
    const output = decodeImageOutput(job.output);
    if (!output.ok) return err(malformedResult());
    return ok({ created: nowS(), data: output.value.images.map((image) => entryOf(image)) });
}
