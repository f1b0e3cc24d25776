import { chatEndpoint } from '../../../src/gateway/http/chat';
import { completionsEndpoint } from '../../../src/gateway/http/completions';
import type { Context as GatewayContext } from '../../../src/gateway/http/context';
import { embeddingsEndpoint } from '../../../src/gateway/http/embeddings';
import { imagesEndpoint } from '../../../src/gateway/http/images';
import { modelFor, probeCall } from '../../../src/validator/duties/probe_call';
import { inventedTexts } from '../../../src/validator/duties/text_source';
import type { ApiCall, ApiModel } from '../../../src/validator/ports';
import { seeded } from './chance';

const chance = seeded(3);
const ENDPOINTS = {
    embedding: embeddingsEndpoint,
    chat: chatEndpoint,
    completion: completionsEndpoint,
    image: imagesEndpoint
};
const KINDS = Object.keys(ENDPOINTS) as ApiModel['kind'][];
const callsOf = (kind: ApiModel['kind'], count = 600): readonly ApiCall[] =>
    Array.from({ length: count }, () => probeCall(chance, { id: 'm', kind }, inventedTexts));
const share = (calls: readonly ApiCall[], test: (body: Record<string, unknown>) => boolean): number =>
    calls.filter(({ body }) => test(body)).length / calls.length;

/** All that reading a body needs of a gateway. */
const context = { config: { limits: { inputsPerRequest: 64 } } } as unknown as GatewayContext;

test.each(KINDS)("%s: the gateway takes every call as it would take any client's", (kind) => {
    for (const { model, body, stream } of callsOf(kind)) {
        const sent: unknown = JSON.parse(JSON.stringify({ model, ...body }));
        const read = ENDPOINTS[kind].read(sent, context);
        if (!read.ok) throw new RangeError(`${JSON.stringify(sent)}: ${read.error.message}`);
        expect(read.value.stream !== undefined).toBe(stream);
    }
});

test('chats and completions: options are mostly left out, and vary where they are set', () => {
    for (const kind of ['chat', 'completion'] as const) {
        const calls = callsOf(kind);
        for (const [option, least, most] of [
            ['temperature', 0.4, 0.7],
            ['top_p', 0.1, 0.3],
            ['seed', 0.05, 0.2],
            ['stop', 0.03, 0.15],
            ['stream', 0.4, 0.6]
        ] as const) {
            const set = share(calls, (body) => body[option] !== undefined);
            expect([kind, option, set > least, set < most]).toEqual([kind, option, true, true]);
        }
        const temperatures = new Set(calls.map(({ body }) => body['temperature']));
        expect(temperatures.size).toBeGreaterThan(20);
        const bounds = calls.map(({ body }) => Number(body['max_tokens'] ?? body['max_completion_tokens']));
        expect(new Set(bounds).size).toBeGreaterThan(8);
        expect(Math.max(...bounds)).toBeLessThanOrEqual(256);
    }
});

test('chats: with and without a system message, of one turn or several, the last by the user', () => {
    const calls = callsOf('chat');
    const messages = calls.map(({ body }) => body['messages'] as { role: string; content: string }[]);
    const withSystem = messages.filter(([first]) => first?.role === 'system').length / messages.length;
    expect([withSystem > 0.3, withSystem < 0.6]).toEqual([true, true]);
    for (const turns of messages) expect(turns.at(-1)?.role).toBe('user');
    expect(new Set(messages.map((turns) => turns.filter(({ role }) => role === 'user').length))).toEqual(
        new Set([1, 2, 3])
    );
    const contents = messages.map((turns) => turns.at(-1)?.content);
    expect(new Set(contents).size).toBeGreaterThan(580);
});

test('embeddings: one text or up to six, and no call twice', () => {
    const calls = callsOf('embedding');
    const sizes = new Set(calls.map(({ body: { input } }) => (Array.isArray(input) ? input.length : 0)));
    expect([...sizes].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(calls.map(({ body }) => JSON.stringify(body.input))).size).toBeGreaterThan(585);
    expect(share(calls, (body) => body['encoding_format'] === undefined)).toBeGreaterThan(0.4);
});

test("a node is asked for what it serves: an app of its own that the API offers, else the operator's model", () => {
    const offered: ApiModel[] = [
        { id: 'e', kind: 'embedding' },
        { id: 'llm', kind: 'chat' },
        { id: 'other', kind: 'chat' }
    ];
    const asked = new Set(Array.from({ length: 60 }, () => modelFor(chance, offered, ['llm', 'e', 'gone'], 'x').id));
    expect(asked).toEqual(new Set(['e', 'llm']));
    expect(modelFor(chance, offered, ['unknown'], 'other')).toEqual({ id: 'other', kind: 'chat' });
    expect(modelFor(chance, [], ['llm'], 'mine')).toEqual({ id: 'mine', kind: 'embedding' });
});
