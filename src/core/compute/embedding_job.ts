import { ok, type Result } from '../result';
import {
    decodeJsonObject,
    encodeJson,
    fieldOf,
    isCount,
    isTexts,
    malformed,
    type MalformedPayload
} from './json_payload';

export type { MalformedPayload };

/**
 * Payloads of jobs of kind `Embedding`. Vectors travel as base64 of little-endian 32-bit floats, which is exact and a
 * third of the decimal text.
 */
export interface EmbeddingInput {
    readonly input: readonly string[];
}

export interface EmbeddingOutput {
    /** One per input, in its order; base64 of little-endian float32. */
    readonly embeddings: readonly string[];
    readonly promptTokens: number;
}

export function encodeEmbeddingInput({ input }: EmbeddingInput): Uint8Array {
    return encodeJson({ input });
}

/** Reads an input: at least one text, none of them empty. */
export function decodeEmbeddingInput(bytes: Uint8Array): Result<EmbeddingInput, MalformedPayload> {
    const input = fieldOf(decodeJsonObject(bytes), 'input');
    if (!isTexts(input) || input.length === 0 || input.includes('')) return malformed('input');
    return ok({ input });
}

export function encodeEmbeddingOutput({ embeddings, promptTokens }: EmbeddingOutput): Uint8Array {
    return encodeJson({ embeddings, prompt_tokens: promptTokens });
}

export function decodeEmbeddingOutput(bytes: Uint8Array): Result<EmbeddingOutput, MalformedPayload> {
    const value = decodeJsonObject(bytes);
    const embeddings = fieldOf(value, 'embeddings');
    const promptTokens = fieldOf(value, 'prompt_tokens');
    if (!isTexts(embeddings)) return malformed('embeddings');
    if (!isCount(promptTokens)) return malformed('prompt_tokens');
    return ok({ embeddings, promptTokens });
}
