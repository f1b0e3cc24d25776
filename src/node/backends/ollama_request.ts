import { fieldOf, isJsonObject, type JsonObject } from '../../core/compute/json_payload';

/** Sampling options of the OpenAI API and their names in Ollama. */
const OPTION_NAMES: Readonly<Record<string, string>> = {
    temperature: 'temperature',
    top_p: 'top_p',
    frequency_penalty: 'frequency_penalty',
    presence_penalty: 'presence_penalty',
    seed: 'seed'
};

export function toOllamaOptions(options: JsonObject, maxTokens: number | undefined): JsonObject {
    const named = Object.entries(OPTION_NAMES).map(([openAi, ollama]) => [ollama, options[openAi]]);
    const { stop } = options;
    return {
        ...Object.fromEntries(named.filter(([, value]) => value !== undefined)),
        ...(stop === undefined ? {} : { stop: typeof stop === 'string' ? [stop] : stop }),
        ...(maxTokens === undefined ? {} : { num_predict: maxTokens })
    };
}

/** A message whose content is one text and whose tool calls carry objects: what Ollama wants. */
export function toOllamaMessage(message: JsonObject): JsonObject {
    const calls = fieldOf(message, 'tool_calls');
    return {
        role: fieldOf(message, 'role'),
        content: contentText(fieldOf(message, 'content')),
        ...(Array.isArray(calls) ? { tool_calls: calls.map(toOllamaCall) } : {})
    };
}

function contentText(content: unknown): string {
    if (typeof content === 'string') return content;
    if (!Array.isArray(content)) return '';
    return content
        .map((part: unknown) => (isJsonObject(part) ? fieldOf(part, 'text') : undefined))
        .filter((text) => typeof text === 'string')
        .join('');
}

function toOllamaCall(call: unknown): JsonObject {
    const called = isJsonObject(call) ? fieldOf(call, 'function') : undefined;
    if (!isJsonObject(called)) return {};
    return { function: { name: fieldOf(called, 'name'), arguments: argumentsOf(fieldOf(called, 'arguments')) } };
}

function argumentsOf(text: unknown): unknown {
    try {
        return typeof text === 'string' ? JSON.parse(text) : {};
    } catch {
        return {};
    }
}
