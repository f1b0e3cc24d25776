import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HttpAgent } from '@dfinity/agent';
import { parseLauncherArguments } from '../../../src/replica/launcher/launcher_arguments';

const bin = resolve(process.cwd(), 'bin/emc-network-launcher');
/** As icp 1.5.0 calls it. */
const icpArguments = [
    '--interface-version',
    '1.1.0',
    '--state-dir',
    '/state',
    '--bind',
    '127.0.0.1',
    '--gateway-port',
    '8000',
    '--status-dir',
    '/status',
    '--domain=127.0.0.1'
];

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emc-launcher-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('arguments: those that icp gives', () => {
    expect(parseLauncherArguments(icpArguments, {})).toMatchObject({
        ok: true,
        value: {
            gatewayPort: 8000,
            bind: '127.0.0.1',
            statusDir: '/status',
            stateDir: '/state',
            domains: ['127.0.0.1'],
            unknown: []
        }
    });
    expect(parseLauncherArguments([], {})).toMatchObject({ ok: true, value: { gatewayPort: 0, artificialDelayMs: 0 } });
});

test('arguments: unknown ones are a mistake, unless the caller speaks a newer version', () => {
    const newer = ['--interface-version=1.2.0', '--colour', 'blue'];
    expect(parseLauncherArguments(newer, {})).toMatchObject({ ok: true, value: { unknown: ['--colour', 'blue'] } });
    const variable = { ICP_CLI_NETWORK_LAUNCHER_INTERFACE_VERSION: '1.9.9' };
    expect(parseLauncherArguments(['--colour'], variable).ok).toBe(true);
    const refused = [
        ['--colour'],
        ['--interface-version=1.1.0', '--colour'],
        ['--interface-version=2.0.0'],
        ['--gateway-port=x'],
        ['--gateway-port=70000'],
        ['--artificial-delay-ms=-1'],
        ['--nns'],
        ['--bitcoind-addr=127.0.0.1:1'],
        ['--subnet=bakery']
    ];
    expect(refused.map((args) => parseLauncherArguments(args, {}).ok)).toEqual(refused.map(() => false));
});

test('arguments: what is not there is refused with what there is instead, and a stand-in is none of that', () => {
    expect(parseLauncherArguments(['--nns'], {})).toMatchObject({ error: expect.stringContaining('ledgers') });
    for (const [flag, network] of [
        ['--bitcoind-addr', 'Bitcoin'],
        ['--dogecoind-addr', 'Dogecoin']
    ]) {
        const error = expect.stringMatching(`does not offer ${flag}: it is connected to no ${network} network`);
        expect(parseLauncherArguments([`${flag}=127.0.0.1:18444`], {})).toEqual({ ok: false, error });
    }
    expect(parseLauncherArguments(['--ii'], {})).toMatchObject({ ok: true, value: { wantsIdentities: true } });
    expect(parseLauncherArguments([], {})).toMatchObject({ value: { wantsIdentities: false } });
});

test('arguments: subnets, application subnets first, and those that every network has', () => {
    const kindsOf = (...args: string[]): unknown => {
        const parsed = parseLauncherArguments(args, {});
        return parsed.ok ? parsed.value.subnetKinds : parsed.error;
    };
    const basic = ['NNS', 'II', 'Fiduciary'];
    expect(kindsOf()).toEqual(['Application', ...basic]);
    expect(kindsOf('--subnet=bakery')).toBe('The embedded network has no subnet of kind bakery');
    expect(kindsOf('--subnet=system', '--subnet=bitcoin', '--subnet=application', '--subnet=bitcoin')).toEqual([
        'Application',
        'System',
        'Bitcoin',
        ...basic
    ]);
    expect(kindsOf('--subnet=verified-application', '--subnet=application', '--subnet=sns', '--subnet=nns')).toEqual([
        'Application',
        'Application',
        'SNS',
        ...basic
    ]);
});

interface Launched {
    readonly child: ChildProcess;
    readonly exit: Promise<number | null>;
    /** What it wrote to standard error until then. */
    readonly ready: Promise<string>;
}

