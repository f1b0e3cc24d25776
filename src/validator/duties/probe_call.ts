import type { ApiCall, ApiModel } from '../ports';
import { between, maybe, pick, type Chance } from './chance';
import type { TextSource } from './text_source';

/** Bounds of generated tokens that clients name; a probe pays for what it gets, so the larger ones are seldom. */
const TOKEN_BOUNDS = [16, 20, 32, 50, 64, 64, 100, 100, 128, 150, 200, 256] as const;
const TEMPERATURES = [0, 0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.7, 0.8, 0.9, 1] as const;
const SIZES = ['256x256', '512x512', '512x512', '1024x1024'] as const;
const MOST_SEEDS = 2 ** 31 - 1;

const TASKS = [
    'Summarize this:',
    'Summarise in one sentence.',
    'tl;dr',
    'Translate into French:',
    'Translate to German',
    'Auf Deutsch bitte:',
    'Explain like I am five:',
    'What does this mean?',
    'Fix the spelling:',
    'Rewrite this so that it is shorter.',
    'Answer yes or no, then say why.',
    'Extract all names and numbers as JSON.',
    'Is there a mistake in this?',
    'Continue:',
    'Which language is this?',
    'Give me three titles for this text.',
    'Write a polite reply.',
    'Classify as positive, neutral or negative:'
] as const;
const ROLES = [
    'You are a helpful assistant.',
    'You are a concise assistant.',
    'You are an expert programmer. Answer with code only.',
    'You translate. Answer with the translation only.',
    'Answer in the language of the question.',
    'Du bist ein freundlicher Assistent.',
    'You are a customer support agent of a small shop.',
    'Be brief.'
] as const;
const STYLES = ['oil painting', 'photo', 'watercolor', 'pencil sketch', '3d render', 'pixel art', 'isometric'] as const;

/**
 * A call as one of many users would send it to a model: what it asks for, how much, with which options, in a stream or at once.
 * Options that clients mostly leave out are mostly left out.
 */
export function probeCall(chance: Chance, model: ApiModel, text: TextSource): ApiCall {
    const bodies = { embedding, chat, completion, image };
    return { model: model.id, kind: model.kind, ...bodies[model.kind](chance, text) };
}

/** The model that a probe of a node asks for: one of those that it serves and the API offers, else the given one. */
export function modelFor(
    chance: Chance,
    offered: readonly ApiModel[],
    apps: readonly string[],
    otherwise: string
): ApiModel {
    const served = offered.filter(({ id }) => apps.includes(id));
    if (served.length > 0) return pick(chance, served);
    return offered.find(({ id }) => id === otherwise) ?? { id: otherwise, kind: 'embedding' };
}

/** What a call for embeddings asks the vectors of. */
export function textsOf(body: ApiCall['body']): readonly string[] {
    return [body['input']].flat().filter((text) => typeof text === 'string');
}

type Body = Pick<ApiCall, 'body' | 'stream'>;

function embedding(chance: Chance, text: TextSource): Body {
    const isOne = chance.random() < 0.6;
    const input = isOne ? text(chance) : Array.from({ length: between(chance, 1, 6) }, () => text(chance));
    const format = maybe(chance, 0.4, () => pick(chance, ['float', 'base64']));
    return { body: { input, encoding_format: format }, stream: false };
}

function chat(chance: Chance, text: TextSource): Body {
    const messages: object[] = [];
    const system = maybe(chance, 0.45, () => pick(chance, ROLES));
    if (system !== undefined) messages.push({ role: 'system', content: system });
    for (let turn = between(chance, -3, 2); turn > 0; turn--) {
        messages.push({ role: 'user', content: wish(chance, text) }, { role: 'assistant', content: text(chance) });
    }
    messages.push({ role: 'user', content: wish(chance, text) });
    const isOld = chance.random() < 0.6;
    const tokens = pick(chance, TOKEN_BOUNDS);
    const bound = isOld ? { max_tokens: tokens } : { max_completion_tokens: tokens };
    const answerFormat = maybe(chance, 0.06, () => ({ type: 'json_object' }));
    return generated(chance, { messages, ...bound, response_format: answerFormat });
}

function completion(chance: Chance, text: TextSource): Body {
    return generated(chance, { prompt: wish(chance, text), max_tokens: pick(chance, TOKEN_BOUNDS) });
}

function image(chance: Chance, text: TextSource): Body {
    const style = maybe(chance, 0.5, () => pick(chance, STYLES));
    const subject = text(chance).slice(0, 200);
    const prompt = style === undefined ? subject : pick(chance, [`${subject}, ${style}`, `${style} of ${subject}`]);
    const size = maybe(chance, 0.7, () => pick(chance, SIZES));
    const format = maybe(chance, 0.6, () => pick(chance, ['b64_json', 'url']));
    return { body: { prompt, size, response_format: format, seed: seedOf(chance, 0.2) }, stream: false };
}

/** What a user asks of a text, if anything. */
function wish(chance: Chance, text: TextSource): string {
    const subject = text(chance);
    const task = maybe(chance, 0.55, () => pick(chance, TASKS));
    if (task === undefined) return subject;
    const gap = pick(chance, ['\n', '\n\n', ' ']);
    return chance.random() < 0.7 ? `${task}${gap}${subject}` : `${subject}${gap}${task}`;
}

function generated(chance: Chance, asked: object): Body {
    const stream = chance.random() < 0.5;
    const body = {
        ...asked,
        temperature: maybe(chance, 0.55, () => temperature(chance)),
        top_p: maybe(chance, 0.2, () => pick(chance, [1, 1, 0.95, 0.9, 0.8])),
        frequency_penalty: maybe(chance, 0.1, () => pick(chance, [0, 0, 0.2, 0.5])),
        presence_penalty: maybe(chance, 0.1, () => pick(chance, [0, 0, 0.3, 0.6])),
        stop: maybe(chance, 0.08, () => pick(chance, ['\n', '\n\n', ['###'], ['</s>', 'User:']])),
        seed: seedOf(chance, 0.12),
        stream: stream || undefined,
        stream_options: stream ? maybe(chance, 0.4, () => ({ include_usage: true })) : undefined
    };
    return { body, stream };
}

function temperature(chance: Chance): number {
    return chance.random() < 0.8 ? pick(chance, TEMPERATURES) : between(chance, 0, 120) / 100;
}

function seedOf(chance: Chance, probability: number): number | undefined {
    return maybe(chance, probability, () => pick(chance, [0, 1, 42, 123, between(chance, 0, MOST_SEEDS)]));
}
