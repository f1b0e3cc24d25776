import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseValidatorConfig } from '../../../src/validator';
import { backendReferences } from '../../../src/validator/adapters/backend_references';
import { comparedApi } from '../../../src/validator/duties/compared_api';
import { cosine, isAlike } from '../../../src/validator/duties/likeness';
import type { ApiCall, ProbeOutcome, ReferenceAnswer, Vector } from '../../../src/validator/ports';
import { FakeApi, memoryLog } from './fakes';

const running = new AbortController().signal;
const call: ApiCall = { model: 'm', kind: 'embedding', body: { input: ['one', 'two'] }, stream: false };
const OTHER = { kind: 'refused', httpStatus: 200, code: 'other_answer' };

describe('likeness', () => {
    test('is the angle between vectors, not their length', () => {
        expect(cosine([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
        expect(cosine([1, 0], [0, 1])).toBe(0);
        expect(cosine([1, 0], [-2, 0])).toBe(-1);
    });

    test('vectors of zeros, of another length or number are like nothing', () => {
        const reference: ReferenceAnswer = { vectors: [[1, 1]], leastCosine: 0.01 };
        expect(isAlike([[1, 1]], reference)).toBe(true);
        for (const others of [
            [[0, 0]],
            [[1]],
            [[1, 1, 1]],
            [],
            [
                [1, 1],
                [1, 1]
            ]
        ]) {
            expect(isAlike(others, reference)).toBe(false);
        }
    });
});

describe('an API that is held against a reference', () => {
    const answered = async (vectors: readonly Vector[] | undefined, reference: ReferenceAnswer | undefined) => {
        const api = new FakeApi();
        const outcome: ProbeOutcome = { kind: 'served', requestId: 7n, vectors };
        api.outcome = outcome;
        const asked: unknown[] = [];
        const compared = comparedApi(api, {
            embed: async (model, texts) => {
                asked.push([model, texts]);
                return reference;
            }
        });
        return { answer: await compared.send(call, running), outcome, asked };
    };

    test('passes on vectors like its own, and refuses others', async () => {
        const reference = {
            vectors: [
                [1, 0],
                [0, 1]
            ],
            leastCosine: 0.99
        };
        const like = await answered(
            [
                [0.9, 0.01],
                [0, 2]
            ],
            reference
        );
        expect(like.answer).toEqual(like.outcome);
        expect(like.asked).toEqual([['m', ['one', 'two']]]);
        expect(
            (
                await answered(
                    [
                        [1, 0],
                        [1, 0.9]
                    ],
                    reference
                )
            ).answer
        ).toEqual(OTHER);
        expect(
            (
                await answered(
                    [
                        [0, 1],
                        [1, 0]
                    ],
                    reference
                )
            ).answer
        ).toEqual(OTHER);
    });

    test('judges nobody by values where there is no reference, nor what is no embedding', async () => {
        const unknown = await answered(
            [
                [1, 0],
                [0, 1]
            ],
            undefined
        );
        expect(unknown.answer).toEqual(unknown.outcome);
        const chat = await answered(undefined, { vectors: [], leastCosine: 0.99 });
        expect(chat.answer).toEqual(chat.outcome);
        expect(chat.asked).toEqual([]);
    });
});

describe('references of backends', () => {
    let server: Server;
    let status = 200;

    beforeAll((done) => {
        server = createServer((request, response) => {
            request.resume().on('end', () => {
                const data = [{ index: 0, embedding: [0.5, -0.5] }];
                response.writeHead(status, { 'content-type': 'application/json' });
                response.end(JSON.stringify({ data, usage: { prompt_tokens: 1, total_tokens: 1 } }));
            });
        }).listen(0, '127.0.0.1', done);
    });

    afterAll((done) => {
        server.close(done);
    });

    const referencesOf = (references: readonly object[]) => {
        const config = parseValidatorConfig({
            host: 'http://127.0.0.1:4943',
            canisterIds: { state_machine: 'aaaaa-aa' },
            keyFile: 'key.pem',
            gatewayUrl: 'http://127.0.0.1:8787',
            apiKey: 'emc-key',
            references
        });
        if (!config.ok) return { problems: config.error };
        const log = memoryLog();
        return { log, embed: backendReferences(config.value.references, log).embed };
    };
    const serverBackend = () => ({
        kind: 'openai-compatible',
        baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
        model: 'same',
        retry: { tries: 1 }
    });

    test('a server of the same model is asked for its vectors', async () => {
        const { embed } = referencesOf([{ model: 'm', backend: serverBackend(), leastCosine: 0.9 }]);
        expect(await embed?.('m', ['one'], running)).toEqual({ vectors: [[0.5, -0.5]], leastCosine: 0.9 });
        expect(await embed?.('another', ['one'], running)).toBeUndefined();
    });

    test('one that does not answer judges nobody and says so in the log', async () => {
        status = 500;
        const { embed, log } = referencesOf([{ model: 'm', backend: serverBackend() }]);
        expect(await embed?.('m', ['one'], running)).toBeUndefined();
        expect(log?.entries).toMatchObject([{ level: 'warn', facts: { model: 'm' } }]);
        status = 200;
    });

    test('a configuration says what is wrong with a reference', () => {
        const { problems } = referencesOf([{ model: '', backend: { kind: 'embedded-embeddings' }, leastCosine: 2 }]);
        expect(problems?.map((problem) => problem.split(':')[0])).toEqual([
            'references.0.model',
            'references.0.leastCosine'
        ]);
    });
});
