import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpOutcall } from '../../../src/replica/state/api';
import { performOutcall } from '../../../src/replica/worker/http_outcalls';

let server: Server;
let url: string;

beforeAll(async () => {
    server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
            response.writeHead(request.url === '/moved' ? 302 : 200, {
                'x-method': request.method,
                location: '/elsewhere'
            });
            response.end(Buffer.concat([Buffer.from('got '), ...chunks]));
        });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    url = `http://127.0.0.1:${isAddress(address) ? address.port : 0}`;
});

afterAll(() => {
    server.closeAllConnections();
    server.close();
});

function isAddress(address: unknown): address is AddressInfo {
    return typeof address === 'object' && address !== null;
}

function outcall(change: Partial<HttpOutcall> = {}): HttpOutcall {
    const base = {
        id: 1n,
        canisterId: new Uint8Array(),
        url,
        method: 'GET',
        headers: [],
        body: new Uint8Array()
    } as const;
    return { ...base, maxResponseBytes: 2_000_000n, ...change };
}

test('outcall: method, headers and body arrive, status, headers and body come back', async () => {
    const answer = await performOutcall(outcall({ method: 'POST', body: Buffer.from('this') }));
    expect(answer).toMatchObject({ kind: 'reply', status: 200, body: new Uint8Array(Buffer.from('got this')) });
    expect(answer.kind === 'reply' && new Map(answer.headers).get('x-method')).toBe('POST');
});

test('outcall: redirects are not followed', async () => {
    expect(await performOutcall(outcall({ url: `${url}/moved` }))).toMatchObject({ kind: 'reply', status: 302 });
});

test('outcall: an answer above the limit and a server that is not there are rejects', async () => {
    expect(await performOutcall(outcall({ maxResponseBytes: 3n }))).toMatchObject({ kind: 'reject', rejectCode: 1 });
    expect(await performOutcall(outcall({ url: 'http://127.0.0.1:1' }))).toMatchObject({
        kind: 'reject',
        rejectCode: 2
    });
    expect(await performOutcall(outcall({ url: 'nonsense' }))).toMatchObject({ kind: 'reject', rejectCode: 2 });
});
