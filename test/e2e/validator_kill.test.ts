/**
 * `emc validator run` as its operator runs it, against a network over HTTP: killed at random moments again and again it never
 * contradicts itself, says nothing that is not in its journal, and goes on each time; asked to end, it ends.
 */
import { setMaxListeners } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { projectRoot } from '../../scripts/lib/project';
import { fundWallets } from '../../src/cli/start/funding';
import { keyPath, loadKeys, VALIDATORS, type Keys } from '../../src/cli/start/keys';
import { deployLocalSuite, prepareModules, type LocalSuite } from '../../src/cli/start/local_suite';
import { admitValidators, registerAll, stakeAll } from '../../src/cli/start/registry';
import { toHex } from '../../src/core/bytes';
import { startNetwork, type RunningNetwork } from '../../src/replica';
import { parseValidatorConfig, runValidator } from '../../src/validator';

const KILLS = 10;
const VICTIM = 'validator_2';
const SILENT = pino({ enabled: false });

let folder: string;
let network: RunningNetwork;
let suite: LocalSuite;
let keys: Keys;
const others = new AbortController();
const running: Promise<void>[] = [];
const victims: Agent[] = [];

beforeAll(async () => {
    setMaxListeners(0, others.signal);
    folder = await mkdtemp(join(tmpdir(), 'emc-validator-'));
    keys = await loadKeys(join(folder, 'keys'));
    network = await startNetwork({ port: 0 });
    const access = { host: network.url, rootKeyHex: toHex(network.rootKey) };
    const options = { publicOwner: keys.deployer.getPrincipal(), statusSpacingS: 1n };
    suite = await deployLocalSuite(access, keys.deployer, await prepareModules(), options);
    await fundWallets(suite, keys);
    await registerAll(suite, keys);
    await stakeAll(suite, keys);
    await admitValidators(suite, keys);
    for (const name of VALIDATORS.filter((other) => other !== VICTIM)) {
        const parsed = parseValidatorConfig(configOf(name));
        if (!parsed.ok) throw new Error(parsed.error.join());
        running.push(runValidator(parsed.value, others.signal, SILENT));
    }
});

// One that a test which failed has left would hold the key that the next one needs.
afterEach(async () => {
    for (const victim of victims.splice(0)) {
        if (victim.child.exitCode === null && victim.child.signalCode === null) signal(victim, 'SIGKILL');
        await victim.exit;
    }
});
afterAll(async () => {
    others.abort();
    await Promise.allSettled(running);
    await network.close();
    await rm(folder, { recursive: true, force: true });
});

/** Validators in a hurry: a state as soon as the last one is final. Nothing is probed. */
function configOf(name: (typeof VALIDATORS)[number]) {
    return {
        host: network.url,
        rootKeyHex: toHex(network.rootKey),
        canisterIds: { state_machine: suite.ids.state_machine.toText() },
        keyFile: keyPath(join(folder, 'keys'), name),
        gatewayUrl: 'http://127.0.0.1:9',
        apiKey: 'emc-a-secret',
        agreeMs: 100,
        heartbeatMs: 10,
        commitMs: 500,
        commitStates: 5,
        metricsPort: 0
    };
}

interface Agent {
    readonly child: ChildProcess;
    readonly exit: Promise<number | NodeJS.Signals | null>;
    output(): string;
    /** Resolves when a line of its log contains the text. */
    said(text: string): Promise<void>;
}

function startVictim(configFile: string): Agent {
    const command = [join(projectRoot(), 'scripts', 'emc.mjs'), 'validator', 'run', '--config', configFile];
    // A group of its own: the launcher's child is the agent, and kill -9 reaches both.
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const listeners = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
            output += chunk.toString();
            listeners.forEach((listener) => listener());
        });
    }
    const exit = new Promise<number | NodeJS.Signals | null>((resolve) => {
        child.once('exit', (code, signal) => resolve(code ?? signal));
    });
    const agent: Agent = {
        child,
        exit,
        output: () => output,
        said: (text) =>
            new Promise((resolve, reject) => {
                const look = (): void => void (output.includes(text) && resolve());
                listeners.add(look);
                look();
                void exit.then((how) => reject(new Error(`ended with ${String(how)}: ${output}`)));
            })
    };
    victims.push(agent);
    return agent;
}

const signal = (agent: Agent, name: NodeJS.Signals): void => void process.kill(-(agent.child.pid ?? 0), name);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const books = async () => (await suite.as(keys.deployer)).state_machine;
const height = async () => (await (await books()).get_tip()).head.tip_height;

