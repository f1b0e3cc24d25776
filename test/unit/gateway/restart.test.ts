/**
 * What a gateway that is killed leaves to its successor: a copy of its journal and results, as they were at that moment, is
 * given to a second one, while the first can do nothing any more.
 */
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { firstReceipt } from '../../../src/core/compute/session_receipt';
import type { RunningGateway } from '../../../src/gateway/start_gateway';
import { GATEWAY } from '../compute_gateway/support/market';
import { AiNetwork, APPS } from './support/ai_network';
import { FakeSessions } from './support/fake_sessions';
import { GOOD_KEY, startOn, until } from './support/fakes';

let folder: string;
let ai: AiNetwork;
let copies = 0;
let successor: RunningGateway | undefined;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-restart-'));
    successor = undefined;
});
afterEach(async () => {
    await successor?.close();
    await ai.close();
    await rm(folder, { recursive: true, force: true });
});

const journalFile = (): string => join(folder, 'journal');

/** A gateway that begins with what the first one has on the disk now; nodes find it in the first one's place. */
async function succeed(sessions?: FakeSessions): Promise<string> {
    const copy = join(folder, `copy ${copies++}`);
    await cp(journalFile(), copy);
    await cp(`${journalFile()}.results`, `${copy}.results`, { recursive: true });
    const port = sessions && { port: sessions, canister: sessions.canister };
    successor = await startOn(ai.network, { journalFile: copy }, port);
    const { url } = successor;
    const { gatewayUrls } = ai.network.market.book.tables;
    await until(() => gatewayUrls.get(GATEWAY) === url);
    return url;
}

const clientOf = (url: string): OpenAI => new OpenAI({ apiKey: GOOD_KEY, baseURL: `${url}/v1`, maxRetries: 0 });
const LARGE = Buffer.alloc(3_000_000, 7).toString('base64');
const NAMED = { headers: { 'Idempotency-Key': 'mine' } };

function paint(url: string, options: OpenAI.RequestOptions = NAMED) {
    return clientOf(url).images.generate({ model: APPS.Image, prompt: 'large' }, options).withResponse();
}

interface JobView {
    readonly result: { readonly data?: readonly { readonly b64_json?: string }[] } | null;
    readonly error: { readonly code: string } | null;
}

test('a result that is nowhere but at the gateway is given again after its death, by key and by job id', async () => {
    ai = await AiNetwork.start({ image: LARGE }, { journalFile: journalFile() });
    ai.startNode();
    const first = await paint(ai.url);
    const jobId = first.response.headers.get('x-emc-job-id');
    await until(() => ai.network.state(1n) === 'Completed');
    const url = await succeed();
    const again = await paint(url);
    expect(again.response.headers.get('x-emc-job-id')).toBe(jobId);
    expect(again.data.data?.[0]?.b64_json).toBe(LARGE);
    const view = await clientOf(url).get<JobView>(`/jobs/job_${jobId}`);
    expect(view.result?.data?.[0]?.b64_json).toBe(LARGE);
    expect(ai.network.lastId()).toBe(1n);
    expect(ai.network.market.records()).toHaveLength(1);
});

test('a job that ran when its gateway died is handed over to the next one, by the word of the first', async () => {
    ai = await AiNetwork.start({ image: LARGE }, { journalFile: journalFile() });
    const lost = paint(ai.url).catch(() => undefined);
    await until(() => ai.network.lastId() === 1n);
    const url = await succeed();
    ai.startNode();
    await until(() => ai.network.state(1n) === 'Completed');
    expect(ai.network.market.book.tables.outputs.get(1n)).toBeUndefined();
    expect((await paint(url)).data.data?.[0]?.b64_json).toBe(LARGE);
    expect(ai.network.market.records()).toMatchObject([{ status: 'Success' }]);
    await lost;
});

test('so is one whose submission was never answered', async () => {
    ai = await AiNetwork.start({ image: LARGE }, { journalFile: journalFile() });
    ai.network.loseAnswers = 3;
    await expect(paint(ai.url)).rejects.toMatchObject({ status: 503 });
    expect(ai.network.lastId()).toBe(1n);
    const url = await succeed();
    ai.startNode();
    await until(() => ai.network.state(1n) === 'Completed');
    expect((await paint(url)).data.data?.[0]?.b64_json).toBe(LARGE);
    expect(ai.network.lastId()).toBe(1n);
});

