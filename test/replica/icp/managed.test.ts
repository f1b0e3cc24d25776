/** The `icp` command line with a network that it starts itself, through the launcher of this repository. */
import { createServer } from 'node:net';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { icpBinary, icpTest, IcpProject } from './support/icp_command';

let project: IcpProject;
let port: number;

beforeAll(async () => {
    if (icpBinary === undefined) return;
    port = await freePort();
    const networks = `networks:
  - name: local
    mode: managed
    gateway:
      port: ${port}
  - name: several
    mode: managed
    gateway:
      port: 0
    subnets: [application, application]
    ii: true
`;
    const launcher = resolve(process.cwd(), 'bin/emc-network-launcher');
    project = await IcpProject.create(networks, { ICP_CLI_NETWORK_LAUNCHER_PATH: launcher });
});

afterAll(async () => {
    if (project === undefined) return;
    await project.run('network', 'stop');
    await project.run('network', 'stop', 'several');
    project.remove();
});

function freePort(): Promise<number> {
    return new Promise((done, reject) => {
        const server = createServer();
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
        });
    });
}

function get(host: string, at = port): Promise<string> {
    return new Promise((done, reject) => {
        const sent = request({ host: '127.0.0.1', port: at, path: '/', headers: { host } }, (response) => {
            let body = '';
            response.on('data', (data: Buffer) => (body += data.toString()));
            response.on('end', () => done(body));
        });
        sent.once('error', reject);
        sent.end();
    });
}

icpTest('icp network start: deploys, calls, shows its pages, and stops', async () => {
    await project.ok('identity', 'new', 'alice', '--storage', 'plaintext');
    await project.ok('network', 'start', '-d');
    const status = JSON.parse(await project.ok('network', 'status', '--json')) as Record<string, string>;
    expect(status).toMatchObject({ managed: true, root_key_source: 'managed' });
    expect(await project.ok('cycles', 'balance', '--identity', 'alice')).toContain('1_000_000_000_000_000');
    await project.ok('deploy');
    await project.ok('canister', 'call', 'counter', 'inc', '()');
    const proxied = await project.ok(
        'canister',
        'call',
        'counter',
        'read',
        '()',
        '--proxy',
        String(status.proxy_canister_principal)
    );
    expect(proxied).toContain('1 : nat64');
    expect(await get(`${status.candid_ui_principal}.localhost`)).toContain('Candid UI');
    await project.ok('network', 'stop');
    await expect(get('localhost')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

icpTest('icp network start: of several subnets, canisters go to the one that is named; users can sign in', async () => {
    const there = ['-n', 'several'];
    const minting = 'rkp4c-7iaaa-aaaaa-aaaca-cai';
    const registry = 'rwlgt-iiaaa-aaaaa-aaaaa-cai';
    await project.ok('network', 'start', 'several', '-d');
    const listed = await project.ok('canister', 'call', minting, 'get_default_subnets', '()', '--query', ...there);
    const subnets = Array.from(listed.matchAll(/principal "([^"]+)"/g), ([, id]) => String(id));
    expect(subnets).toHaveLength(2);
    for (const subnet of subnets) {
        const id = await project.ok('canister', 'create', '--detached', '-q', '--subnet', subnet, ...there);
        const named = `(record { "principal" = opt principal "${id}" })`;
        const place = await project.ok(
            'canister',
            'call',
            registry,
            'get_subnet_for_canister',
            named,
            '--query',
            ...there
        );
        expect(place).toContain(subnet);
        expect(await project.ok('canister', 'status', id, ...there)).toContain('Running');
    }
    const { gateway_url } = JSON.parse(await project.ok('network', 'status', 'several', '--json')) as Record<
        string,
        string
    >;
    const signIn = await get('rdmx6-jaaaa-aaaaa-aaadq-cai.localhost', Number(new URL(String(gateway_url)).port));
    expect(signIn).toContain('Internet Identity');
    await project.ok('network', 'stop', 'several');
});
