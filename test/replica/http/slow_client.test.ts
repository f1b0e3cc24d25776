/** Clients that hold connections without sending are cut off. */
import { connect } from 'node:net';
import { textAnswer } from '../../../src/replica/answer';
import { listen, type HttpListener } from '../../../src/replica/http/http_server';

let listener: HttpListener;
beforeAll(async () => {
    listener = await listen({
        host: '127.0.0.1',
        port: 0,
        maxBodyBytes: 100,
        requestTimeoutMs: 300,
        handler: async ({ body }) => textAnswer(200, `${body.length} bytes`),
        onFault: (error) => {
            throw error;
        }
    });
});
afterAll(() => listener.close());

/** What the server says until it closes the connection. */
function send(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
        const socket = connect(listener.port, '127.0.0.1', () => socket.write(text));
        let heard = '';
        socket.on('data', (chunk) => (heard += chunk.toString()));
        socket.on('close', () => resolve(heard));
        socket.on('error', reject);
    });
}

const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n';

test.each([
    ['half a head', head],
    ['half a body', `${head}\r\n12345`]
])('%s is answered with 408 and the end of the connection', async (_, text) => {
    expect(await send(text)).toMatch(/^HTTP\/1\.1 408 /);
});

test('a whole request is answered', async () => {
    expect(await send(`${head}\r\n1234567890`)).toMatch(/^HTTP\/1\.1 200 [\s\S]*10 bytes$/);
});
