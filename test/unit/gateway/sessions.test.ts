/** Sessions: chats that go from the gateway to one node directly, over real HTTP, paid by signed cumulative receipts. */
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import OpenAI from 'openai';
import { nextReceipt, type SessionReceipt } from '../../../src/core/compute/session_receipt';
import { SESSION_CONTENT_TYPE } from '../../../src/core/compute/session_wire';
import { sha256 } from '../../../src/core/hash';
import { proveLine } from '../../../src/node/sessions/line_proof';
import { APPS, AiNetwork } from './support/ai_network';
import { FakeSessions } from './support/fake_sessions';
import { OTHER_KEY, until } from './support/fakes';

let ai: AiNetwork;
let sessions: FakeSessions;
afterEach(() => ai.close());

const MESSAGES = [{ role: 'user', content: 'Say hello.' }] as const;
const chat = { model: APPS.Chat, messages: [...MESSAGES], max_tokens: 50 };
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
type Changes = Parameters<typeof AiNetwork.start>[1];

async function startWith(does: Parameters<typeof AiNetwork.start>[0] = {}, changes: Changes = {}): Promise<void> {
    sessions = new FakeSessions();
    ai = await AiNetwork.start(does, changes, { port: sessions, canister: sessions.canister });
    ai.startNode();
}

const ask = (options: OpenAI.RequestOptions = {}) => ai.client().chat.completions.create(chat, options).withResponse();

/** Two chats by jobs, then those that the session answers. */
async function openSession(url = ai.url): Promise<void> {
    await ask();
    await ask();
    await until(() => sessions.sessions.length === 1);
    sessions.serveOn(ai, url);
    await until(() => ai.log.lines.some(({ event }) => event === 'session_held'));
    await untilServed();
}

/** Asks until a session answers. */
async function untilServed(): Promise<void> {
    while ((await ask()).response.headers.get('x-emc-session-id') === null);
}

const only = () => {
    const [session] = sessions.sessions;
    if (session === undefined) throw new Error('no session');
    return session;
};

test('a key that comes again gets a session: its chats make no jobs, and each is signed for', async () => {
    await startWith();
    await openSession();
    const jobs = ai.network.lastId();
    const before = only().settled.units;
    const { data, response } = await ask();
    expect(response.headers.get('x-emc-session-id')).toMatch(/^1000-\d+$/);
    expect(response.headers.get('x-emc-job-id')).toBeNull();
    expect(data).toMatchObject({
        id: `chatcmpl-s${response.headers.get('x-emc-session-id')}`,
        choices: [{ message: { content: 'Hello, world' }, finish_reason: 'stop' }],
        usage: { total_tokens: 10 }
    });
    expect(ai.network.lastId()).toBe(jobs);
    await until(() => only().settled.units > before);
    expect(only().settled.units % 10n).toBe(0n);
    const hash = sha256(utf8('Hello, world'));
    let expected: SessionReceipt = { ...only().settled, calls: 0, units: 0n, digest: new Uint8Array(32) };
    for (let call = 0; call < only().settled.calls; call++)
        expected = nextReceipt(expected, { outputHash: hash, units: 10n });
    expect(only().settled).toEqual(expected);
});

test('a node that sees its session before the gateway has heard of it waits, and serves it', async () => {
    await startWith();
    let answer = (): void => undefined;
    sessions.answersAfter = new Promise((resolve) => (answer = resolve));
    await ask();
    await ask();
    sessions.serveOn(ai);
    await until(() => ai.log.lines.some(({ event }) => event === 'session_held'));
    // The line's request is at the gateway by now, or comes before the answer all the same.
    await ask();
    answer();
    await untilServed();
    expect(only().state).toBe('Open');
    expect(ai.log.lines.filter(({ event }) => event === 'session_line_ended')).toEqual([]);
});

