import { z } from 'zod';
import { CHAT_OPTIONS, chatPromptBound, encodeChatInput } from '../../core/compute/text_job';
import { pickFields } from '../../core/compute/json_payload';
import type { TextOutput } from '../../core/compute/text_output';
import { unitsOf } from '../../core/compute/units';
import { err, mapOk, ok } from '../../core/result';
import { originId, type Origin } from '../origin';
import type { FinishedJob } from '../run_job';
import { invalidBody, type Ask, type Endpoint, type StreamShape } from './endpoint';
import { sampling } from './sampling';
import { nowS, textOutputOf, usageOf } from './text_shape';

const TextPart = z.looseObject({ type: z.literal('text', 'only parts of type text'), text: z.string() });

const Message = z.looseObject({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
    content: z.union([z.string(), z.array(TextPart)]).nullish()
});

const ChatRequest = z.object({
    ...sampling,
    model: z.string().min(1),
    messages: z.array(Message).min(1),
    max_completion_tokens: z.int().positive().nullish(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
    tools: z.array(z.looseObject({ type: z.literal('function') })).nullish(),
    tool_choice: z.union([z.string(), z.looseObject({})]).nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    reasoning_effort: z.string().nullish(),
    logprobs: z.literal(false, 'log probabilities are not offered').nullish(),
    modalities: z.array(z.literal('text', 'only text is offered')).nullish()
});

/** `POST /v1/chat/completions`. */
export const chatEndpoint: Endpoint = {
    path: '/v1/chat/completions',
    kind: 'Chat',
    read(body) {
        const parsed = ChatRequest.safeParse(body);
        return parsed.success ? ok(toAsk(parsed.data)) : err(invalidBody(parsed.error));
    },
    answer: (model, job) => mapOk(textOutputOf(job), (output) => toAnswer(model, job, output))
};

function toAsk(body: z.output<typeof ChatRequest>): Ask {
    const { model, messages, stream } = body;
    const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? undefined;
    const chat = { messages, maxTokens, options: pickFields(body, CHAT_OPTIONS) };
    const promptBound = chatPromptBound(chat);
    const includeUsage = body.stream_options?.include_usage === true;
    return {
        model,
        input: encodeChatInput(chat),
        unitsBound: ({ unit, maxUnits }) =>
            maxTokens === undefined && unit === 'token'
                ? maxUnits
                : unitsOf(unit, { tokens: promptBound + (maxTokens ?? 0), inputs: 1 }),
        wantsDirect: stream === true,
        wantsSession: true,
        answer: (job) => chatEndpoint.answer(model, job),
        stream: stream === true ? (origin) => chatStream(model, origin, includeUsage) : undefined
    };
}

function idOf(origin: Origin): string {
    return `chatcmpl-${originId(origin)}`;
}

function toolCallsOf({ toolCalls }: TextOutput): readonly unknown[] | undefined {
    return toolCalls === undefined ? undefined : (JSON.parse(toolCalls) as unknown[]);
}

function toAnswer(model: string, { origin }: FinishedJob, output: TextOutput): object {
    const calls = toolCallsOf(output);
    const content = output.text === '' && calls !== undefined ? null : output.text;
    const message = { role: 'assistant', content, refusal: null, ...(calls && { tool_calls: calls }) };
    return {
        id: idOf(origin),
        object: 'chat.completion',
        created: nowS(),
        model,
        choices: [{ index: 0, message, logprobs: null, finish_reason: output.finishReason }],
        usage: usageOf(output)
    };
}

function chatStream(model: string, origin: Origin, includeUsage: boolean): StreamShape {
    const head = { id: idOf(origin), object: 'chat.completion.chunk', created: nowS(), model };
    const usageField = includeUsage ? { usage: null } : {};
    const chunk = (delta: object, reason: string | null = null): object => ({
        ...head,
        choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
        ...usageField
    });
    return {
        start: () => [chunk({ role: 'assistant', content: '' })],
        text: (content) => chunk({ content }),
        textOf: (job) => mapOk(textOutputOf(job), ({ text }) => text),
        end: (job) =>
            mapOk(textOutputOf(job), (output) => {
                const calls = toolCallsOf(output)?.map((call, index) => ({ index, ...(call as object) }));
                return [
                    ...(calls === undefined ? [] : [chunk({ tool_calls: calls })]),
                    chunk({}, output.finishReason),
                    ...(includeUsage ? [{ ...head, choices: [], usage: usageOf(output) }] : [])
                ];
            })
    };
}
