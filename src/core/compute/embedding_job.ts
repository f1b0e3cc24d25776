import { err, ok, type Result } from '../result';

/**
 * Payloads of jobs of kind `Embedding`: JSON in UTF-8. Vectors travel as base64 of little-endian 32-bit floats, which is
 * exact and a third of the decimal text.
 */
export interface EmbeddingInput {
    readonly input: readonly string[];
}

export interface EmbeddingOutput {
    /** One per input, in its order; base64 of little-endian float32. */
    readonly embeddings: readonly string[];
    readonly promptTokens: number;
}

/** The bytes are no payload of this kind; `field` says where. */
export interface MalformedPayload {
    readonly kind: 'MalformedPayload';
    readonly field: string;
}

const encoder = new TextEncoder();

export function encodeEmbeddingInput({ input }: EmbeddingInput): Uint8Array {
    return encoder.encode(JSON.stringify({ input }));
}

/** Reads an input: at least one text, none of them empty. */
export function decodeEmbeddingInput(bytes: Uint8Array): Result<EmbeddingInput, MalformedPayload> {
    const input = fieldOf(parse(bytes), 'input');
    if (!isTexts(input) || input.length === 0 || input.includes('')) return malformed('input');
    return ok({ input });
}

export function encodeEmbeddingOutput({ embeddings, promptTokens }: EmbeddingOutput): Uint8Array {
    return encoder.encode(JSON.stringify({ embeddings, prompt_tokens: promptTokens }));
}

export function decodeEmbeddingOutput(bytes: Uint8Array): Result<EmbeddingOutput, MalformedPayload> {
    const value = parse(bytes);
    const embeddings = fieldOf(value, 'embeddings');
    const promptTokens = fieldOf(value, 'prompt_tokens');
    if (!isTexts(embeddings)) return malformed('embeddings');
    if (typeof promptTokens !== 'number' || !Number.isSafeInteger(promptTokens)) return malformed('prompt_tokens');
    return ok({ embeddings, promptTokens });
}

function parse(bytes: Uint8Array): unknown {
    try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
        return undefined;
    }
}

function fieldOf(value: unknown, name: string): unknown {
    return typeof value === 'object' && value !== null
        ? Object.getOwnPropertyDescriptor(value, name)?.value
        : undefined;
}

function isTexts(value: unknown): value is string[] {
    return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function malformed(field: string): Result<never, MalformedPayload> {
    return err({ kind: 'MalformedPayload', field });
}
