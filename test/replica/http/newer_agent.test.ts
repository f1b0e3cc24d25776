import { Actor, HttpAgent } from '@icp-sdk/core/agent';
import { HttpAgent as DfinityAgent } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@icp-sdk/core/identity';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { subnetPlans } from '../../../src/replica/subnet_kinds';
import { counterWasm, picCounterIdl, type Counter } from './support/counter_canister';
import { deploy } from './support/deployed';

let network: RunningNetwork;
let canisterId: string;

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    const deployer = await DfinityAgent.create({ host: network.url, shouldFetchRootKey: true });
    canisterId = (await deploy(deployer, await counterWasm())).toText();
});

afterAll(() => network.close());

test('agent: @icp-sdk/core, which speaks v4 calls and v3 queries, verifies everything', async () => {
    const identity = Ed25519KeyIdentity.generate();
    const agent = await HttpAgent.create({
        host: network.url,
        identity,
        shouldFetchRootKey: true,
        verifyQuerySignatures: true
    });
    const actor = Actor.createActor<Counter>(picCounterIdl, { agent, canisterId });
    await actor.inc();
    expect(await actor.read()).toBe(1n);
    await expect(actor.fail()).rejects.toThrow(/IC0503/);
});

test('agent: @icp-sdk/core finds canisters of subnets with several ranges in their delegations', async () => {
    const kinds = ['Application', 'NNS', 'II'] as const;
    const plans = subnetPlans(kinds.map((kind) => ({ kind })));
    const several = await startNetwork({
        port: 0,
        subnets: plans.map((plan, place) => ({ ...plan, hasRemainingIds: place === 0 }))
    });
    try {
        const deployer = await DfinityAgent.create({ host: several.url, rootKey: several.rootKey });
        const id = (await deploy(deployer, await counterWasm())).toText();
        const agent = await HttpAgent.create({ host: several.url, rootKey: several.rootKey });
        const actor = Actor.createActor<Counter>(picCounterIdl, { agent, canisterId: id });
        await actor.inc();
        expect(await actor.read()).toBe(1n);
        for (const ledger of ['ryjl3-tyaaa-aaaaa-aaaba-cai', 'um5iw-rqaaa-aaaaq-qaaba-cai']) {
            const none = new Uint8Array([0x44, 0x49, 0x44, 0x4c, 0, 0]);
            const asked = await agent.query(ledger, { methodName: 'icrc1_fee', arg: none });
            expect(asked.status).toBe('replied');
        }
    } finally {
        await several.close();
    }
});

test('network: the same seed gives the same root key, another seed another one', async () => {
    const start = async (text: string): Promise<Uint8Array> => {
        const other = await startNetwork({ port: 0, seed: new TextEncoder().encode(text) });
        await other.close();
        return other.rootKey;
    };
    const [first, again, different] = [await start('a'), await start('a'), await start('b')];
    expect(again).toEqual(first);
    expect(different).not.toEqual(first);
});

test('network: a taken port is a ListenError, and time is that of the wall clock', async () => {
    const port = Number(new URL(network.url).port);
    await expect(startNetwork({ port })).rejects.toMatchObject({ name: 'ListenError', code: 'EADDRINUSE', port });
    const before = BigInt(Date.now() - 1) * 1_000_000n;
    expect(await network.api.time()).toBeGreaterThanOrEqual(before);
});
