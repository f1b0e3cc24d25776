import { isJsonObject } from '../../core/compute/json_payload';
import { decodeTextDetails, decodeTextOutput, type TextOutput } from '../../core/compute/text_output';
import { err, ok, type Result } from '../../core/result';
import type { TokenCounts } from '../metrics';
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

/** Tokens of a text, by what its node tells. */
export function textTokens({ details }: FinishedJob): TokenCounts | undefined {
    const read = details && decodeTextDetails(details);
    return read?.ok ? { prompt: read.value.promptTokens, completion: read.value.completionTokens } : undefined;
}

/** Tokens by the `usage` of an answer's body, where it has one. */
export function usageIn(body: object): TokenCounts | undefined {
    if (!('usage' in body) || !isJsonObject(body.usage)) return undefined;
    const { prompt_tokens: prompt, completion_tokens: completion = 0 } = body.usage;
    return typeof prompt === 'number' && typeof completion === 'number' ? { prompt, completion } : undefined;
}

/** Whole seconds, as `created` fields have them. */
export function nowS(): number {
    return Math.floor(Date.now() / 1_000);
}