test('a result whose bytes are not those that the chain knows is not given out', async () => {
    ai = await AiNetwork.start({ image: LARGE }, { journalFile: journalFile() });
    ai.startNode();
    await paint(ai.url);
    await until(() => ai.network.state(1n) === 'Completed');
    await cp(`${journalFile()}.results`, join(folder, 'before'), { recursive: true });
    ai.ai.does = { image: Buffer.alloc(3_000_000, 8).toString('base64') };
    await paint(ai.url, { headers: { 'Idempotency-Key': 'other' } });
    await until(() => ai.network.state(2n) === 'Completed');
    const results = `${journalFile()}.results`;
    await cp(join(results, '2.result'), join(results, '1.result'));
    const url = await succeed();
    await expect(paint(url)).rejects.toMatchObject({ status: 409, code: 'result_not_kept' });
});

const chat = { model: APPS.Chat, messages: [{ role: 'user' as const, content: 'Say hello.' }], max_tokens: 50 };

/** A session that has answered a chat, which was signed for. */
async function withSession(): Promise<FakeSessions> {
    const sessions = new FakeSessions();
    const changes = { journalFile: journalFile() };
    ai = await AiNetwork.start({}, changes, { port: sessions, canister: sessions.canister });
    ai.startNode();
    await clientOf(ai.url).chat.completions.create(chat);
    await clientOf(ai.url).chat.completions.create(chat);
    await until(() => sessions.sessions.length === 1);
    return sessions;
}

/** How many calls the journal's last word on what is owed counts. */
function callsWrittenDown(): number | undefined {
    const entries = readFileSync(journalFile(), 'utf8').split('\n');
    const owed = entries.findLast((entry) => entry.includes('"session_owes"'));
    return owed === undefined ? undefined : Number(/"calls":(\d+)/.exec(owed)?.[1]);
}

test('sessions that a dead gateway had open are closed by its successor, with what was owed by then', async () => {
    const sessions = await withSession();
    sessions.serveOn(ai);
    for (let hasSession = false; !hasSession;) {
        const { response } = await clientOf(ai.url).chat.completions.create(chat).withResponse();
        hasSession = response.headers.get('x-emc-session-id') !== null;
    }
    const [session] = sessions.sessions;
    await until(() => (session?.settled.calls ?? 0) > 0);
    // What was signed for is written down a while later.
    await until(() => callsWrittenDown() === session?.settled.calls);
    const settled = session?.settled;
    // The node has lost everything: only the gateway's word is left.
    if (session !== undefined) session.settled = firstReceipt(sessions.canister, session.id);
    sessions.isDeaf = true;
    await succeed(sessions);
    await until(() => session?.state === 'Closing');
    expect(session?.settled).toEqual(settled);
    sessions.isDeaf = false;
});

test('a session that the node has had settled further than was written down keeps what was settled', async () => {
    const sessions = await withSession();
    const [session] = sessions.sessions;
    if (session === undefined) throw new RangeError('no session');
    session.settled = { ...session.settled, calls: 3, units: 30n };
    await succeed(sessions);
    await until(() => session.state === 'Closing');
    expect(session.settled.units).toBe(30n);
});

test('a session that was opened without an answer is found and closed, also when the canister is away at first', async () => {
    const sessions = new FakeSessions();
    sessions.loseAnswer = true;
    const changes = { journalFile: journalFile() };
    ai = await AiNetwork.start({}, changes, { port: sessions, canister: sessions.canister });
    ai.startNode();
    await clientOf(ai.url).chat.completions.create(chat);
    await clientOf(ai.url).chat.completions.create(chat);
    await until(() => sessions.sessions.length === 1);
    sessions.loseAnswer = false;
    // The same process sees to it already.
    await until(() => sessions.sessions[0]?.state === 'Closing');
    sessions.isAway = true;
    await clientOf(ai.url).chat.completions.create(chat);
    await succeed(sessions);
    sessions.isAway = false;
    await until(() => sessions.sessions.every(({ state }) => state === 'Closing'));
});
