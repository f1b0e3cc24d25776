import { z } from 'zod';
import { decodeEmbeddingInput, encodeEmbeddingOutput } from '../../core/compute/embedding_job';
import { fieldOf, isJsonObject, type JsonObject } from '../../core/compute/json_payload';
import {
    chatPromptBound,
    completionPromptBound,
    decodeChatInput,
    decodeCompletionInput
} from '../../core/compute/text_job';
import { err, ok, type Result } from '../../core/result';
import type { Backend, BackendResult, Failure, Task } from '../ports';
import { AnswerLines, readTexts } from './lines';
import { kindNotServed, malformedInput } from './malformed';
import { toOllamaMessage, toOllamaOptions } from './ollama_request';
import type { OpenAiBackendOptions } from './openai_compatible';
import { TextCollector } from './openai/text_stream';
import { Probed, type ServerState } from './probed';
import { BackendServer, MALFORMED, readJson, type ServerAnswer } from './server';
import { generationBound } from './token_bound';
import { encodeVector } from '../../client/vectors';
import { parseJson } from '../../core/json';

const Tags = z.object({ models: z.array(z.object({ name: z.string() })) });
const Embedded = z.object({
    embeddings: z.array(z.array(z.number())),
    prompt_eval_count: z.int().nonnegative().default(0)
});
const Line = z.object({
    message: z
        .object({
            content: z.string().default(''),
            tool_calls: z
                .array(z.object({ function: z.object({ name: z.string(), arguments: z.unknown() }) }))
                .optional()
        })
        .optional(),
    response: z.string().optional(),
    done: z.boolean().default(false),
    done_reason: z.string().optional(),
    prompt_eval_count: z.int().nonnegative().optional(),
    eval_count: z.int().nonnegative().optional(),
    error: z.string().optional()
});

const LOOK_MS = 3_000;

/** Ollama by its own interface (`/api`): it tells more than its OpenAI one, and takes all of a model's options. */
export function ollama(options: OpenAiBackendOptions): Backend {
    const server = new BackendServer(options);
    const probed = new Probed(server, options.probeMs, () => look(server, options.model));
    return {
        name: 'ollama',
        modelHash: options.modelHash,
        room: () => probed.room(),
        loads: () => [probed.load()],
        run: (task, signal) => run(server, options.model, task, signal)
    };
}

async function look(server: BackendServer, model: string): Promise<ServerState> {
    const response = await fetch(`${server.options.baseUrl}/api/tags`, { signal: AbortSignal.timeout(LOOK_MS) });
    const tags = Tags.safeParse(response.ok ? await response.json() : undefined);
    return {
        isUp: tags.success && tags.data.models.some(({ name }) => name === model || name === `${model}:latest`)
    };
}

function run(
    server: BackendServer,
    model: string,
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    if (signal.aborted) return Promise.resolve(err({ code: 'aborted', retryable: true }));
    switch (task.kind) {
        case 'Embedding':
            return embed(server, model, task, signal);
        case 'Chat':
            return chat(server, model, task, signal);
        case 'Completion':
            return complete(server, model, task, signal);
        case 'Image':
        case 'Other':
            return kindNotServed();
    }
}

function embed(
    server: BackendServer,
    model: string,
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    const job = decodeEmbeddingInput(task.input);
    if (!job.ok) return malformedInput(job.error);
    const { input } = job.value;
    return server.post('/api/embed', { model, input }, signal, async (answer) => {
        const json = await readJson(answer);
        if (!json.ok) return json;
        const parsed = Embedded.safeParse(json.value);
        if (!parsed.success || parsed.data.embeddings.length !== input.length) return err(MALFORMED);
        const promptTokens = parsed.data.prompt_eval_count;
        const output = encodeEmbeddingOutput({ embeddings: parsed.data.embeddings.map(encodeVector), promptTokens });
        return ok({ output, tokens: promptTokens, inputs: input.length });
    });
}

function chat(
    server: BackendServer,
    model: string,
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    const job = decodeChatInput(task.input);
    if (!job.ok) return malformedInput(job.error);
    const { messages, maxTokens, options } = job.value;
    const promptBound = chatPromptBound(job.value);
    const bound = generationBound(maxTokens, task.maxTokens, promptBound);
    if (!bound.ok) return Promise.resolve(bound);
    const body = {
        model,
        messages: messages.map(toOllamaMessage),
        tools: options.tools,
        format: formatOf(options),
        options: toOllamaOptions(options, bound.value),
        stream: true
    };
    return generate(server, '/api/chat', body, promptBound, task, signal);
}

function complete(
    server: BackendServer,
    model: string,
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    const job = decodeCompletionInput(task.input);
    if (!job.ok) return malformedInput(job.error);
    const { prompt, maxTokens, options } = job.value;
    const promptBound = completionPromptBound(job.value);
    const bound = generationBound(maxTokens, task.maxTokens, promptBound);
    if (!bound.ok) return Promise.resolve(bound);
    const body = { model, prompt, raw: true, options: toOllamaOptions(options, bound.value), stream: true };
    return generate(server, '/api/generate', body, promptBound, task, signal);
}

/** `response_format` as Ollama has it: `json`, or the schema itself. */
function formatOf(options: JsonObject): unknown {
    const format = options.response_format;
    if (!isJsonObject(format)) return undefined;
    const schema = fieldOf(format, 'json_schema');
    if (isJsonObject(schema)) return fieldOf(schema, 'schema');
    return fieldOf(format, 'type') === 'json_object' ? 'json' : undefined;
}

async function generate(
    server: BackendServer,
    path: string,
    body: object,
    promptBytes: number,
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    const collector = new TextCollector(task, promptBytes);
    const result = await server.post(path, body, signal, async (answer) => {
        const failure = await collectLines(answer, collector);
        return failure === undefined ? collector.result() : err(failure);
    });
    return collector.endOf(result, signal);
}

function collectLines(answer: ServerAnswer, into: TextCollector): Promise<Failure | undefined> {
    let calls = 0;
    return readTexts(answer, new AnswerLines(), (text) => {
        const line = Line.safeParse(parseJson(text));
        if (!line.success) return MALFORMED;
        const { message, response, done, done_reason: reason, error } = line.data;
        if (error !== undefined) return { code: 'backend_error', retryable: true };
        into.add(message?.content ?? response ?? '');
        for (const { function: called } of message?.tool_calls ?? []) {
            const { name, arguments: values } = called;
            into.addCall({ index: calls++, function: { name, arguments: JSON.stringify(values ?? {}) } });
        }
        if (!done) return undefined;
        into.count(line.data.prompt_eval_count ?? 0, line.data.eval_count ?? 0);
        into.end(calls > 0 ? 'tool_calls' : (reason ?? 'stop'));
        return undefined;
    });
}
