/** A process that serves the OpenAI interface as fast as it can: a chat is twelve short pieces, streamed or whole. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PIECES } from './fast_answer';

const USAGE = { prompt_tokens: 7, completion_tokens: PIECES.length, total_tokens: 7 + PIECES.length };
const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const STREAM =
    PIECES.map((content) => event({ choices: [{ index: 0, delta: { content } }] })).join('') +
    event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }) +
    event({ choices: [], usage: USAGE }) +
    'data: [DONE]\n\n';
const WHOLE = JSON.stringify({
    id: 'chatcmpl-0',
    object: 'chat.completion',
    created: 0,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: PIECES.join('') }, finish_reason: 'stop' }],
    usage: USAGE
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
        const isModels = request.url === '/v1/models';
        return void response.writeHead(isModels ? 200 : 404).end(isModels ? '{"data":[{"id":"m"}]}' : '{}');
    }
    let body = '';
    for await (const piece of request) body += String(piece);
    const isStream = (JSON.parse(body) as { stream?: boolean }).stream === true;
    response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
    response.end(isStream ? STREAM : WHOLE);
}

const server = createServer((request, response) => void answer(request, response));
server.listen(0, '127.0.0.1', () => {
    console.log(`Backend ready at http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
