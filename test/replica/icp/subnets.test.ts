/** The `icp` command line, unchanged, against a network with several subnets. */
import { Principal } from '@dfinity/principal';
import { networkKinds, startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { idText } from '../../../src/replica/state/principals';
import { icpBinary, icpTest, IcpProject } from './support/icp_command';

let network: RunningNetwork;
let project: IcpProject;

beforeAll(async () => {
    if (icpBinary === undefined) return;
    const kinds = networkKinds(['application', 'application']);
    network = await startNetwork({ port: 0, subnetKinds: kinds.ok ? kinds.value : [] });
    project = await IcpProject.create(`networks:
  - name: emb
    mode: connected
    url: ${network.url}
    root-key: fetch
environments:
  - name: embedded
    network: emb
`);
});

afterAll(async () => {
    project?.remove();
    await network?.close();
});

icpTest(
    'icp deploy --subnet: the canister is there, and calls to it verify by the delegation of its subnet',
    async () => {
        const there = ['-e', 'embedded'];
        const second = idText(network.identity.subnets[1]?.subnetId ?? new Uint8Array());
        const deployed = await project.ok('deploy', '--subnet', second, ...there);
        const id = /(?:[a-z0-9]{5}-){4}cai/.exec(deployed)?.[0] ?? '';
        const { subnetId, exists } = await network.api.place(Principal.fromText(id).toUint8Array());
        expect([idText(subnetId), exists]).toEqual([second, true]);
        await project.ok('canister', 'call', 'counter', 'inc', '()', ...there);
        expect(await project.ok('canister', 'call', 'counter', 'read', '()', '--query', ...there)).toContain(
            '1 : nat64'
        );
        const nns = idText(network.identity.subnets[2]?.subnetId ?? new Uint8Array());
        const refused = await project.run('canister', 'create', '--detached', '--subnet', nns, ...there);
        expect([refused.code === 0, refused.stderr]).toEqual([
            false,
            expect.stringContaining('is not authorized to deploy')
        ]);
    }
);
