import { z } from 'zod';

const penalty = z.number().min(-2).max(2).nullish();

/** Options that chats and completions share, with the bounds of the OpenAI API. */
export const sampling = {
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    frequency_penalty: penalty,
    presence_penalty: penalty,
    stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
    seed: z.int().nullish(),
    logit_bias: z.record(z.string(), z.number()).nullish(),
    max_tokens: z.int().positive().nullish(),
    n: z.literal(1, 'one answer per request').nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish()
};
