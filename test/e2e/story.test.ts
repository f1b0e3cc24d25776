/** `npm start`, as its user runs it: from nothing to a claimed reward, over HTTP, with certificates verified. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Principal } from '@dfinity/principal';
import OpenAI from 'openai';
import { connectAgent } from '../../src/client/agent';
import { canisterActor } from '../../src/client/canisters';
import { E8S_PER_EMC } from '../../src/core/amount';
import { auditLedger } from '../support/conservation';
import { emc, type EmcProcess } from '../support/emc_process';

const SUPPLY_E8S = 2_100_000_000n * E8S_PER_EMC;

let keyFolder: string;
beforeAll(async () => {
    keyFolder = await mkdtemp(join(tmpdir(), 'emc-story-'));
});
afterAll(() => rm(keyFolder, { recursive: true, force: true }));

test('npm start -- --once tells the story and ends with what the canisters hold', async () => {
    const start = startEmc('--once');
    expect(await start.exit).toBe(0);
    const lines = start.output().trim().split('\n');
    expect(lines.filter((line) => line.startsWith('✘'))).toEqual([]);
    const summary = JSON.parse(lines[lines.length - 1] ?? '') as Record<string, Record<string, number>>;
    expect(summary).toEqual({
        network_ready_ms: expect.any(Number),
        job: { id: expect.any(Number), status: 'Completed', credits: 10, dimensions: 512 },
        settlement: { round: expect.any(Number), pool_e8s: expect.any(Number), shares: expect.any(Number) },
        claim: { paid_e8s: expect.any(Number), block_index: expect.any(Number) },
        total_supply_e8s: expect.any(Number)
    });
    expect(summary.settlement?.pool_e8s).toBeGreaterThanOrEqual(6_000_000_000_000);
    expect(summary.claim?.paid_e8s).toBeGreaterThan(0);
});

test('what stays up serves any OpenAI client, loses no e8, and ends with Ctrl-C', async () => {
    const start = startEmc();
    await start.said(/^Ctrl-C stops everything/m);
    const said = start.output();
    const gatewayUrl = found(said, /^Gateway\s+(\S+)/m);
    const client = new OpenAI({ baseURL: gatewayUrl, apiKey: found(said, /^API key\s+(\S+)/m) });

    const models = await client.models.list();
    const model = models.data[0]?.id ?? '';
    const embeddings = await client.embeddings.create({ model, input: ['one sentence', 'another one'] });
    expect(embeddings.data.map((item) => item.embedding.length)).toEqual([512, 512]);
    const stranger = new OpenAI({ baseURL: gatewayUrl, apiKey: 'emc-wrong', maxRetries: 0 });
    await expect(stranger.embeddings.create({ model, input: 'x' })).rejects.toMatchObject({ status: 401 });

    const agent = await connectAgent({ host: found(said, /^Network\s+(\S+)/m) });
    const ledger = canisterActor('token_icrc1', agent, Principal.fromText(found(said, /^ +token_icrc1 +(\S+)/m)));
    const audit = await auditLedger(ledger);
    expect(audit.mismatches).toEqual([]);
    expect(audit.minted).toBe(SUPPLY_E8S);
    expect(audit.sumOfBalances + audit.burned).toBe(SUPPLY_E8S);
    expect(audit.supply).toBe(audit.sumOfBalances);

    start.child.kill('SIGINT');
    expect(await start.exit).toBe(0);
});

test('a taken port is a clear error that names the option', async () => {
    const first = startEmc();
    const url = await first.said(/^✔ Network answers .*(http:\S+)/m);
    const second = startEmc('--port', new URL(url).port);
    expect(await second.exit).toBe(1);
    expect(second.output()).toContain('--port');
    first.child.kill('SIGINT');
    expect(await first.exit).toBe(0);
});

test('options that make no sense are all listed', async () => {
    const start = startEmc('--port', '70000', '--round-seconds', 'soon');
    expect(await start.exit).toBe(2);
    expect(start.output()).toContain('--port');
    expect(start.output()).toContain('--round-seconds');
});

function startEmc(...args: string[]): EmcProcess {
    return emc('start', '--port', '0', '--gateway-port', '0', '--key-folder', keyFolder, ...args);
}

function found(text: string, pattern: RegExp): string {
    const match = pattern.exec(text)?.[1];
    if (match === undefined) throw new Error(`no ${pattern} in:\n${text}`);
    return match;
}
