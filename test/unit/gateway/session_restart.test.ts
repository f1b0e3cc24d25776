/** Nodes that are killed while they serve a session: what is signed for is settled, exactly and once. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiptFiles } from '../../../src/node/sessions/receipt_files';
import { ReceiptMemory } from '../../../src/node/sessions/receipt_memory';
import { AiNetwork, APPS } from './support/ai_network';
import { FakeSessions, type KeptSession } from './support/fake_sessions';
import { until } from './support/fakes';

let folder: string;
let ai: AiNetwork;
let sessions: FakeSessions;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-sessions-'));
    sessions = new FakeSessions();
    sessions.receipts = new ReceiptFiles(folder);
    ai = await AiNetwork.start({}, {}, { port: sessions, canister: sessions.canister });
    ai.startNode();
});
afterEach(async () => {
    await ai.close();
    await rm(folder, { recursive: true, force: true });
});

const chat = { model: APPS.Chat, messages: [{ role: 'user' as const, content: 'Say hello.' }], max_tokens: 50 };

/** Asks until a session has answered so often. */
async function askBySession(times: number): Promise<void> {
    for (let answers = 0; answers < times;) {
        const { response } = await ai.client().chat.completions.create(chat).withResponse();
        if (response.headers.get('x-emc-session-id') !== null) answers++;
    }
}

async function opened(): Promise<KeptSession> {
    await ai.client().chat.completions.create(chat);
    await ai.client().chat.completions.create(chat);
    await until(() => sessions.sessions.length === 1);
    const [session] = sessions.sessions;
    if (session === undefined) throw new RangeError('no session');
    return session;
}

/** Ends a node without letting it settle anything, as SIGKILL would. */
async function killed(stop: () => Promise<void>): Promise<void> {
    sessions.isDeaf = true;
    await stop();
    sessions.isDeaf = false;
}

test('a node that has forgotten everything is told by the gateway what was signed for, and goes on', async () => {
    const session = await opened();
    const stop = sessions.serveOn(ai);
    await askBySession(3);
    await until(() => session.settled.calls >= 3);
    const before = session.settled.calls;
    await killed(stop);
    sessions.receipts = new ReceiptMemory();
    sessions.serveOn(ai);
    await askBySession(2);
    await until(() => session.settled.calls >= before + 2);
    expect(session.settled.units).toBe(BigInt(session.settled.calls) * 10n);
    expect(sessions.sessions).toHaveLength(1);
});

test('a node that comes back after its session was over settles what was signed for, once, and forgets it', async () => {
    const session = await opened();
    // Nothing is settled before the end.
    const stop = sessions.serveOn(ai, ai.url, 60_000);
    await askBySession(3);
    await until(() => (sessions.receipts.get(session.id)?.receipt.calls ?? 0) >= 3);
    await killed(stop);
    const signed = sessions.receipts.get(session.id)?.receipt;
    expect(session.settlements).toBe(0);
    session.state = 'Closing';
    sessions.receipts = new ReceiptFiles(folder);
    sessions.serveOn(ai);
    await until(() => session.state === 'Ended');
    expect(session.settled).toEqual(signed);
    expect(session.settlements).toBe(1);
    await until(() => sessions.receipts.all().length === 0);
    expect(await readdir(folder)).toEqual([]);
});

test('a receipt that the canister could not hear is settled when it can', async () => {
    const session = await opened();
    sessions.serveOn(ai, ai.url, 60_000);
    await askBySession(2);
    await until(() => (sessions.receipts.get(session.id)?.receipt.calls ?? 0) >= 2);
    sessions.isDeaf = true;
    session.state = 'Closing';
    await until(() => ai.log.count('settle_failed') > 0);
    const signed = sessions.receipts.get(session.id)?.receipt;
    sessions.isDeaf = false;
    await until(() => session.state === 'Ended');
    expect(session.settled).toEqual(signed);
});

test('a session whose payer owes more than its node has a signature of ends at once, for what the payer says', async () => {
    const session = await opened();
    sessions.serveOn(ai, ai.url, 60_000);
    await askBySession(2);
    await until(() => (sessions.receipts.get(session.id)?.receipt.calls ?? 0) >= 2);
    session.settled = { ...session.settled, calls: 90, units: 900n };
    session.state = 'Closing';
    await until(() => session.state === 'Ended');
    expect([session.settled.units, session.settlements]).toEqual([900n, 0]);
    expect(sessions.receipts.all()).toEqual([]);
});

test('receipts of another network, whose sessions have the same numbers, are left', async () => {
    const session = await opened();
    const stop = sessions.serveOn(ai, ai.url, 60_000);
    await askBySession(2);
    await until(() => sessions.receipts.all().length === 1);
    await killed(stop);
    const strange = sessions.receipts.get(session.id);
    if (strange === undefined) throw new RangeError('no receipt');
    sessions.receipts.keep({ ...strange, publicKey: new Uint8Array(32).fill(5) });
    sessions.serveOn(ai);
    await askBySession(1);
    await until(() => session.settled.calls >= 3);
    expect(session.settled.units).toBe(BigInt(session.settled.calls) * 10n);
});
