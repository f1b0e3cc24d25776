/** `emc-replica start --state`: what was acknowledged is there after any end of the process. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Actor, HttpAgent } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import { startNetwork, type StartOptions } from '../../../src/replica/index';
import { counterIdl, counterWasm, type Counter } from '../http/support/counter_canister';
import { deploy } from '../http/support/deployed';
import { officialInterface } from '../natives/support/interfaces';

const bin = resolve(process.cwd(), 'bin/emc-replica');
const identity = Ed25519KeyIdentity.generate();

interface Running {
    readonly child: ChildProcess;
    readonly agent: HttpAgent;
    readonly rootKey: string;
    /** Ends the process and waits for its end. */
    end(signal: NodeJS.Signals): Promise<number | null>;
}

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emc-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function start(): Promise<Running> {
    const child = spawn(bin, ['start', '--port', '0', '--state', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = new Promise<number | null>((done) => child.once('exit', done));
    const text = await new Promise<string>((done) =>
        child.stdout?.once('data', (data: Buffer) => done(data.toString()))
    );
    const host = /http:\S+/.exec(text)?.[0] ?? '';
    const agent = await HttpAgent.create({ host, identity, shouldFetchRootKey: true });
    return {
        child,
        agent,
        rootKey: Buffer.from(agent.rootKey ?? []).toString('hex'),
        end: (signal) => {
            child.kill(signal);
            return exit;
        }
    };
}

const counter = ({ agent }: Running, canisterId: Principal): Counter =>
    Actor.createActor<Counter>(counterIdl, { agent, canisterId });

test('state: survives kill -9 in the middle of calls, and a regular end, with all that was acknowledged', async () => {
    let network = await start();
    const { rootKey } = network;
    const id = await deploy(network.agent, await counterWasm());
    let acknowledged = 0n;
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGINT'] as const) {
        const calls = Array.from({ length: 6 }, () =>
            counter(network, id)
                .inc()
                .then(() => (acknowledged += 1n))
        );
        // Some calls are answered, some are cut off.
        await Promise.race(calls);
        await network.end(signal);
        await Promise.allSettled(calls);
        network = await start();
        expect(network.rootKey).toBe(rootKey);
        const count = await counter(network, id).read();
        expect(count).toBeGreaterThanOrEqual(acknowledged);
        expect(count).toBeLessThanOrEqual(acknowledged + 6n);
        acknowledged = count;
    }
    await network.end('SIGTERM');
});

test('state: ledgers keep their books', async () => {
    let network = await start();
    const ledger = (running: Running): Record<string, (argument: unknown) => Promise<unknown>> =>
        Actor.createActor(officialInterface('cycles_ledger'), {
            agent: running.agent,
            canisterId: 'um5iw-rqaaa-aaaaq-qaaba-cai'
        });
    const account = { owner: identity.getPrincipal(), subaccount: [] };
    const create = { from_subaccount: [], created_at_time: [], amount: 10n ** 12n, creation_args: [] };
    await ledger(network).create_canister?.(create);
    const balance = await ledger(network).icrc1_balance_of?.(account);
    await network.end('SIGKILL');
    network = await start();
    expect(await ledger(network).icrc1_balance_of?.(account)).toBe(balance);
    await network.end('SIGTERM');
    network = await start();
    expect(await ledger(network).icrc1_balance_of?.(account)).toBe(balance);
    expect(balance).toBe(10n ** 15n - 10n ** 12n - 100_000_000n);
    await network.end('SIGTERM');
});

test('state: what happened before kill -9 happened when it happened, though no checkpoint was made', async () => {
    let network = await start();
    const ledger = (): Record<string, (argument: unknown) => Promise<unknown>> =>
        Actor.createActor(officialInterface('cycles_ledger'), {
            agent: network.agent,
            canisterId: 'um5iw-rqaaa-aaaaq-qaaba-cai'
        });
    const blocks = async (): Promise<unknown> => ledger().icrc3_get_blocks?.([{ start: 0n, length: 100n }]);
    await ledger().create_canister?.({
        from_subaccount: [],
        created_at_time: [],
        amount: 10n ** 12n,
        creation_args: []
    });
    const before = await blocks();
    expect(before).toMatchObject({ log_length: expect.any(BigInt) });
    await network.end('SIGKILL');
    network = await start();
    expect(await blocks()).toEqual(before);
    await network.end('SIGTERM');
});

test('state: what a killed process left half written is cut off', async () => {
    let network = await start();
    const id = await deploy(network.agent, await counterWasm());
    await counter(network, id).inc();
    await network.end('SIGKILL');
    appendFileSync(join(folder, 'journal-0'), Buffer.from('torn record'));
    writeFileSync(join(folder, 'checkpoint-1'), 'half a checkpoint');
    writeFileSync(join(folder, 'checkpoint-2.new'), 'less');
    network = await start();
    expect(await counter(network, id).read()).toBe(1n);
    await counter(network, id).inc();
    await network.end('SIGKILL');
    network = await start();
    expect(await counter(network, id).read()).toBe(2n);
    await network.end('SIGTERM');
    expect(readdirSync(folder).sort()).toEqual(['checkpoint-1', 'genesis', 'journal-1', 'network.json']);
    expect(statSync(join(folder, 'network.json')).mode & 0o077).toBe(0);
});

test('state: a long execution that kill -9 cuts off is carried through by the next process, once', async () => {
    let network = await start();
    const [looping, other] = [
        await deploy(network.agent, await counterWasm()),
        await deploy(network.agent, await counterWasm())
    ];
    await counter(network, looping).inc();
    let count = 1n;
    for (const others of [2n, 4n]) {
        const loop = counter(network, looping).spin();
        const behind = counter(network, looping).inc();
        const cutOff = Promise.allSettled([loop, behind]);
        // Two rounds: the loop has begun.
        await counter(network, other).inc();
        await counter(network, other).inc();
        await network.end('SIGKILL');
        await cutOff;
        network = await start();
        expect(await counter(network, other).read()).toBe(others);
        // Behind the loop, as the call before it, if that one had come in.
        await counter(network, looping).inc();
        const now = await counter(network, looping).read();
        expect([count + 1n, count + 2n]).toContain(now);
        count = now;
    }
    // Now the end of the loop is in the journal, too.
    await network.end('SIGKILL');
    network = await start();
    expect(await counter(network, looping).read()).toBe(count);
    await network.end('SIGTERM');
});

test('state: a folder has one owner, one seed and a format', async () => {
    const network = await start();
    const again = (...more: readonly string[]): readonly [number | null, string] => {
        const { status, stderr } = spawnSync(bin, ['start', '--port', '0', '--state', folder, ...more], {
            encoding: 'utf8'
        });
        return [status, stderr];
    };
    expect(again()).toEqual([1, expect.stringContaining('in use')]);
    await network.end('SIGTERM');
    expect(again('--seed', 'another')).toEqual([1, expect.stringContaining('seed')]);
    const file = join(folder, 'network.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"format":1', '"format":2'));
    expect(again()).toEqual([1, expect.stringContaining('format 2')]);
    writeFileSync(join(folder, 'lock'), '999999999\n');
    expect(again()).toEqual([1, expect.stringContaining('format 2')]);
});

test('state: a network inside a process, too, and its time does not go back', async () => {
    const first = await startNetwork({ port: 0, stateDir: folder });
    const time = await first.api.time();
    await first.close();
    const second = await startNetwork({ port: 0, stateDir: folder });
    expect(second.rootKey).toEqual(first.rootKey);
    expect(await second.api.time()).toBeGreaterThan(time);
    const refused = (options: StartOptions): Promise<unknown> =>
        expect(startNetwork({ port: 0, stateDir: folder, ...options })).rejects.toMatchObject({
            name: 'StateFolderError'
        });
    await refused({});
    await second.close();
    await refused({ seed: new Uint8Array(1) });
});
