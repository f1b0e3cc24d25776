/** The `icp` command line, unchanged, against a running network. */
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { counterInterface, icpBinary, icpTest, IcpProject } from './support/icp_command';

let network: RunningNetwork;
let project: IcpProject;

beforeAll(async () => {
    if (icpBinary === undefined) return;
    network = await startNetwork({ port: 0 });
    project = await IcpProject.create(`networks:
  - name: emb
    mode: connected
    url: ${network.url}
    root-key: fetch
environments:
  - name: embedded
    network: emb
`);
    await project.ok('identity', 'new', 'alice', '--storage', 'plaintext');
});

afterAll(async () => {
    project?.remove();
    await network?.close();
});

const there = ['-e', 'embedded'];

icpTest('icp network: answers to ping and status', async () => {
    expect(await project.ok('network', 'ping', 'emb')).toContain('"healthy"');
    const status = await project.ok('network', 'status', 'emb', '--json');
    expect(status).toContain(network.url);
});

icpTest('icp deploy: first, then as an upgrade, which keeps the state', async () => {
    expect(await project.ok('deploy', ...there)).toContain('lxzze-o7777-77777-aaaaa-cai');
    await project.ok('canister', 'call', 'counter', 'inc', '()', ...there);
    await project.setCode(counterInterface.replace('}', '; spin : () -> () }'));
    await project.ok('deploy', ...there);
    expect(await project.ok('canister', 'call', 'counter', 'read', '()', '--query', ...there)).toContain('1 : nat64');
    const metadata = await project.ok('canister', 'metadata', 'counter', 'candid:service', ...there);
    expect(metadata).toContain('spin');
});

icpTest('icp canister: status, logs, settings, stop, start, top-up', async () => {
    const failed = await project.run('canister', 'call', 'counter', 'fail', '()', ...there);
    expect(failed.stderr).toContain('IC0503');
    expect(await project.ok('canister', 'logs', 'counter', ...there)).toContain('on purpose');
    await project.ok('canister', 'settings', 'update', 'counter', '--freezing-threshold', '60d', ...there);
    const settings = await project.ok('canister', 'settings', 'show', 'counter', ...there);
    expect(settings).toContain('5_184_000');
    expect(settings).toContain('PUBLIC_CANISTER_ID:counter: lxzze-o7777-77777-aaaaa-cai');
    await project.ok('canister', 'stop', 'counter', ...there);
    expect(await project.ok('canister', 'status', 'counter', ...there)).toContain('Status: Stopped');
    await project.ok('canister', 'start', 'counter', ...there);
    const before = (await network.api.cycles(counterId())) ?? 0n;
    await project.ok('canister', 'top-up', 'counter', '--amount', '1t', ...there);
    expect((await network.api.cycles(counterId())) ?? 0n).toBeGreaterThan(before + 900_000_000_000n);
});

/** `lxzze-o7777-77777-aaaaa-cai` */
const counterId = (): Uint8Array => new Uint8Array([255, 255, 255, 255, 255, 224, 0, 0, 1, 1]);

icpTest('icp canister snapshot: create, list, download, upload, restore, delete', async () => {
    const running = await project.run('canister', 'snapshot', 'create', 'counter', ...there);
    expect(running.code).not.toBe(0);
    await project.ok('canister', 'stop', 'counter', ...there);
    const id = await project.ok('canister', 'snapshot', 'create', 'counter', '-q', ...there);
    expect(await project.ok('canister', 'snapshot', 'list', 'counter', ...there)).toContain(id);
    await project.ok('canister', 'snapshot', 'download', 'counter', id, '-o', 'snapshot', ...there);
    await project.ok('canister', 'start', 'counter', ...there);
    await project.ok('canister', 'call', 'counter', 'inc', '()', ...there);
    await project.ok('canister', 'stop', 'counter', ...there);
    const uploaded = await project.ok('canister', 'snapshot', 'upload', 'counter', '-i', 'snapshot', '-q', ...there);
    await project.ok('canister', 'snapshot', 'restore', 'counter', uploaded, ...there);
    await project.ok('canister', 'start', 'counter', ...there);
    expect(await project.ok('canister', 'call', 'counter', 'read', '()', '--query', ...there)).toContain('1 : nat64');
    await project.ok('canister', 'snapshot', 'delete', 'counter', id, ...there);
    await project.ok('canister', 'snapshot', 'delete', 'counter', uploaded, ...there);
});

icpTest('icp token and cycles: a new identity can pay, transfer, approve and mint', async () => {
    const alice = ['--identity', 'alice', ...there];
    expect(await project.ok('token', 'balance', ...alice)).toContain('1000000.00000000 ICP');
    await project.ok('token', 'transfer', '5', '2vxsx-fae', ...alice);
    expect(await project.ok('token', 'balance', ...alice)).toContain('999994.99990000 ICP');
    await project.ok('token', 'approve', '3', '2vxsx-fae', ...alice);
    expect(await project.ok('token', 'allowance', '2vxsx-fae', ...alice)).toContain('3.00000000 ICP');
    expect(await project.ok('cycles', 'mint', '--icp', '1', ...alice)).toContain('3_519_900_000_000');
    await project.ok('cycles', 'transfer', '1t', '2vxsx-fae', ...alice);
    expect(await project.ok('cycles', 'balance', ...alice)).toContain('1_002_519_800_000_000');
});

icpTest('icp deploy: another identity owns what it deploys, and others may not touch it', async () => {
    await project.ok('canister', 'create', '--detached', '--identity', 'alice', '-n', 'emb');
    const id = await project.ok('canister', 'create', '--detached', '-q', '--identity', 'alice', '-n', 'emb');
    const stranger = await project.run('canister', 'stop', id, '-n', 'emb');
    expect([stranger.code === 0, stranger.stderr.includes('IC0512')]).toEqual([false, true]);
    await project.ok('canister', 'stop', id, '-n', 'emb', '--identity', 'alice');
});

icpTest('icp canister delete: brings the cycles back', async () => {
    const before = await project.ok('cycles', 'balance', ...there);
    await project.ok('canister', 'stop', 'counter', ...there);
    await project.ok('canister', 'delete', 'counter', ...there);
    expect(await network.api.place(counterId())).toMatchObject({ exists: false });
    expect(await project.ok('cycles', 'balance', ...there)).not.toBe(before);
});
