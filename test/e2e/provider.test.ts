/** A provider's way from nothing to a staked node, through the command line, on a network that `emc start` brought up. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadKeyFile } from '../../src/client/key_file';
import { CommandFailed } from '../../src/cli/command_failed';
import { bindWallet } from '../../src/cli/node/bind';
import { claimRewards } from '../../src/cli/node/claim';
import type { Print } from '../../src/cli/print';
import { registerNode } from '../../src/cli/node/register';
import { runConfigOf } from '../../src/cli/node/run_config';
import { stakeNode } from '../../src/cli/node/stake';
import { printStatus } from '../../src/cli/node/status';
import { emc, type EmcProcess } from '../support/emc_process';

let folder: string;
let network: EmcProcess;
const commands: EmcProcess[] = [];
beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emc-provider-'));
    const free = ['--port', '0', '--gateway-port', '0', '--key-folder', join(folder, 'keys')];
    network = emc('start', '--round-seconds', '60', ...free);
    await network.said(/^Ctrl-C stops everything/m);
});
afterAll(async () => {
    for (const { child } of commands) child.kill('SIGKILL');
    network.child.kill('SIGINT');
    await network.exit;
    await rm(folder, { recursive: true, force: true });
});

const key = (name: string): string => join(folder, 'keys', `${name}.pem`);
const options = () => ({ home: join(folder, 'node'), deployment: join(folder, 'deployment.json') });

/** A command as its user gives it. */
function node(command: string, ...args: string[]): EmcProcess {
    const { home, deployment } = options();
    const started = emc('node', command, '--home', home, '--deployment', deployment, ...args);
    commands.push(started);
    return started;
}

async function done(
    command: string,
    ...args: string[]
): Promise<{ readonly code: number | null; readonly text: string }> {
    const process = node(command, ...args);
    return { code: await process.exit, text: process.output() };
}

/** The same work without a process of its own: what it prints, or its refusal. */
async function said(command: (print: Print) => Promise<void>): Promise<string> {
    const lines: string[] = [];
    try {
        await command((line) => lines.push(line));
    } catch (failure) {
        if (!(failure instanceof CommandFailed || failure instanceof BadKeyFile)) throw failure;
        lines.push(`refused: ${failure.message}`, ...('hints' in failure ? failure.hints : []));
    }
    return lines.join('\n');
}

async function status(): Promise<Record<string, unknown>> {
    return JSON.parse(await said((print) => printStatus({ ...options(), json: true }, print))) as Record<
        string,
        unknown
    >;
}

/** Amounts in e8s. */
type Stake = Readonly<Record<'initial_e8s' | 'remaining_e8s' | 'slashed_e8s', number>>;

test('register, bind, run and stake lead to a staked active node; each may be repeated', async () => {
    const registered = await done('register', '--region', 'eu-west');
    expect(registered).toMatchObject({ code: 0, text: expect.stringContaining('Next: emc node bind') });
    expect((await stat(join(folder, 'node', 'node.pem'))).mode & 0o777).toBe(0o600);
    const place = { class: 'compute', region: 'elsewhere', bandwidthMbps: 1_000 } as const;
    expect(await said((print) => registerNode({ ...options(), ...place }, print))).toContain('registered already');
    const { node: principal, ...fresh } = await status();
    expect(registered.text).toContain(principal);
    expect(fresh).toMatchObject({ state: 'Registered', region: 'eu-west', e_value_e8: 0, leases: [] });

    expect(await done('bind', '--wallet', key('provider'))).toMatchObject({ code: 0 });
    const bind = (wallet: string) => said((print) => bindWallet({ ...options(), wallet: key(wallet) }, print));
    expect(await bind('provider')).toContain('Next: emc node run');
    expect(await bind('operator')).toMatch(/^refused: The node is bound/);
    const stake = () => said((print) => stakeNode({ ...options(), wallet: key('provider') }, print));
    expect(await stake()).toMatch(/^refused: The node has no E yet/);

    const running = node('run');
    await running.said(/"msg":"attached"/);
    const active = await status();
    expect(active).toMatchObject({ state: 'Active', online: true, apps: ['text-embedding-en'], slots: 4 });
    expect(active.e_value_e8).toBeGreaterThan(0);
    expect(active.stake).toBeUndefined();

    expect(await done('stake', '--wallet', key('provider'))).toMatchObject({ code: 0 });
    expect(await stake()).toContain('already');
    const staked = await done('status');
    expect(staked).toMatchObject({ code: 0, text: expect.stringMatching(/^Stake +\d.* EMC, \w+, until/m) });
    // Hours pass in seconds here: on a slow machine E moves, and silence is charged for, before anybody looks.
    const { initial_e8s: whole, remaining_e8s: left, slashed_e8s: lost } = (await status()).stake as Stake;
    expect({ whole, isOfE: whole > 0 && whole % 1_000 === 0 }).toEqual({ whole: left + lost, isOfE: true });

    running.child.kill('SIGTERM');
    expect(await running.exit).toBe(0);
    expect(running.output()).toContain('"msg":"node_stopped"');
});

test('what the nodes of a wallet earned is paid out, and a wallet without any is told so', async () => {
    const wallet = key('provider');
    const claim = (more: object = {}) =>
        said((print) => claimRewards({ ...options(), wallet, wait: 120, ...more }, print));
    let text = await claim();
    for (let tries = 0; text.startsWith('Nothing to claim') && tries < 60; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        text = await claim();
    }
    expect(text).toMatch(/^Claim \d+: [\d.]+ EMC for .*\nPaid [\d.]+ EMC in block \d+ of the ledger\.$/);
    expect(await claim({ wallet: key('user') })).toMatch(/^(Nothing to claim|refused: A claim is of 1 EMC at least)/);
    expect(await claim({ amount: '1000000000' })).toMatch(
        /^refused: (Only [\d.]+ EMC can be claimed|Nothing to claim)/
    );
});

test('what is missing or wrong is said, with what to do about it', async () => {
    const wrong = { ...options(), home: join(folder, 'nowhere') };
    const cases: readonly (readonly [(print: Print) => Promise<void>, string])[] = [
        [(print) => printStatus(wrong, print), 'emc node register'],
        [(print) => bindWallet(options(), print), '--wallet-principal'],
        [(print) => bindWallet({ ...options(), wallet: join(folder, 'none.pem') }, print), 'no such key file'],
        [(print) => bindWallet({ ...options(), walletPrincipal: 'nobody' }, print), 'not a principal'],
        [(print) => stakeNode({ ...options(), wallet: key('user'), amount: 'all' }, print), 'not an amount'],
        [async () => void (await runConfigOf({ ...options(), backend: 'gpu' })), 'openai:http']
    ];
    for (const [command, hint] of cases) expect(await said(command)).toContain(hint);
    const { code, text } = await done('status', '--deployment', join(folder, 'none.json'));
    expect({ code, hinted: text.includes('npm start') }).toEqual({ code: 1, hinted: true });
});
