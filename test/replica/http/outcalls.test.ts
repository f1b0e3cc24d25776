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
            if (request.url === '/headers') return void response.end(JSON.stringify(request.rawHeaders));
            if (request.url === '/long') return void response.setHeader('long', 'x'.repeat(40_000)).end();
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

async function sentHeaders(change: Partial<HttpOutcall>): Promise<readonly string[]> {
    const answer = await performOutcall(outcall({ url: `${url}/headers`, ...change }));
    const raw: unknown = answer.kind === 'reply' ? JSON.parse(Buffer.from(answer.body).toString()) : [];
    return Array.isArray(raw) ? raw.map(String) : [];
}

test('outcall: the headers of the canister are sent, and what they lack, but nothing else', async () => {
    const { host } = new URL(url);
    const plain = ['host', host, 'accept', '*/*', 'user-agent', 'ic/1.0'];
    expect(await sentHeaders({})).toEqual(plain);
    const headers = [
        ['User-Agent', 'mine'],
        ['a', '1'],
        ['A', '2']
    ] as const;
    const sent = await sentHeaders({ method: 'POST', headers, body: Buffer.from('xyz') });
    const expected = ['host', host, 'accept', '*/*', 'content-length', '3', 'user-agent', 'mine', 'a', '1', 'a', '2'];
    expect(sent).toEqual(expected);
});

test('outcall: a HEAD request and a DELETE request may have a body', async () => {
    const body = Buffer.from('this');
    const head = await performOutcall(outcall({ method: 'HEAD', body }));
    expect(head).toMatchObject({ kind: 'reply', status: 200, body: new Uint8Array(0) });
    const deletion = await performOutcall(outcall({ method: 'DELETE', body }));
    expect(deletion).toMatchObject({ kind: 'reply', body: new Uint8Array(Buffer.from('got this')) });
});

test('outcall: long headers arrive, and count towards the limit', async () => {
    const answer = await performOutcall(outcall({ url: `${url}/long` }));
    expect(answer.kind === 'reply' && new Map(answer.headers).get('long')).toBe('x'.repeat(40_000));
    expect(await performOutcall(outcall({ url: `${url}/long`, maxResponseBytes: 40_000n }))).toEqual({
        kind: 'reject',
        rejectCode: 1,
        message: 'Header size exceeds specified response size limit 40000'
    });
});

test('outcall: what is no address and what is no header are fatal', async () => {
    const messageOf = async (change: Partial<HttpOutcall>): Promise<string> => {
        const answer = await performOutcall(outcall(change));
        return answer.kind === 'reject' ? `${answer.rejectCode} ${answer.message}` : answer.kind;
    };
    expect(await messageOf({ url: `${url}/안녕` })).toBe('1 Failed to parse URL: invalid uri character');
    expect(await messageOf({ url: 'ftp://127.0.0.1/' })).toBe('1 Url need to specify https scheme');
    expect(await messageOf({ headers: [['a b', 'c']] })).toMatch(/^1 Failed to parse headers/);
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
    expect(await performOutcall(outcall({ url: 'nonsense' }))).toMatchObject({ kind: 'reject', rejectCode: 1 });
});
