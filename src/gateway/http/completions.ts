import { z } from 'zod';
import { pickFields } from '../../core/compute/json_payload';
import { completionPromptBound, encodeCompletionInput, SAMPLING_OPTIONS } from '../../core/compute/text_job';
import type { TextOutput } from '../../core/compute/text_output';
import { unitsOf } from '../../core/compute/units';
import { err, mapOk, ok } from '../../core/result';
import { originId, type Origin } from '../origin';
import type { FinishedJob } from '../run_job';
import { invalidBody, type Ask, type Endpoint, type StreamShape } from './endpoint';
import { sampling } from './sampling';
import { nowS, textOutputOf, usageOf } from './text_shape';

const prompt = z.string('one text').min(1, 'a prompt must not be empty');

const CompletionRequest = z.object({
    ...sampling,
    model: z.string().min(1),
    prompt: z.union([prompt, z.tuple([prompt])], 'a prompt must be one text'),
    best_of: z.literal(1, 'one answer per request').nullish(),
    echo: z.literal(false, 'the prompt cannot be repeated').nullish(),
    logprobs: z.null('log probabilities are not offered').optional(),
    suffix: z.null('a suffix is not offered').optional()
});

/** What the OpenAI API generates when a completion names no bound. */
const DEFAULT_MAX_TOKENS = 16;

/** `POST /v1/completions`. */
export const completionsEndpoint: Endpoint = {
    path: '/v1/completions',
    kind: 'Completion',
    read(body) {
        const parsed = CompletionRequest.safeParse(body);
        return parsed.success ? ok(toAsk(parsed.data)) : err(invalidBody(parsed.error));
    },
    answer: (model, job) => mapOk(textOutputOf(job), (output) => toAnswer(model, job, output))
};

function toAsk(body: z.output<typeof CompletionRequest>): Ask {
    const { model, stream } = body;
    const text = typeof body.prompt === 'string' ? body.prompt : body.prompt[0];
    const maxTokens = body.max_tokens ?? DEFAULT_MAX_TOKENS;
    const completion = { prompt: text, maxTokens, options: pickFields(body, SAMPLING_OPTIONS) };
    const includeUsage = body.stream_options?.include_usage === true;
    return {
        model,
        input: encodeCompletionInput(completion),
        unitsBound: ({ unit }) => unitsOf(unit, { tokens: completionPromptBound(completion) + maxTokens, inputs: 1 }),
        wantsDirect: stream === true,
        wantsSession: true,
        answer: (job) => completionsEndpoint.answer(model, job),
        stream: stream === true ? (origin) => completionStream(model, origin, includeUsage) : undefined
    };
}

function headOf(model: string, origin: Origin): object {
    return { id: `cmpl-${originId(origin)}`, object: 'text_completion', created: nowS(), model };
}

function choiceOf(text: string, reason: string | null): object {
    return { index: 0, text, logprobs: null, finish_reason: reason };
}

function toAnswer(model: string, { origin }: FinishedJob, output: TextOutput): object {
    const choices = [choiceOf(output.text, output.finishReason)];
    return { ...headOf(model, origin), choices, usage: usageOf(output) };
}

function completionStream(model: string, origin: Origin, includeUsage: boolean): StreamShape {
    const head = headOf(model, origin);
    return {
        start: () => [],
        text: (text) => ({ ...head, choices: [choiceOf(text, null)] }),
        textOf: (job) => mapOk(textOutputOf(job), ({ text }) => text),
        end: (job) =>
            mapOk(textOutputOf(job), (output) => [
                { ...head, choices: [choiceOf('', output.finishReason)] },
                ...(includeUsage ? [{ ...head, choices: [], usage: usageOf(output) }] : [])
            ])
    };
}
