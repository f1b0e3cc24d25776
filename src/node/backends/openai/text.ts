import {
    chatPromptBound,
    completionPromptBound,
    decodeChatInput,
    decodeCompletionInput
} from '../../../core/compute/text_job';
import { err, type Result } from '../../../core/result';
import type { BackendResult, Failure, Task } from '../../ports';
import type { BackendServer } from '../server';
import { generationBound } from '../token_bound';
import { malformedInput } from '../malformed';
import { collectEvents, TextCollector } from './text_stream';

/** What every request for text asks for: pieces as they are generated, and the count of the tokens at the end. */
const STREAMED = { stream: true, stream_options: { include_usage: true } };

export function runChat(
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
    const body = { ...options, model, messages, max_tokens: bound.value, ...STREAMED };
    return generate(server, '/chat/completions', body, promptBound, task, signal);
}

export function runCompletion(
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
    const body = { ...options, model, prompt, max_tokens: bound.value, ...STREAMED };
    return generate(server, '/completions', body, promptBound, task, signal);
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
        const failure = await collectEvents(answer, collector);
        return failure === undefined ? collector.result() : err(failure);
    });
    return collector.endOf(result, signal);
}
