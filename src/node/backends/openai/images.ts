import { z } from 'zod';
import { decodeImageInput, encodeImageOutput } from '../../../core/compute/image_job';
import { err, ok, type Result } from '../../../core/result';
import type { BackendResult, Failure, Task } from '../../ports';
import { malformedInput } from '../malformed';
import { MALFORMED, readJson, type BackendServer } from '../server';

const Answer = z.object({ data: z.array(z.object({ b64_json: z.string().min(1) })).min(1) });

export function runImages(
    server: BackendServer,
    model: string,
    task: Task,
    signal: AbortSignal
): Promise<Result<BackendResult, Failure>> {
    const job = decodeImageInput(task.input);
    if (!job.ok) return malformedInput(job.error);
    const { prompt, count, options } = job.value;
    const body = { ...options, model, prompt, n: count, response_format: 'b64_json' };
    return server.post('/images/generations', body, signal, async (answer) => {
        const json = await readJson(answer);
        return json.ok ? toResult(json.value, count) : json;
    });
}

/** A server that makes fewer images than it was asked for is paid for those. */
function toResult(answer: unknown, count: number): Result<BackendResult, Failure> {
    const parsed = Answer.safeParse(answer);
    if (!parsed.success || parsed.data.data.length > count) return err(MALFORMED);
    const images = parsed.data.data.map(({ b64_json }) => b64_json);
    return ok({ output: encodeImageOutput({ images }), tokens: 0, inputs: images.length });
}
