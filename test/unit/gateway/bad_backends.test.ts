/** Scenario 25 as a whole: clients, gateway, queue, node and two AI servers that do not work, over real HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { poolOf } from '../../../src/node/backends/pool';
import { OpenAiServer } from '../node/support/openai_server';
import { AiNetwork, APPS, backendOf } from './support/ai_network';
import { GOOD_KEY, startOn, until } from './support/fakes';

const REQUESTS = 50;
const PROMPT = 'a very private prompt';

let folder: string;
let ai: AiNetwork;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-bad-'));
});
afterEach(async () => {
    await ai.close();
    await rm(folder, { recursive: true, force: true });
});

test('scenario 25: one server answers 503 and the other hangs: 50 requests end once each, and all are accounted for', async () => {
    ai = await AiNetwork.start({ statuses: Array<number>(1_000).fill(503) });
    const hanging = await OpenAiServer.start({ hangs: true });
    ai.add(async () => hanging.close());
    const breaker = { failures: 3, restMs: 60_000 };
    const refusing = backendOf(ai.ai, { breaker });
    const mute = backendOf(hanging, { breaker: { ...breaker, failures: 100 }, timeoutMs: 300 });
    const gateway = await startOn(ai.network, { journalFile: join(folder, 'journal'), limits: { requestMs: 2_000 } });
    ai.add(gateway.close);
    ai.startNode('A', ai.ai, poolOf([refusing, mute]));

    const statuses = await Promise.all(
        Array.from({ length: REQUESTS }, async (_, index) => {
            const response = await fetch(`${gateway.url}/v1/chat/completions`, {
                method: 'POST',
                headers: { authorization: `Bearer ${GOOD_KEY}`, 'content-type': 'application/json' },
                body: JSON.stringify({
                    model: APPS.Chat,
                    messages: [{ role: 'user', content: PROMPT }],
                    max_tokens: 5,
                    stream: index % 2 === 0
                })
            });
            await response.text();
            return response.status;
        })
    );
    // Nothing is wrong with the requests; each is told so once, with a status of its own since no text was sent.
    expect(statuses.filter((status) => ![503, 504].includes(status))).toEqual([]);
    expect(await refusing.room()).toBe(0);
    // Two tries each for those that came before the breaker opened; nobody was sent there afterwards.
    expect(ai.ai.seen.length).toBeLessThanOrEqual(2 * REQUESTS);
    const before = ai.ai.seen.length;
    expect(hanging.seen.length).toBeGreaterThan(0);
    // A server hears that it was left after whoever left it.
    await until(() => hanging.seen.every(({ aborted }) => aborted));

    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    const counted = [...metrics.matchAll(/^emc_http_requests_total\{route="\/v1\/chat\/completions".*\} (\d+)$/gm)];
    expect(counted.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(REQUESTS);
    await gateway.close();
    expect(ai.ai.seen.length).toBe(before);
    const lines = gateway.log.map((line) => JSON.parse(line) as { msg: string; route?: string });
    expect(lines.filter(({ msg, route }) => msg === 'request' && route === '/v1/chat/completions')).toHaveLength(
        REQUESTS
    );
    expect(JSON.stringify([gateway.log, ai.log.lines])).not.toContain(PROMPT);

    // No job is left, and each has one record, which costs nothing.
    const ids = Array.from({ length: REQUESTS }, (_, index) => BigInt(index + 1));
    const hasEnded = (jobId: bigint): boolean =>
        ['Failed', 'Cancelled', 'Expired', 'TimedOut'].includes(`${ai.network.state(jobId)}`);
    await until(() => ids.every(hasEnded));
    const records = ai.network.market.records();
    expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(REQUESTS);
    expect(records).toHaveLength(REQUESTS);
    expect(records.every(({ creditsUsed }) => creditsUsed === 0n)).toBe(true);
});
