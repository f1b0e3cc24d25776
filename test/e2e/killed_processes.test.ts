/**
 * Worker, gateway and network as processes of their own, each ended by SIGKILL at random moments while clients ask for
 * answers: every job ends exactly once, is paid once, and no credit stays held.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComputeMarket, freePort } from '../../bench/lib/compute_market';
import type { Program } from '../../bench/lib/program';
import { COMPUTE_NODES, keyPath, type Keys } from '../../src/cli/start/keys';
import type { LocalSuite } from '../../src/cli/start/local_suite';
import { expectOk } from '../../src/cli/start/outcome';
import { ReceiptFiles } from '../../src/node/sessions/receipt_files';
import { auditLedger } from '../support/conservation';
import { OpenAiServer } from '../unit/node/support/openai_server';

const MODEL = 'chat-model';
const BOUGHT = 5_000n;
const TEXT = Array.from({ length: 12 }, (_, index) => `${index} `);

let folder: string;
let ai: OpenAiServer;
let suite: LocalSuite;
let keys: Keys;
let apiKey: string;
let gatewayUrl: string;
let network: Program;
let market: ComputeMarket;
let gateway: Program;
let workers: readonly Program[];

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-killed-'));
    ai = await OpenAiServer.start({ pieces: TEXT, pauseMs: 60 });
    market = await ComputeMarket.open(folder, {
        model: MODEL,
        leaseS: 5n,
        credits: BOUGHT,
        queueLimits: { min_lease_s: 5n, max_attempts: 20n },
        stateDir: join(folder, 'state')
    });
    ({ suite, keys, apiKey, network } = market);
    await startAgents(market);
});
afterAll(async () => {
    for (const program of [gateway, ...(workers ?? []), network]) await program?.kill();
    ai.close();
    await rm(folder, { recursive: true, force: true });
});

async function startAgents(market: ComputeMarket): Promise<void> {
    const queue = market.agentConfig('info');
    const port = await freePort();
    gatewayUrl = `http://127.0.0.1:${port}`;
    gateway = await market.agent('gateway', 'gateway', {
        ...queue,
        keyFile: keyPath(market.keyFolder, 'gateway'),
        port,
        journalFile: join(folder, 'gateway.journal'),
        limits: { requestMs: 60_000 },
        sessions: { maxCredits: 1_000 }
    });
    const backend = { kind: 'openai-compatible', baseUrl: ai.url, model: 'm', slots: 4 };
    workers = await Promise.all(
        COMPUTE_NODES.map((name) =>
            market.agent(name, 'node', {
                ...queue,
                keyFile: keyPath(market.keyFolder, name),
                apps: [{ appId: MODEL, backend }],
                pocIntervalMs: 0
            })
        )
    );
    await Promise.all([gateway, ...workers].map((program) => program.start()));
}

interface Outcome {
    readonly key: string;
    readonly jobIds: ReadonlySet<string>;
    readonly text: string;
}

/**
 * A client that asks until it has a whole answer, always by the same Idempotency-Key. What is streamed does not go on chain:
 * only the gateway has it.
 */
async function insist(key: string, isStream = false): Promise<Outcome> {
    const jobIds = new Set<string>();
    for (;;) {
        const answer = await ask({ 'idempotency-key': key }, isStream).catch(() => undefined);
        const jobId = answer?.headers.get('x-emc-job-id');
        if (jobId) jobIds.add(jobId);
        const body = await answer?.text().catch(() => undefined);
        const text = answer?.status === 200 ? (isStream ? streamedText(body) : wholeText(body)) : undefined;
        if (text !== undefined) return { key, jobIds, text };
        // Anything that is no outage would come again: then the test should not wait for its own end.
        if (answer !== undefined && ![200, 429, 503, 504].includes(answer.status)) {
            throw new Error(`${key}: ${answer.status} ${body}`);
        }
        await pause(300);
    }
}

interface ChatAnswer {
    readonly choices: readonly { readonly message: { readonly content: string } }[];
    readonly usage: { readonly total_tokens: number };
}