/** What the journal holds, by kind, height and round; the lines of a torn write are no statements. */
async function journal(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const text = await readFile(`${keyPath(join(folder, 'keys'), VICTIM)}.journal`, 'utf8');
    const said = new Map<string, Set<string>>();
    for (const line of text.split('\n')) {
        const [, kind, at, round, hash, verdict] = line.split(' ');
        if (verdict === undefined) continue;
        const key = `${kind} ${at} ${round}`;
        said.set(key, (said.get(key) ?? new Set()).add(`${hash} ${verdict}`));
    }
    return said;
}

/** What the network has heard from the victim. */
async function heard(): Promise<readonly { key: string; statement: string }[]> {
    const stateMachine = await books();
    const own = keys[VICTIM].getPrincipal().toText();
    const statements: { key: string; statement: string }[] = [];
    for (let from = 1n; ; from += 100n) {
        const { states, next } = await stateMachine.list_states(from, 100n);
        for (const state of states) {
            const hash = toHex(Uint8Array.from(state.hash));
            const place = `${state.height} ${state.round}`;
            if (state.proposer.toText() === own) statements.push({ key: `propose ${place}`, statement: `${hash} yes` });
            for (const [verdict, voters] of [
                ['yes', state.yes],
                ['no', state.no]
            ] as const) {
                if (!voters.some((voter) => voter.toText() === own)) continue;
                statements.push({ key: `vote ${place}`, statement: `${hash} ${verdict}` });
            }
        }
        if (next.length === 0) return statements;
    }
}

test('kill -9 at any moment: no equivocation, everything that was heard is in the journal, and the agent goes on', async () => {
    const configFile = join(folder, 'victim.json');
    await writeFile(configFile, JSON.stringify(configOf(VICTIM)));
    for (let kill = 0; kill < KILLS; kill++) {
        const agent = startVictim(configFile);
        await agent.said('validator started');
        // It signs, writes and sends all the time: moments after its first word.
        if (kill % 2 === 0) await agent.said('voted for a state');
        await pause(Math.random() * 700);
        signal(agent, 'SIGKILL');
        expect(await agent.exit).toBe('SIGKILL');
    }
    const last = startVictim(configFile);
    await last.said('voted for a state');
    const before = await height();
    let known = await heard();
    const hasWorked = (): boolean => known.length > KILLS && known.some(({ key }) => key.startsWith('propose'));
    while ((await height()) < before + 10n || !hasWorked()) {
        await pause(200);
        known = await heard();
    }
    // It goes on: what was heard is older than what the journal is read for.
    const said = await journal();
    for (const [key, statements] of said) expect([key, statements.size]).toEqual([key, 1]);
    for (const { key, statement } of known) expect([key, [...(said.get(key) ?? [])]]).toEqual([key, [statement]]);
    expect((await (await books()).list_evidence(0n, 10n)).evidence).toEqual([]);

    // As a supervisor does that knows only the process that it started.
    last.child.kill('SIGTERM');
    expect(await last.exit).toBe(0);
    const lines = last.output().trim().split('\n');
    const log = lines.map((line) => JSON.parse(line) as { msg: string; level: number; metrics?: string });
    expect(log.at(-1)?.msg).toBe('validator stopped');
    expect(last.output()).not.toContain('emc-a-secret');
});

test('metrics tell of the work; key and journal are for their owner only, and for one process at a time', async () => {
    const configFile = join(folder, 'victim.json');
    await writeFile(configFile, JSON.stringify(configOf(VICTIM)));
    const agent = startVictim(configFile);
    await agent.said('voted for a state');
    const url = /"metrics":"([^"]+)"/.exec(agent.output())?.[1] ?? '';
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(Number(/^emc_validator_height (\d+)/m.exec(metrics)?.[1])).toBeGreaterThan(0);
    expect(Number(/^emc_validator_votes_total\{verdict="yes",result="ok"\} (\d+)/m.exec(metrics)?.[1])).toBeGreaterThan(
        0
    );
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const keyFile = keyPath(join(folder, 'keys'), VICTIM);
    for (const file of [keyFile, `${keyFile}.journal`]) expect((await stat(file)).mode & 0o777).toBe(0o600);
    // The same key and journal once more: the way in which validators contradict themselves without wanting to.
    const twin = startVictim(configFile);
    expect(await twin.exit).toBe(2);
    expect(twin.output()).toMatch(/validator_2\.pem\.lock is held by process \d+ on /);
    signal(agent, 'SIGTERM');
    expect(await agent.exit).toBe(0);
});
