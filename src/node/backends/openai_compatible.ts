import { z } from 'zod';
import { decodeEmbeddingInput, encodeEmbeddingOutput } from '../../core/compute/embedding_job';
import { err, ok, type Result } from '../../core/result';
import type { Backend, BackendResult, Failure } from '../ports';
import { encodeVector } from './vectors';

export interface OpenAiBackendOptions {
    /** With the version, such as http://127.0.0.1:11434/v1. */
    readonly baseUrl: string;
    /** The model's name on that server. */
    readonly model: string;
    readonly apiKey?: string;
    readonly modelHash?: Uint8Array;
    readonly timeoutMs: number;
}

const EmbeddingsAnswer = z.object({
    data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()) })),
    usage: z.object({ prompt_tokens: z.int().nonnegative() })
});

/** Embeddings from any server with the OpenAI interface: vLLM, Ollama, llama.cpp, … */
export function openAiCompatible(options: OpenAiBackendOptions): Backend {
    return {
        name: 'openai-compatible',
        modelHash: options.modelHash,
        async run(input, signal) {
            const job = decodeEmbeddingInput(input);
            if (!job.ok) return err({ code: `malformed_${job.error.field}`, retryable: false });
            const texts = job.value.input;
            const answer = await post(options, texts, signal);
            return answer.ok ? toResult(answer.value, texts.length) : answer;
        }
    };
}

async function post(
    options: OpenAiBackendOptions,
    texts: readonly string[],
    signal: AbortSignal
): Promise<Result<unknown, Failure>> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (options.apiKey !== undefined) headers.authorization = `Bearer ${options.apiKey}`;
    try {
        const response = await fetch(`${options.baseUrl}/embeddings`, {
            method: 'POST',
            headers,
            body: JSON.stringify({ model: options.model, input: texts, encoding_format: 'float' }),
            signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)])
        });
        if (response.ok) return ok(await response.json());
        await response.body?.cancel();
        return err(failureOf(response.status));
    } catch {
        return err({ code: signal.aborted ? 'aborted' : 'backend_unreachable', retryable: true });
    }
}

/** Overload and outages are worth another try elsewhere; what the server finds wrong with the request is not. */
function failureOf(status: number): Failure {
    const isFinal = [400, 413, 422].includes(status);
    return { code: isFinal ? `backend_refused_${status}` : `backend_${status}`, retryable: !isFinal };
}

function toResult(answer: unknown, count: number): Result<BackendResult, Failure> {
    const parsed = EmbeddingsAnswer.safeParse(answer);
    if (!parsed.success || parsed.data.data.length !== count)
        return err({ code: 'backend_malformed', retryable: true });
    const embeddings = [...parsed.data.data]
        .sort((a, b) => a.index - b.index)
        .map(({ embedding }) => encodeVector(embedding));
    const promptTokens = parsed.data.usage.prompt_tokens;
    const output = encodeEmbeddingOutput({ embeddings, promptTokens });
    return ok({ output, tokens: promptTokens, inputs: count });
}