test('32 chats at a time stream over one line, each in its own order', async () => {
    const pieces = Array.from({ length: 20 }, (_, index) => `${index} é🙂 `);
    await startWith({ pieces, pauseMs: 2 });
    await openSession();
    const streams = await Promise.all(
        Array.from({ length: 32 }, async () => {
            const stream = await ai
                .client()
                .chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } });
            let text = '';
            let last: OpenAI.ChatCompletionChunk | undefined;
            for await (const chunk of stream) {
                text += chunk.choices[0]?.delta.content ?? '';
                last = chunk;
            }
            return { text, usage: last?.usage?.total_tokens };
        })
    );
    expect(streams).toEqual(Array(32).fill({ text: pieces.join(''), usage: 27 }));
    const { calls } = only().settled;
    await until(() => only().settled.calls >= calls + 32 || only().settled.calls >= 33);
    expect(only().settlements).toBeLessThan(only().settled.calls);
});

test('scenario 17: a client that leaves at chunk 10 stops the AI server and owes what there was', async () => {
    await startWith({ pieces: ['a', 'b'] });
    await openSession();
    await until(() => only().settled.calls > 0);
    const { calls, units } = only().settled;
    ai.ai.does = { pieces: Array<string>(500).fill('x '), holds: { after: 20 } };
    const stream = await ai.client().chat.completions.create({ ...chat, max_tokens: 600, stream: true });
    let seen = 0;
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content && ++seen === 10) break;
    await until(() => ai.ai.seen.at(-1)?.aborted === true);
    await until(() => only().settled.calls > calls);
    const owed = only().settled.units - units;
    expect(owed).toBeGreaterThanOrEqual(10n);
    // What was generated, and the prompt.
    expect(owed).toBeLessThan(50n);
});

/** Passes connections on, until it drops them all. */
class Proxy {
    private readonly sockets = new Set<Socket>();
    private readonly server = createServer((socket) => this.pass(socket));
    target = 0;
    /** What nodes have said, as it was on the wire. */
    heard = '';

