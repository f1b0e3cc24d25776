/** Nodes that are faster than the network's answers to the gateway, and nodes that do not do what they are told. */
import { Principal } from '@dfinity/principal';
import { LiveResult } from '../../../src/gateway/delivery/live_result';
import { makeSessionKey, ReceiptBook } from '../../../src/gateway/sessions/receipt_book';
import { SessionLine } from '../../../src/gateway/sessions/session_line';
import type { GatewayFrame } from '../../../src/core/compute/session_wire';
import { LineSplitter, LineTooLong } from '../../../src/client/lines';
import { AiNetwork, APPS } from './support/ai_network';
import { CANISTER, until } from './support/fakes';

const chat = { model: APPS.Chat, messages: [{ role: 'user' as const, content: 'Hello' }], stream: true as const };

test('a node that delivers before the gateway has the answer to its submission is waited with, and its text streams', async () => {
    const ai = await AiNetwork.start({ pieces: ['one ', 'two ', 'three'], pauseMs: 20 });
    let answer = (): void => undefined;
    ai.network.answersAfter.submit = new Promise((resolve) => (answer = resolve));
    ai.startNode();
    const asked = ai.client().chat.completions.create(chat);
    await until(() => ai.ai.seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer();
    const texts: string[] = [];
    for await (const chunk of await asked) texts.push(chunk.choices[0]?.delta.content ?? '');
    expect(texts.join('')).toBe('one two three');
    await until(() => ai.log.count('job_finished') === 1);
    expect(ai.log.lines.find(({ event }) => event === 'job_finished')?.fields).toMatchObject({ delivered: true });
    await ai.close();
});

test('a node is believed that holds a lease which the replica that is asked does not show yet', async () => {
    const ai = await AiNetwork.start();
    const { get } = ai.network;
    let looks = 0;
    ai.network.get = async (jobId) => {
        const job = await get.call(ai.network, jobId);
        const isBehind = job?.state === 'Leased' && ++looks <= 2;
        return isBehind ? { ...job, attempt: 0, leaseHash: undefined, state: 'Queued' } : job;
    };
    ai.startNode();
    for await (const chunk of await ai.client().chat.completions.create(chat)) expect(chunk.choices).toHaveLength(1);
    await until(() => ai.log.count('job_finished') === 1);
    expect(ai.log.lines.find(({ event }) => event === 'job_finished')?.fields).toMatchObject({ delivered: true });
    await ai.close();
});

test('a node that does not end a call which was called off loses its line', async () => {
    jest.useFakeTimers();
    const said: GatewayFrame[] = [];
    const line = new SessionLine(
        new ReceiptBook(Principal.fromText(CANISTER), 1n, makeSessionKey()),
        (frame) => said.push(frame),
        0
    );
    const call = (signal: AbortSignal) =>
        line.call(new Uint8Array(), { maxUnits: 1n, unitsOf: () => 1n, signal, limitMs: 120_000 });
    const gone = new AbortController();
    const left = call(gone.signal);
    const other = call(new AbortController().signal);
    gone.abort();
    expect(await left).toMatchObject({ ok: false, error: { kind: 'left' } });
    // A call that is ended in time is none of it.
    const second = new AbortController();
    void call(second.signal);
    second.abort();
    line.take({ kind: 'failed', id: 3, code: 'aborted', retryable: true });
    jest.advanceTimersByTime(9_999);
    expect(line.closed.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(line.closed.aborted).toBe(true);
    expect(await other).toMatchObject({ ok: false, error: { kind: 'lost' } });
    jest.useRealTimers();
});

test('a long text costs what its pieces cost, whoever listens, and another attempt has to say the same', () => {
    const live = new LiveResult();
    let heard = '';
    live.listen((text) => (heard += text));
    const limits = { maxBytes: 64 * 1_048_576 };
    const intake = live.intake(1, limits);
    // What compares the whole text each time does not end before the test does.
    for (let piece = 0; piece < 100_000; piece++) intake?.take({ kind: 'text', text: 'a token ' });
    expect(heard).toHaveLength(800_000);
    const again = live.intake(2, limits);
    expect(again?.take({ kind: 'text', text: 'a token a ' })).toMatchObject({ ok: true });
    expect(again?.take({ kind: 'text', text: 'token ' })).toMatchObject({ ok: true });
    expect(again?.take({ kind: 'text', text: 'x' })).toMatchObject({ ok: false, error: 'diverged' });
    expect(live.diverged.aborted).toBe(true);
});

test('a line may come byte by byte, and is bounded all the same', () => {
    const lines = new LineSplitter(200_000);
    const byte = Uint8Array.of(97);
    let count = 0;
    while (count < 200_000 && lines.push(byte).length === 0) count++;
    expect(count).toBe(200_000);
    expect(() => lines.push(byte)).toThrow(LineTooLong);
    const texts = new LineSplitter(100);
    const bytes = Buffer.from('é1\r\n\n🙂2\nrest');
    const cut = [...bytes].flatMap((value) => texts.push(Uint8Array.of(value)));
    expect([...cut, ...texts.end()]).toEqual(['é1', '', '🙂2', 'rest']);
});
