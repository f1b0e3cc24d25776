import { err, ok, type Result } from '../../core/result';
import type { Failure } from '../ports';

/** Bytes that a token of a prompt stands for, at the least that is usual. */
const BYTES_PER_TOKEN = 3;

/**
 * How many tokens may be generated: what was asked for, within what is paid for beside the prompt. How many tokens the
 * prompt makes only the model knows; the node bears the risk of the estimate, and charges no more than was held.
 */
export function generationBound(
    asked: number | undefined,
    paid: number | undefined,
    promptBound: number
): Result<number | undefined, Failure> {
    if (paid === undefined) return ok(asked);
    const left = paid - Math.ceil(promptBound / BYTES_PER_TOKEN);
    if (left < 1) return err({ code: 'max_units_exceeded', retryable: false });
    return ok(asked === undefined ? left : Math.min(asked, left));
}