    async listen(): Promise<string> {
        await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    drop(): void {
        for (const socket of this.sockets) socket.destroy();
    }

    close(): void {
        this.drop();
        this.server.close();
    }

    private pass(socket: Socket): void {
        const onward = connect(this.target, '127.0.0.1');
        for (const end of [socket, onward]) {
            this.sockets.add(end);
            end.on('error', () => undefined).on('close', () => (socket.destroy(), onward.destroy()));
        }
        socket.on('data', (piece) => (this.heard += piece.toString()));
        socket.pipe(onward).pipe(socket);
    }
}

test('a line that breaks: before the first text a job answers, after it there is an error; the next line goes on', async () => {
    const proxy = new Proxy();
    const publicUrl = await proxy.listen();
    await startWith({}, { delivery: { publicUrl } });
    proxy.target = Number(new URL(ai.url).port);
    await openSession(publicUrl);
    await until(() => only().settled.calls > 0);

    const before = ai.ai.seen.length;
    ai.ai.does = { hangs: true };
    const waiting = ask();
    await until(() => ai.ai.seen.length > before);
    ai.ai.does = {};
    proxy.drop();
    const { data, response } = await waiting;
    expect(response.headers.get('x-emc-job-id')).not.toBeNull();
    expect(data.choices[0]?.message.content).toBe('Hello, world');

    await untilServed();
    ai.ai.does = { pieces: Array<string>(500).fill('x '), holds: { after: 20 } };
    const stream = await ai.client().chat.completions.create({ ...chat, max_tokens: 600, stream: true });
    const hear = async (): Promise<void> => {
        let seen = 0;
        for await (const chunk of stream) if (chunk.choices[0]?.delta.content && ++seen === 5) proxy.drop();
    };
    await expect(hear()).rejects.toMatchObject({ code: 'stream_interrupted' });

    ai.ai.does = {};
    const { calls } = only().settled;
    await untilServed();
    await until(() => only().settled.calls > calls);
    expect(only().settled.units).toBe(BigInt(only().settled.calls) * 10n);
    proxy.close();
});

test('a text that nobody reads along comes in one piece at its end; a stream comes as it is generated', async () => {
    const proxy = new Proxy();
    const publicUrl = await proxy.listen();
    await startWith({ pieces: ['one ', 'two ', 'three '], pauseMs: 5 }, { delivery: { publicUrl } });
    proxy.target = Number(new URL(ai.url).port);
    await openSession(publicUrl);
    const framesOf = (pattern: RegExp): number => proxy.heard.match(pattern)?.length ?? 0;

    proxy.heard = '';
    expect((await ask()).data.choices[0]?.message.content).toBe('one two three ');
    expect([framesOf(/"kind":"text"/g), framesOf(/"kind":"bytes"/g), framesOf(/"kind":"end"/g)]).toEqual([0, 1, 1]);

    proxy.heard = '';
    const stream = await ai.client().chat.completions.create({ ...chat, stream: true });
    for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
    expect([framesOf(/"kind":"text"/g), framesOf(/"kind":"bytes"/g), framesOf(/"kind":"end"/g)]).toEqual([3, 0, 1]);
    proxy.close();
});

test('what a client wants to find again by its Idempotency-Key is a job, and so are other kinds and strangers', async () => {
    await startWith();
    await openSession();
    const named = await ask({ headers: { 'Idempotency-Key': 'mine' } });
    expect(named.response.headers.get('x-emc-job-id')).not.toBeNull();
    const other = await ai.client(OTHER_KEY).chat.completions.create(chat).withResponse();
    expect(other.response.headers.get('x-emc-job-id')).not.toBeNull();
});

test('a session that nobody uses is closed with what is owed, and so is every one at the end', async () => {
    await startWith({}, { sessions: { idleMs: 5_000, openMs: 5_000 } });
    await openSession();
    const { calls } = only().settled;
    await until(() => only().state !== 'Open');
    expect(only().settled.calls).toBeGreaterThanOrEqual(calls);
    expect(only().settled.units).toBe(BigInt(only().settled.calls) * 10n);
    await until(() => only().state === 'Ended');
    expect((await ask()).response.headers.get('x-emc-job-id')).not.toBeNull();
});

test('a session that is spent makes room for jobs, and never owes more than it holds', async () => {
    await startWith({}, { sessions: { maxCredits: 160 } });
    await openSession();
    for (let turn = 0; turn < 12; turn++) await ask();
    while (sessions.sessions.length < 2) await ask();
    await until(() => only().state !== 'Open');
    for (const { settled, maxUnits } of sessions.sessions) expect(settled.units).toBeLessThanOrEqual(maxUnits);
});

test('a canister that takes no session leaves everything to jobs', async () => {
    await startWith();
    sessions.refuses = { code: 'InsufficientCredits' };
    for (let turn = 0; turn < 5; turn++) {
        expect((await ask()).response.headers.get('x-emc-job-id')).not.toBeNull();
    }
    // Asked for once: each question costs the canister an update.
    expect(sessions.asked).toBe(1);
});

test("a line is opened by the session's node alone, for this gateway, and by each proof once", async () => {
    await startWith();
    await ask();
    await ask();
    await until(() => sessions.sessions.length === 1);
    sessions.gatewayUrl = ai.url;
    const [held] = await sessions.mySessions();
    if (held === undefined) throw new Error('no session');
    const knock = async (authorization: string, sessionId = held.sessionId): Promise<number> => {
        const gone = new AbortController();
        const response = await fetch(`${ai.url}/sessions/${sessionId}`, {
            method: 'POST',
            headers: { authorization, 'content-type': SESSION_CONTENT_TYPE },
            body: '\n',
            signal: gone.signal
        });
        gone.abort();
        return response.status;
    };
    const stranger = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(8));
    const mine = await proveLine(held, sessions.node);
    expect(await knock('')).toBe(401);
    expect(await knock(await proveLine(held, stranger))).toBe(401);
    expect(await knock(await proveLine({ ...held, replyUrl: 'http://elsewhere' }, sessions.node))).toBe(401);
    expect(await knock(await proveLine(held, sessions.node, Date.now() - 120_000))).toBe(401);
    expect(await knock(mine, held.sessionId + 1n)).toBe(401);
    expect(await knock(mine)).toBe(200);
    expect(await knock(mine)).toBe(401);
});
