/** How sessions end, and how they do not: a node that is told to stop, a gateway that knows nothing yet, and one that may not be spoken to. */
import { connect, createServer, type AddressInfo } from 'node:net';
import { SessionWatcher } from '../../../src/node/sessions/session_watcher';
import { AiNetwork, APPS, backendOf } from './support/ai_network';
import { FakeSessions, type KeptSession } from './support/fake_sessions';
import { until } from './support/fakes';

let ai: AiNetwork;
let sessions: FakeSessions;
beforeEach(async () => {
    sessions = new FakeSessions();
    ai = await AiNetwork.start({}, {}, { port: sessions, canister: sessions.canister });
    ai.startNode();
});
afterEach(() => ai.close());

const chat = { model: APPS.Chat, messages: [{ role: 'user' as const, content: 'Say hello.' }], max_tokens: 600 };
const ask = () => ai.client().chat.completions.create(chat).withResponse();

async function asked(): Promise<KeptSession> {
    await ask();
    await ask();
    await until(() => sessions.sessions.length === 1);
    const [session] = sessions.sessions;
    if (session === undefined) throw new RangeError('no session');
    return session;
}

async function untilServed(): Promise<void> {
    while ((await ask()).response.headers.get('x-emc-session-id') === null);
}

test('a node that is told to stop lets the chats of its sessions end, and is paid for them', async () => {
    const session = await asked();
    sessions.graceMs = 25_000;
    const stop = sessions.serveOn(ai, ai.url, 60_000);
    await untilServed();
    const pieces = Array.from({ length: 40 }, (_, index) => `${index} `);
    ai.ai.does = { pieces, pauseMs: 10 };
    const stream = await ai.client().chat.completions.create({ ...chat, stream: true });
    let text = '';
    let stopped: Promise<void> | undefined;
    for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        stopped ??= stop();
    }
    expect(text).toBe(pieces.join(''));
    await stopped;
    expect(session.state).toBe('Ended');
    // The chats before, at 10 tokens each, and this one.
    expect(session.settled.units).toBe(BigInt(session.settled.calls - 1) * 10n + 47n);
    // Whoever comes meanwhile, or after, is served by a job.
    ai.ai.does = {};
    expect((await ask()).response.headers.get('x-emc-job-id')).not.toBeNull();
});

test('a node that a gateway denies for a moment comes again, and keeps its session', async () => {
    const session = await asked();
    let denials = 3;
    const target = Number(new URL(ai.url).port);
    // Before the gateway stands something that denies what it does not know, as a replica that is behind would have it do.
    const before = createServer((socket) => {
        socket.on('error', () => undefined);
        if (denials-- > 0) return void socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
        const onward = connect(target, '127.0.0.1');
        onward.on('error', () => undefined).on('close', () => socket.destroy());
        socket
            .on('close', () => onward.destroy())
            .pipe(onward)
            .pipe(socket);
    });
    await new Promise<void>((resolve) => before.listen(0, '127.0.0.1', resolve));
    sessions.gatewayUrl = `http://127.0.0.1:${(before.address() as AddressInfo).port}`;
    const options = { settleMs: 50, unsignedMs: 2_000, graceMs: 0, deniedMs: 30_000, allowHttp: false };
    const parts = { source: sessions, log: ai.log, signer: sessions.node, receipts: sessions.receipts, options };
    const stop = new AbortController();
    const running = new SessionWatcher(ai.served(), parts).run(20, stop.signal);
    await until(() => denials < 0);
    expect(session.state).toBe('Open');
    expect(session.settlements).toBe(0);
    stop.abort();
    await running;
    before.close();
});

test('a session of a gateway on another machine without TLS is given back, and nothing is said to it', async () => {
    const session = await asked();
    sessions.serveOn(ai, 'http://gateway.invalid:8787');
    await until(() => session.state === 'Ended');
    expect(ai.log.count('gateway_without_tls')).toBe(1);
    expect(ai.log.count('session_held')).toBe(0);
});

test('calls of sessions wait for one of the slots that the AI server has', async () => {
    await asked();
    const backend = backendOf(ai.ai, { slots: 2 });
    sessions.serveOn(ai, ai.url, 50, ai.served(ai.ai, backend));
    await untilServed();
    ai.ai.does = { pieces: ['a', 'b', 'c'], pauseMs: 10 };
    ai.ai.peak = 0;
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    expect(new Set(answers.map(({ data }) => data.choices[0]?.message.content))).toEqual(new Set(['abc']));
    expect(answers.every(({ response }) => response.headers.get('x-emc-session-id') !== null)).toBe(true);
    expect(ai.ai.peak).toBe(2);
});
