import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { CustomDomains } from '../../../src/replica/gateway/custom_domains';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { deploy } from '../http/support/deployed';
import { bytes, encoded, get as getFrom, Header, query, Token, update, type Answer } from './support/pages';
import { pagesWasm } from './support/pages_canister';

const Piece = IDL.Record({ body: IDL.Vec(IDL.Nat8), token: IDL.Opt(Token) });
const Request = IDL.Record({ method: IDL.Text, url: IDL.Text, headers: IDL.Vec(Header), body: IDL.Vec(IDL.Nat8) });

const token = (slot: number): unknown => ({ a_key: 'file', parts: [[7n], []], z_slot: slot });

let network: RunningNetwork;
let canisterId: Principal;
let folder: string;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'emc-gateway-'));
    const domains = new CustomDomains(join(folder, 'custom-domains.txt'));
    network = await startNetwork({
        port: 0,
        names: { domains: ['localhost', 'example.test'], lookup: (host) => domains.lookup(host) }
    });
    const agent = await HttpAgent.create({ host: network.url, shouldFetchRootKey: true });
    canisterId = await deploy(agent, await pagesWasm());
});

afterAll(async () => {
    await network.close();
    rmSync(folder, { recursive: true, force: true });
});

const put = (slot: number, content: Uint8Array): Promise<void> =>
    update(network, canisterId, 'put', new Uint8Array([slot, ...content]));
const get = (...request: Parameters<typeof getFrom> extends [unknown, ...infer Rest] ? Rest : never): Promise<Answer> =>
    getFrom(network, ...request);

const host = (): Record<string, string> => ({ host: `${canisterId.toText()}.localhost:4943` });

test('addresses: host name, raw host name, configured domain, query, and the page that asks', async () => {
    await put(0, encoded({}));
    const id = canisterId.toText();
    const answers = await Promise.all([
        get('/', host()),
        get('/', { host: `${id}.raw.localhost` }),
        get('/', { host: `${id}.example.test` }),
        get(`/a?x=1&canisterId=${id}`),
        get('/app.js', { referer: `http://127.0.0.1:4943/?canisterId=${id}` }),
        get('/app.js', { referer: `http://${id}.localhost:4943/page` })
    ]);
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, 'hello']));
});

test('addresses: none, none that exists, and none of ours', async () => {
    const absent = Principal.fromUint8Array(new Uint8Array([0, 0, 0, 0, 9, 0, 0, 0, 1, 1])).toText();
    const answers = await Promise.all([
        get('/'),
        get('/', { host: `${absent}.localhost` }),
        get('/', { host: `${canisterId.toText()}.elsewhere.test` }),
        get('/?canisterId=nonsense'),
        get('/', { host: 'not-a-canister.localhost', referer: '::::' })
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 404, 400, 400, 400]);
});

test('addresses: names of the custom domains file, as it is now', async () => {
    await put(0, encoded({}));
    const file = join(folder, 'custom-domains.txt');
    expect((await get('/', { host: 'shop.local.localhost' })).status).toBe(400);
    writeFileSync(file, `# comment\nshop.local.localhost:${canisterId.toText()}\nbroken\n`);
    expect((await get('/', { host: 'shop.local.localhost:8000' })).body).toBe('hello');
    rmSync(file);
    expect((await get('/', { host: 'shop.local.localhost' })).status).toBe(400);
});

test("agents: their paths are theirs on a canister's host, too", async () => {
    expect((await get('/api/v2/status', host())).headers['content-type']).toBe('application/cbor');
});

test("answers: status, headers and body are the canister's; headers of the connection are not", async () => {
    const headers = [
        ['Content-Type', 'text/html'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['Connection', 'close'],
        ['Transfer-Encoding', 'chunked'],
        ['Content-Length', '999'],
        ['bad name', 'x'],
        ['x-bad', 'line\nbreak']
    ];
    await put(0, encoded({ status_code: 404, headers }));
    const answer = await get('/', host());
    expect([answer.status, answer.body]).toEqual([404, 'hello']);
    expect(answer.headers).toMatchObject({
        'content-type': 'text/html',
        'set-cookie': ['a=1', 'b=2'],
        'content-length': '5'
    });
    expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(['transfer-encoding']));
    expect(answer.headers['x-bad']).toBeUndefined();
    await put(0, encoded({ status_code: 99 }));
    expect((await get('/', host())).status).toBe(502);
    await put(0, bytes('no candid'));
    expect((await get('/', host())).status).toBe(502);
});

test('upgrade: the request is sent again as an update, as it came', async () => {
    await put(0, encoded({ upgrade: [true] }));
    await put(1, encoded({ body: bytes('changed'), status_code: 201 }));
    const answer = await get('/items?x=%20', { ...host(), 'x-mine': 'yes' }, { method: 'POST', body: 'payload' });
    expect([answer.status, answer.body]).toEqual([201, 'changed']);
    const [told] = IDL.decode([Request], await query(network, canisterId, 'seen'));
    expect(told).toMatchObject({
        method: 'POST',
        url: '/items?x=%20',
        body: bytes('payload'),
        headers: expect.arrayContaining([['x-mine', 'yes']])
    });
});

const strategy = (slot: number): unknown => [{ Callback: { callback: [canisterId, 'next'], token: token(slot) } }];

test('streaming: pieces are asked for until there is no token', async () => {
    await put(0, encoded({ streaming_strategy: strategy(10) }));
    await put(10, IDL.encode([IDL.Opt(Piece)], [[{ body: bytes(' big'), token: [token(11)] }]]));
    await put(11, IDL.encode([Piece], [{ body: bytes(' world'), token: [] }]));
    const answer = await get('/', host());
    expect([answer.status, answer.body]).toEqual([200, 'hello big world']);
    expect((await get('/', host(), { method: 'HEAD' })).body).toBe('');
});

test('streaming: a callback that fails cuts the connection', async () => {
    await put(0, encoded({ streaming_strategy: strategy(12) }));
    await put(12, bytes('no piece'));
    await expect(get('/', host())).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('parts: a client that asks for no range gets all of a file that the canister hands out in parts', async () => {
    const part = (body: string, range: string): Uint8Array =>
        encoded({ status_code: 206, body: bytes(body), headers: [['Content-Range', range]] });
    await put(0, part('whole', 'bytes 0-4/5'));
    const whole = await get('/', host());
    expect([whole.status, whole.body, whole.headers['content-range']]).toEqual([200, 'whole', undefined]);
    const asked = await get('/', { ...host(), range: 'bytes=0-' });
    expect([asked.status, asked.headers['content-range']]).toEqual([206, 'bytes 0-4/5']);
    // The canister hands out the first part again and again.
    await put(0, part('whole', 'bytes 0-4/10'));
    await expect(get('/', host())).rejects.toMatchObject({ code: 'ECONNRESET' });
});