function launch(args: readonly string[]): Launched {
    const child = spawn(bin, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const exit = new Promise<number | null>((done) => child.once('exit', done));
    let told = '';
    const ready = new Promise<string>((done) =>
        child.stderr?.on('data', (data: Buffer) => {
            told += data.toString();
            if (told.includes('is ready')) done(told);
        })
    );
    return { child, exit, ready };
}

test('launcher: tells its status, serves agents and the PocketIC interface, and leaves nothing behind', async () => {
    const statusDir = join(folder, 'status');
    const { child, exit, ready } = launch(['--interface-version=1.1.0', `--status-dir=${statusDir}`]);
    await ready;
    const line = readFileSync(join(statusDir, 'status.json'), 'utf8');
    const status: unknown = JSON.parse(line);
    expect(line.endsWith('}\n')).toBe(true);
    expect(status).toEqual({
        v: '1',
        gateway_port: expect.any(Number),
        config_port: expect.any(Number),
        instance_id: 0,
        root_key: expect.stringMatching(/^[0-9a-f]{266}$/),
        default_effective_canister_id: 'lxzze-o7777-77777-aaaaa-cai',
        supported_features: ['custom-domains']
    });
    const { gateway_port, config_port, root_key } = status as Record<string, string>;
    const agent = await HttpAgent.create({ host: `http://127.0.0.1:${gateway_port}`, shouldFetchRootKey: true });
    expect(Buffer.from(agent.rootKey ?? []).toString('hex')).toBe(root_key);
    const live = await fetch(`http://127.0.0.1:${config_port}/instances/0/auto_progress`);
    expect(await live.json()).toBe(true);
    writeFileSync(join(statusDir, 'custom-domains.txt'), '');
    child.kill('SIGINT');
    expect(await exit).toBe(0);
    expect(existsSync(statusDir)).toBe(false);
});

test('launcher: keeps the state where it is told to, and with it the root key', async () => {
    const rootKeyOf = async (): Promise<unknown> => {
        const statusDir = join(folder, 'status');
        const { child, exit, ready } = launch([`--status-dir=${statusDir}`, `--state-dir=${join(folder, 'state')}`]);
        await ready;
        const { root_key } = JSON.parse(readFileSync(join(statusDir, 'status.json'), 'utf8')) as Record<string, string>;
        child.kill('SIGINT');
        expect(await exit).toBe(0);
        return root_key;
    };
    expect(await rootKeyOf()).toBe(await rootKeyOf());
});

test('launcher: several subnets, each with its key, and a network that goes on keeps those it began with', async () => {
    const kindsOf = async (...args: string[]): Promise<unknown> => {
        const statusDir = join(folder, 'status');
        const { child, exit, ready } = launch([
            `--status-dir=${statusDir}`,
            `--state-dir=${join(folder, 'state')}`,
            ...args
        ]);
        const told = await ready;
        const { config_port, gateway_port } = JSON.parse(
            readFileSync(join(statusDir, 'status.json'), 'utf8')
        ) as Record<string, number>;
        const topologies = await Promise.all(
            [`${config_port}/instances/0`, gateway_port].map(async (place) => {
                const answer = await fetch(`http://127.0.0.1:${place}/_/topology`);
                return (await answer.json()) as { subnet_configs: Record<string, { subnet_kind: string }> };
            })
        );
        expect(topologies[1]).toEqual(topologies[0]);
        const subnet_configs = topologies[0]?.subnet_configs ?? {};
        child.kill('SIGINT');
        expect(await exit).toBe(0);
        return {
            warned: told.includes('keeps'),
            subnets: Object.values(subnet_configs).map((each) => each.subnet_kind)
        };
    };
    const subnets = ['Application', 'Application', 'NNS', 'II', 'Fiduciary'];
    expect(await kindsOf('--subnet=application', '--subnet=application')).toEqual({ warned: false, subnets });
    expect(await kindsOf('--subnet=system')).toEqual({ warned: true, subnets });
    const alone = spawn(resolve(process.cwd(), 'bin/emc-replica'), [
        'start',
        '--port=0',
        '--state',
        join(folder, 'state')
    ]);
    expect(await new Promise((done) => alone.once('exit', done))).toBe(1);
});

test('launcher: a taken port ends it with 1, before it has told anything', async () => {
    const first = launch([`--status-dir=${join(folder, 'first')}`]);
    await first.ready;
    const { gateway_port } = JSON.parse(readFileSync(join(folder, 'first/status.json'), 'utf8')) as Record<
        string,
        number
    >;
    const second = launch([`--status-dir=${join(folder, 'second')}`, `--gateway-port=${gateway_port}`]);
    expect(await second.exit).toBe(1);
    expect(existsSync(join(folder, 'second/status.json'))).toBe(false);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
});