/** Undefined for an answer that was cut off. */
function wholeText(body = ''): string | undefined {
    try {
        return (JSON.parse(body) as ChatAnswer).choices[0]?.message.content;
    } catch {
        return undefined;
    }
}

interface Chunk {
    readonly choices: readonly { readonly delta: { readonly content?: string } }[];
}

function streamedText(body = ''): string | undefined {
    const events = body.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? [event.slice(6)] : []));
    if (events.at(-1) !== '[DONE]') return undefined;
    return events
        .slice(0, -1)
        .map((event) => (JSON.parse(event) as Chunk).choices[0]?.delta.content ?? '')
        .join('');
}

function ask(headers: Record<string, string>, isStream = false): Promise<Response> {
    return fetch(`${gatewayUrl}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({
            model: MODEL,
            messages: [{ role: 'user', content: 'count' }],
            max_tokens: 60,
            stream: isStream
        })
    });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Repeatable, so that a run that failed can be told again. */
function randomFrom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
    };
}

test('whatever is killed and whenever: each job ends once, is paid once, and nothing stays held', async () => {
    const seed = Number(process.env.EMC_SEED ?? Date.now() % 100_000);
    console.log(`EMC_SEED=${seed}`);
    const random = randomFrom(seed);
    const clients = Array.from({ length: 4 }, async (_, client) => {
        const outcomes: Outcome[] = [];
        for (let turn = 0; turn < 4; turn++) {
            outcomes.push(await insist(`client ${client}, turn ${turn}`, turn % 2 === 1));
        }
        return outcomes;
    });
    // Requests without a key, whose clients do not come back: a gateway that dies on them must call them off.
    const strays = Array.from({ length: 3 }, () =>
        ask({}).then(
            () => undefined,
            () => undefined
        )
    );
    const [first, second] = workers;
    for (const victim of shuffled([network, gateway, first, second, network, gateway], random)) {
        await pause(500 + 2_500 * random());
        await victim?.kill();
        await pause(1_000 * random());
        await victim?.start();
    }
    const outcomes = (await Promise.all(clients)).flat();
    await Promise.all(strays);
    expect(outcomes.map(({ text }) => text)).toEqual(Array(16).fill(TEXT.join('')));
    expect(outcomes.filter(({ jobIds }) => jobIds.size !== 1)).toEqual([]);

    const requests = await settledRequests();
    const wanted = new Set(outcomes.flatMap(({ jobIds }) => [...jobIds]));
    expect(wanted.size).toBe(16);
    const paid = requests.filter(({ status }) => 'Success' in status);
    for (const jobId of wanted) expect(paid.filter(({ request_id }) => `${request_id}` === jobId)).toHaveLength(1);
    // The strays' key came again, so that sessions were opened beside their jobs.
    const { compute_gateway: queue } = await suite.as(keys.user);
    const isJob = await Promise.all(requests.map(async ({ request_id: id }) => 'Ok' in (await queue.get_job(id))));
    expect(isJob.filter(Boolean).length).toBeLessThanOrEqual(16 + strays.length);
    const { hub } = await suite.as(keys.user);
    const account = await hub.get_account(keys.user.getPrincipal());
    const used = requests.reduce((sum, { credits_used }) => sum + credits_used, 0n);
    expect(account).toMatchObject({ held: 0n, spent: used, available: BOUGHT - used });
    const { token_icrc1: ledger } = await suite.as(keys.user);
    const audit = await auditLedger(ledger as never);
    expect(audit.mismatches).toEqual([]);
    expect(audit.sumOfBalances + audit.burned).toBe(audit.minted);
});

test('a session whose node and gateway are killed is paid what was signed for, once, and holds nothing', async () => {
    ai.does = { pieces: TEXT };
    const owed = new Map<string, number>();
    const chat = async (): Promise<string | undefined> => {
        const answer = await ask({});
        const [sessionId] = answer.headers.get('x-emc-session-id')?.split('-') ?? [];
        const { usage } = (await answer.json()) as ChatAnswer;
        if (sessionId !== undefined) owed.set(sessionId, (owed.get(sessionId) ?? 0) + usage.total_tokens);
        return sessionId;
    };
    const sessionId = await until(chat);
    for (let turn = 0; turn < 5; turn++) await chat();
    await allSigned(owed);
    await Promise.all(workers.map((worker) => worker.kill()));
    await Promise.all(workers.map((worker) => worker.start()));
    // The gateway tells the node what it has forgotten, if it has, and the session goes on.
    await until(async () => ((await chat()) === sessionId ? true : undefined));
    await allSigned(owed);
    await Promise.all([gateway.kill(), ...workers.map((worker) => worker.kill())]);
    await Promise.all([gateway, ...workers].map((program) => program.start()));
    const requests = await settledRequests();
    const paid = requests.filter(({ request_id }) => owed.has(`${request_id}`));
    expect(paid.map(({ request_id, credits_used }) => [`${request_id}`, Number(credits_used)]).sort()).toEqual(
        [...owed].sort()
    );
    expect(paid.every(({ status }) => 'Success' in status)).toBe(true);
    const { hub } = await suite.as(keys.user);
    expect(await hub.get_account(keys.user.getPrincipal())).toMatchObject({ held: 0n });
});

test('scenario 4: the job of a worker that never comes back goes to another one, and the worker back to work', async () => {
    ai.does = { pieces: TEXT, pauseMs: 300 };
    const running = insist('survives its worker');
    const { compute_gateway: queue } = await suite.as(keys.user);
    const leased = await until(async () => {
        const [newest] = await queue.list_jobs(0n, 1n);
        return newest !== undefined && 'Leased' in newest.state ? newest : undefined;
    });
    const index = COMPUTE_NODES.findIndex((name) => keys[name].getPrincipal().toText() === String(leased.node[0]));
    await workers[index]?.kill();
    const { jobIds, text } = await running;
    expect(text).toBe(TEXT.join(''));
    const done = expectOk('get_job', await queue.get_job(leased.job_id));
    expect([...jobIds]).toEqual([`${done.job_id}`]);
    expect(String(done.node[0])).toBe(keys[COMPUTE_NODES[1 - index] ?? 'node_1'].getPrincipal().toText());
    expect(done.attempt).toBeGreaterThan(1);
    await settledRequests();

    await workers[index]?.start();
    await workers[1 - index]?.stop();
    expect((await insist('the one that is left')).text).toBe(TEXT.join(''));
});

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        await pause(100);
    }
}

/** A signature follows its call: when the nodes have on the disk that these units of these sessions are signed for. */
async function allSigned(owed: ReadonlyMap<string, number>): Promise<void> {
    await until(async () => {
        const signed = new Map<string, bigint>();
        for (const name of COMPUTE_NODES) {
            for (const [sessionId, units] of await signedAt(name)) signed.set(sessionId, units);
        }
        const isSigned = [...owed].every(([sessionId, units]) => (signed.get(sessionId) ?? 0n) >= BigInt(units));
        return isSigned ? true : undefined;
    });
}

/** Units by session, from a copy of a node's receipts: the folder is the node's own. */
async function signedAt(name: (typeof COMPUTE_NODES)[number]): Promise<readonly (readonly [string, bigint])[]> {
    const copy = join(folder, 'receipts');
    await rm(copy, { recursive: true, force: true });
    await cp(`${keyPath(market.keyFolder, name)}.receipts`, copy, { recursive: true }).catch(() => undefined);
    const files = new ReceiptFiles(copy);
    return files.all().map(({ receipt: { sessionId, units } }) => {
        files.forget(sessionId);
        return [`${sessionId}`, units] as const;
    });
}

/** All requests of the user, when none is open any more. */
async function settledRequests() {
    const { hub } = await suite.as(keys.user);
    return until(async () => {
        const requests = await hub.list_requests(0n, 100n);
        return requests.some(({ status }) => 'Open' in status) ? undefined : requests;
    });
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
    return items
        .map((item) => ({ item, at: random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item);
}
