import { concatBytes } from '../bytes';
import { err, ok, type Result } from '../result';
import { decodeJsonObject, encodeJson, fieldOf, isCount, malformed, type MalformedPayload } from './json_payload';

/** Why a text ended, as the OpenAI API names it. */
export const FINISH_REASONS = ['stop', 'length', 'tool_calls', 'content_filter'] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

/**
 * What a node tells about a text besides the text: JSON, beside the output, so that the output's hash is the hash of the
 * concatenated text alone (compute.md §6, scenario 17).
 */
export interface TextDetails {
    readonly finishReason: FinishReason;
    readonly promptTokens: number;
    readonly completionTokens: number;
    /** Where the text ends in the output and the tool calls, a JSON array, begin. */
    readonly textBytes: number;
}

/** Result of a job of kind `Chat` or `Completion`. */
export interface TextOutput {
    readonly text: string;
    /** Tool calls as the OpenAI API has them; JSON of an array. */
    readonly toolCalls?: string;
    readonly finishReason: FinishReason;
    readonly promptTokens: number;
    readonly completionTokens: number;
}

export interface EncodedText {
    readonly output: Uint8Array;
    readonly details: Uint8Array;
}

const encoder = new TextEncoder();

export function encodeTextOutput(result: TextOutput): EncodedText {
    const text = encoder.encode(result.text);
    const output = concatBytes(text, encoder.encode(result.toolCalls ?? ''));
    const { finishReason, promptTokens, completionTokens } = result;
    return {
        output,
        details: encodeTextDetails({ finishReason, promptTokens, completionTokens, textBytes: text.length })
    };
}

export function encodeTextDetails(details: TextDetails): Uint8Array {
    return encodeJson({
        finish_reason: details.finishReason,
        prompt_tokens: details.promptTokens,
        completion_tokens: details.completionTokens,
        text_bytes: details.textBytes
    });
}

export function decodeTextDetails(bytes: Uint8Array): Result<TextDetails, MalformedPayload> {
    const value = decodeJsonObject(bytes);
    const finishReason = FINISH_REASONS.find((reason) => reason === fieldOf(value, 'finish_reason'));
    const promptTokens = fieldOf(value, 'prompt_tokens');
    const completionTokens = fieldOf(value, 'completion_tokens');
    const textBytes = fieldOf(value, 'text_bytes');
    if (finishReason === undefined) return malformed('finish_reason');
    if (!isCount(promptTokens)) return malformed('prompt_tokens');
    if (!isCount(completionTokens)) return malformed('completion_tokens');
    if (!isCount(textBytes)) return malformed('text_bytes');
    return ok({ finishReason, promptTokens, completionTokens, textBytes });
}

export function decodeTextOutput({ output, details }: EncodedText): Result<TextOutput, MalformedPayload> {
    const read = decodeTextDetails(details);
    if (!read.ok) return read;
    const { textBytes, ...rest } = read.value;
    const text = decodeUtf8(output.subarray(0, textBytes));
    const toolCalls = decodeUtf8(output.subarray(textBytes));
    if (!text.ok || !toolCalls.ok || textBytes > output.length) return malformed('output');
    if (toolCalls.value === '') return ok({ ...rest, text: text.value });
    return isJsonArray(toolCalls.value)
        ? ok({ ...rest, text: text.value, toolCalls: toolCalls.value })
        : malformed('tool_calls');
}

function decodeUtf8(bytes: Uint8Array): Result<string, undefined> {
    try {
        return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    } catch {
        return err(undefined);
    }
}

function isJsonArray(text: string): boolean {
    try {
        return Array.isArray(JSON.parse(text));
    } catch {
        return false;
    }
}
