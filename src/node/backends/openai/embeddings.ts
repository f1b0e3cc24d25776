import { z } from 'zod';
import { decodeEmbeddingInput, encodeEmbeddingOutput } from '../../../core/compute/embedding_job';
import { err, ok, type Result } from '../../../core/result';
import type { BackendResult, Failure, Task } from '../../ports';
import { malformedInput } from '../malformed';
import { MALFORMED, readJson, type BackendServer } from '../server';
import { encodeVector } from '../../../client/vectors';

const Answer = z.object({
    data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()) })),
    usage: z.object({ prompt_tokens: z.int().nonnegative() })
});

export function runEmbeddings(
    server: BackendServer,
    model: string,
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    const job = decodeEmbeddingInput(task.input);
    if (!job.ok) return malformedInput(job.error);
    const { input } = job.value;
    const body = { model, input, encoding_format: 'float' };
    return server.post('/embeddings', body, signal, async (answer) => {
        const json = await readJson(answer);
        return json.ok ? toResult(json.value, input.length) : json;
    });
}

function toResult(answer: unknown, count: number): Result<BackendResult, Failure> {
    const parsed = Answer.safeParse(answer);
    if (!parsed.success || parsed.data.data.length !== count) return err(MALFORMED);
    const embeddings = [...parsed.data.data]
        .sort((a, b) => a.index - b.index)
        .map(({ embedding }) => encodeVector(embedding));
    const promptTokens = parsed.data.usage.prompt_tokens;
    return ok({ output: encodeEmbeddingOutput({ embeddings, promptTokens }), tokens: promptTokens, inputs: count });
}
