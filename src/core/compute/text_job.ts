import { ok, type Result } from '../result';
import {
    decodeJsonObject,
    encodeJson,
    fieldOf,
    isCount,
    isJsonObject,
    malformed,
    pickFields,
    type JsonObject,
    type MalformedPayload
} from './json_payload';

/**
 * Payloads of jobs of the kinds `Chat` and `Completion`: the request of the OpenAI API without what only the gateway
 * needs (model, stream) and without what a node does not offer (several answers, log probabilities).
 */
export interface ChatInput {
    /** At least one; each with a role. */
    readonly messages: readonly JsonObject[];
    /** Bound of the generated tokens. */
    readonly maxTokens?: number;
    /** Those of {@link CHAT_OPTIONS} that were set. */
    readonly options: JsonObject;
}

export interface CompletionInput {
    readonly prompt: string;
    readonly maxTokens?: number;
    /** Those of {@link SAMPLING_OPTIONS} that were set. */
    readonly options: JsonObject;
}

/** Options that reach the backend; whatever else a request names stays behind. */
export const SAMPLING_OPTIONS = [
    'temperature',
    'top_p',
    'frequency_penalty',
    'presence_penalty',
    'stop',
    'seed',
    'logit_bias'
] as const;

export const CHAT_OPTIONS = [
    ...SAMPLING_OPTIONS,
    'response_format',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'reasoning_effort'
] as const;

export function encodeChatInput({ messages, maxTokens, options }: ChatInput): Uint8Array {
    return encodeJson({ messages, max_tokens: maxTokens, ...pickFields(options, CHAT_OPTIONS) });
}

export function decodeChatInput(bytes: Uint8Array): Result<ChatInput, MalformedPayload> {
    const value = decodeJsonObject(bytes);
    const messages = fieldOf(value, 'messages');
    if (value === undefined || !Array.isArray(messages) || messages.length === 0) return malformed('messages');
    if (!messages.every(isMessage)) return malformed('messages');
    const maxTokens = fieldOf(value, 'max_tokens');
    if (!isBound(maxTokens)) return malformed('max_tokens');
    return ok({ messages, maxTokens, options: pickFields(value, CHAT_OPTIONS) });
}

export function encodeCompletionInput({ prompt, maxTokens, options }: CompletionInput): Uint8Array {
    return encodeJson({ prompt, max_tokens: maxTokens, ...pickFields(options, SAMPLING_OPTIONS) });
}

export function decodeCompletionInput(bytes: Uint8Array): Result<CompletionInput, MalformedPayload> {
    const value = decodeJsonObject(bytes);
    const prompt = fieldOf(value, 'prompt');
    if (value === undefined || typeof prompt !== 'string' || prompt === '') return malformed('prompt');
    const maxTokens = fieldOf(value, 'max_tokens');
    if (!isBound(maxTokens)) return malformed('max_tokens');
    return ok({ prompt, maxTokens, options: pickFields(value, SAMPLING_OPTIONS) });
}

function isMessage(value: unknown): value is JsonObject {
    return isJsonObject(value) && typeof fieldOf(value, 'role') === 'string';
}

function isBound(value: unknown): value is number | undefined {
    return value === undefined || (isCount(value) && value > 0);
}

const encoder = new TextEncoder();

/** Tokens that the frame of a message, and of the conversation, may add to its text. */
const FRAME_TOKENS = 8;

/** No tokenizer makes more tokens of a chat's prompt than this: a token is at least one byte. */
export function chatPromptBound({ messages, options }: ChatInput): number {
    const bytes = encoder.encode(JSON.stringify([messages, options.tools, options.response_format])).length;
    return bytes + FRAME_TOKENS * (messages.length + 1);
}

/** The same for a completion's prompt. */
export function completionPromptBound({ prompt }: CompletionInput): number {
    return encoder.encode(prompt).length + FRAME_TOKENS;
}
