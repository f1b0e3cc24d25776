/** Ticks name who makes the blocks, and canisters read the totals of each day (`node_metrics_history`). */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { InternetComputer } from '../../../src/replica/ic';
import type { BlockMakers, NetworkInput } from '../../../src/replica/state/api';
import * as s from '../ic/support/script';
import { managementId, networkConfig, newNetwork, replied, scripted, type TestNetwork } from '../ic/support/network';
import { base64, fresh, kindsOf, newInstance, send, type RestInstance } from './support/rest_client';
import { startServer, type ServerProcess } from './support/server_process';

const day = 86_400_000_000_000n;
const nodes = [1, 2, 3].map((n) => new Uint8Array([...Buffer.alloc(28, n), 2]));
const [first, second, third] = nodes as [Uint8Array, Uint8Array, Uint8Array];
const { subnetId } = networkConfig;
const config = { ...networkConfig, nodeIds: nodes };

const History = IDL.Vec(
    IDL.Record({
        timestamp_nanos: IDL.Nat64,
        node_metrics: IDL.Vec(
            IDL.Record({
                node_id: IDL.Principal,
                num_blocks_proposed_total: IDL.Nat64,
                num_block_failures_total: IDL.Nat64
            })
        )
    })
);
interface Day {
    readonly timestamp_nanos: bigint;
    readonly node_metrics: readonly {
        readonly node_id: Principal;
        readonly num_blocks_proposed_total: bigint;
        readonly num_block_failures_total: bigint;
    }[];
}

function history(network: TestNetwork, canister: Uint8Array, startNs: bigint): readonly Day[] {
    const type = IDL.Record({ subnet_id: IDL.Principal, start_at_timestamp_nanos: IDL.Nat64 });
    const request = { subnet_id: network.principal(subnetId), start_at_timestamp_nanos: startNs };
    const argument = IDL.encode([type], [request]);
    const onReply = s.seq(s.appendArgument, s.reply());
    const call = s.call({ to: managementId, method: 'node_metrics_history', argument, onReply });
    return IDL.decode([History], replied(network.run(canister, call)))[0] as unknown as Day[];
}

/** Proposed and failed of one node. */
function blocksOf(one: Day | undefined, node: Uint8Array): readonly [bigint, bigint] | undefined {
    const found = one?.node_metrics.find(({ node_id }) => Buffer.compare(node_id.toUint8Array(), node) === 0);
    return found && [found.num_blocks_proposed_total, found.num_block_failures_total];
}

test('history: totals as of the last round of each day, from a time on, of sixty days', async () => {
    const network = newNetwork(config);
    const canister = network.deploy(await scripted());
    const inputs: NetworkInput[] = [];
    network.ic.recordInputs((input) => inputs.push(input));
    const makers: readonly BlockMakers[] = [{ subnetId, blockMaker: second, failed: [third] }];
    const startNs = network.ic.certifiedTimeNs();
    const [before] = history(network, canister, 0n);
    const [own] = blocksOf(before, first) ?? [0n];
    expect(own).toBeGreaterThan(0n);
    for (let i = 0; i < 3; i += 1) network.ic.runRound(false, makers);
    network.ic.setTime(startNs + day);
    network.ic.runRound(false, makers);
    const days = history(network, canister, 0n);
    expect(days.map((one) => [blocksOf(one, second), blocksOf(one, third)])).toEqual([
        [
            [3n, 0n],
            [0n, 3n]
        ],
        [
            [4n, 0n],
            [0n, 4n]
        ]
    ]);
    expect(history(network, canister, startNs + day)).toHaveLength(1);
    expect(history(network, canister, startNs + 2n * day)).toHaveLength(0);

    const image = network.ic.image();
    const restored = newNetwork().continuedBy(new InternetComputer(config, [], image));
    expect(blocksOf(history(restored, canister, startNs + day)[0], second)).toEqual([4n, 0n]);
    for (let i = 2n; i < 70n; i += 1n) {
        restored.ic.setTime(startNs + i * day);
        restored.ic.runRound();
    }
    expect(history(restored, canister, 0n)).toHaveLength(60);
    expect(inputs.filter((input) => input.kind === 'round' && input.blockMakers !== undefined)).toHaveLength(4);
});

let server: ServerProcess;
let instance: RestInstance;
beforeAll(async () => {
    server = await startServer();
    instance = await newInstance(server.url, { application: [fresh] });
});
afterAll(() => server.stop());

test('ticks: name nodes of the topology, and nobody else', async () => {
    const topology = instance.created.object('topology');
    const [subnet = ''] = kindsOf(topology).keys();
    const listed = topology.object('subnet_configs').object(subnet).array('node_ids') as { node_id: string }[];
    expect(new Set(listed.map(({ node_id }) => node_id)).size).toBe(13);
    const [blockmaker, failed] = listed;
    const named = { subnet: { subnet_id: base64(Principal.fromText(subnet).toUint8Array()) }, blockmaker };
    const tick = (fields: object): ReturnType<typeof send> =>
        send(`${instance.url}/update/tick`, { blockmakers: [{ ...named, ...fields }] });
    expect((await tick({ failed_blockmakers: [failed] })).status).toBe(200);
    const both = await tick({ failed_blockmakers: [blockmaker] });
    expect([both.status, both.text]).toEqual([400, expect.stringContaining('BlockmakerContainedInFailed')]);
    const nobody = await tick({ blockmaker: { node_id: base64(first) }, failed_blockmakers: [] });
    expect([nobody.status, nobody.text]).toEqual([400, expect.stringContaining('BlockmakerNotFound')]);
    const nowhere = await tick({ subnet: { subnet_id: base64(second) }, failed_blockmakers: [] });
    expect([nowhere.status, nowhere.text]).toEqual([400, expect.stringContaining('SubnetNotFound')]);
    expect((await send(`${instance.url}/update/tick`, { blockmakers: null })).status).toBe(200);
});
