/** Inputs that are kept elsewhere: their hash decides, and users cannot have a node ask its own network. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from '../../../src/core/hash';
import { httpInputs, isPublic } from '../../../src/node/adapters/http_inputs';
import { inputOf } from '../../../src/node/input';
import type { LeasedJob } from '../../../src/node/ports';

const BYTES = new TextEncoder().encode('a prompt that is too large to be inline');
const NEVER = new AbortController().signal;
let server: Server;
let url: string;
beforeAll(async () => {
    server = createServer((request, response) => {
        if (request.url === '/moved') return void response.writeHead(302, { location: '/input' }).end();
        if (request.url === '/gone') return void response.writeHead(404).end();
        response.end(request.url === '/more' ? Buffer.concat([BYTES, BYTES]) : BYTES);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const open = httpInputs({ allowPrivate: true, timeoutMs: 5_000 });
const jobOf = (locators: readonly string[], hash = sha256(BYTES)): LeasedJob => ({
    jobId: 1n,
    attempt: 1,
    token: 1n,
    appId: 'app',
    input: new Uint8Array(),
    maxUnits: 1n,
    leaseMs: 1,
    inputReference: { sha256: hash, size: BigInt(BYTES.length), locators: [...locators] }
});

test('scenario 16: the first locator that answers gives the input; other bytes end the job for good', async () => {
    expect(await inputOf(jobOf([`${url}/gone`, 'ipfs://x', `${url}/moved`, `${url}/input`]), open, NEVER)).toEqual({
        ok: true,
        value: BYTES
    });
    for (const job of [jobOf([`${url}/more`]), jobOf([`${url}/input`], new Uint8Array(32))]) {
        const error = { code: 'hash_mismatch', retryable: false };
        expect(await inputOf(job, open, NEVER)).toEqual({ ok: false, error });
    }
    const unreachable = await inputOf(jobOf([`${url}/gone`, 'http://127.0.0.1:1/']), open, NEVER);
    expect(unreachable).toEqual({ ok: false, error: { code: 'input_unreachable', retryable: true } });
});

test('an input that came with the lease is itself', async () => {
    const { inputReference: _, ...inline } = jobOf([]);
    expect(await inputOf({ ...inline, input: BYTES }, undefined, NEVER)).toEqual({ ok: true, value: BYTES });
});

test("a locator does not lead to the node's own network, by address or by name", async () => {
    const guarded = httpInputs({ allowPrivate: false, timeoutMs: 5_000 });
    const { port } = server.address() as AddressInfo;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433']) {
        const answer = await inputOf(jobOf([`http://${host}:${port}/input`]), guarded, NEVER);
        expect(answer).toMatchObject({ ok: false, error: { code: 'input_unreachable' } });
    }
    for (const address of ['10.1.2.3', '192.168.0.1', '169.254.169.254', '172.31.0.1', 'fe80::1', 'fd00::1', '::']) {
        expect(isPublic(address)).toBe(false);
    }
    for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111']) expect(isPublic(address)).toBe(true);
});
