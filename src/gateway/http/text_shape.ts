import { decodeTextOutput, type TextOutput } from '../../core/compute/text_output';
import { err, ok, type Result } from '../../core/result';
import type { FinishedJob } from '../run_job';
import { malformedResult } from './endpoint';
import type { ApiError } from './errors';

/** The text of a finished job and what belongs to it. */
export function textOutputOf({ output, details }: FinishedJob): Result<TextOutput, ApiError> {
    if (details === undefined) return err(malformedResult());
    const read = decodeTextOutput({ output, details });
    return read.ok ? ok(read.value) : err(malformedResult());
}

/** Token counts as the OpenAI API has them. */
export function usageOf({ promptTokens, completionTokens }: TextOutput): object {
    return {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens
    };
}

/** Whole seconds, as `created` fields have them. */
export function nowS(): number {
    return Math.floor(Date.now() / 1_000);
}
