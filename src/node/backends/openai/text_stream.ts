import { z } from 'zod';
import { err, ok, type Result } from '../../../core/result';
import { encodeTextOutput, FINISH_REASONS, type FinishReason } from '../../../core/compute/text_output';
import type { BackendResult, Failure, Task } from '../../ports';
import { EventSplitter, readTexts } from '../lines';
import { MALFORMED, type ServerAnswer } from '../server';
import { parseJson } from '../../../core/json';

const ToolCallDelta = z.object({
    index: z.int().nonnegative().max(127),
    id: z.string().nullish(),
    function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish()
});
type ToolCallDelta = z.output<typeof ToolCallDelta>;

const Choice = z.object({
    index: z.int().default(0),
    /** Of a chat. */
    delta: z.object({ content: z.string().nullish(), tool_calls: z.array(ToolCallDelta).nullish() }).nullish(),
    /** Of a completion. */
    text: z.string().nullish(),
    finish_reason: z.string().nullish()
});

const Usage = z.object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative().default(0) });

const Chunk = z.object({ choices: z.array(Choice).default([]), usage: Usage.nullish(), error: z.unknown().optional() });

interface ToolCall {
    id: string;
    name: string;
    arguments: string;
}

/** What the chunks of one answer come to. */
export class TextCollector {
    private text = '';
    private readonly calls: ToolCall[] = [];
    private finishReason: FinishReason | undefined;
    private usage: z.output<typeof Usage> | undefined;
    private chunks = 0;

    constructor(
        private readonly task: Pick<Task, 'onText' | 'onTokens'>,
        private readonly promptBytes: number
    ) {}

    add(text: string): void {
        if (text === '') return;
        this.text += text;
        this.grow();
        this.task.onText?.(text);
    }

    addCall({ index, id, function: called }: ToolCallDelta): void {
        this.grow();
        const call = (this.calls[index] ??= { id: '', name: '', arguments: '' });
        call.id ||= id ?? '';
        call.name += called?.name ?? '';
        call.arguments += called?.arguments ?? '';
    }

    /** Tokens of the prompt, by its length. */
    private get promptEstimate(): number {
        return Math.ceil(this.promptBytes / 4);
    }

    private grow(): void {
        this.chunks++;
        this.task.onTokens?.(this.promptEstimate + this.chunks);
    }

    end(reason: string): void {
        this.finishReason = FINISH_REASONS.find((known) => known === reason) ?? 'stop';
    }

    count(promptTokens: number, completionTokens: number): void {
        this.usage = { prompt_tokens: promptTokens, completion_tokens: completionTokens };
    }

    /** A result, or what there is of it when the job was called off: that much was worked for. */
    endOf(result: Result<BackendResult, Failure>, signal: AbortSignal): typeof result {
        if (result.ok || !signal.aborted || this.chunks === 0) return result;
        this.finishReason ??= 'stop';
        const partial = this.result();
        return partial.ok ? err({ ...result.error, partial: partial.value }) : result;
    }

    /** A server that counts nothing is taken at one token per chunk and four bytes per token of the prompt. */
    result(): Result<BackendResult, Failure> {
        if (this.finishReason === undefined) return err({ code: 'backend_interrupted', retryable: true });
        const promptTokens = this.usage?.prompt_tokens ?? this.promptEstimate;
        const completionTokens = this.usage?.completion_tokens ?? this.chunks;
        const calls = this.calls.filter((call) => call !== undefined);
        const encoded = encodeTextOutput({
            text: this.text,
            toolCalls: calls.length === 0 ? undefined : JSON.stringify(calls.map(toOpenAi)),
            finishReason: this.finishReason,
            promptTokens,
            completionTokens
        });
        return ok({ ...encoded, tokens: promptTokens + completionTokens, inputs: 1 });
    }
}

function toOpenAi(call: ToolCall, index: number): object {
    const { id, name, arguments: text } = call;
    return { id: id === '' ? `call_${index}` : id, type: 'function', function: { name, arguments: text } };
}

/** Reads the server-sent events of a chat or a completion. */
export function collectEvents(answer: ServerAnswer, into: TextCollector): Promise<Failure | undefined> {
    return readTexts(answer, new EventSplitter(), (data) => (data === '[DONE]' ? 'done' : takeChunk(data, into)));
}

function takeChunk(data: string, into: TextCollector): Failure | undefined {
    const chunk = Chunk.safeParse(parseJson(data));
    if (!chunk.success) return MALFORMED;
    const { choices, usage, error } = chunk.data;
    if (error !== undefined) return { code: 'backend_error', retryable: true };
    for (const choice of choices) if (choice.index === 0) takeChoice(choice, into);
    if (usage) into.count(usage.prompt_tokens, usage.completion_tokens);
    return undefined;
}

function takeChoice(choice: z.output<typeof Choice>, into: TextCollector): void {
    into.add(choice.delta?.content ?? choice.text ?? '');
    for (const call of choice.delta?.tool_calls ?? []) into.addCall(call);
    if (choice.finish_reason) into.end(choice.finish_reason);
}
