/** Instances with several subnets: who they are, where canisters go, and who signs for them. */
import { Actor, HttpAgent } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { PocketIc, SubnetStateType, type SubnetTopology } from '@dfinity/pic';
import { Actor as CoreActor, HttpAgent as CoreAgent } from '@icp-sdk/core/agent';
import { Principal as CorePrincipal } from '@icp-sdk/core/principal';
import { Principal } from '@dfinity/principal';
import { decodeCertificate, verifyCertificate } from '../../../src/replica/wire/certificate';
import { counterIdl, counterWasm, picCounterIdl, type Counter } from '../http/support/counter_canister';
import { startServer, type ServerProcess } from './support/server_process';
import { createPocketIc } from '../../support/pocket_ic';

const fresh = { state: { type: SubnetStateType.New } } as const;

let server: ServerProcess;
let pic: PocketIc;
let wasm: Uint8Array;

beforeAll(async () => {
    server = await startServer();
    wasm = await counterWasm();
});
afterAll(() => server.stop());

beforeEach(async () => {
    pic = await createPocketIc(server.url, {
        nns: fresh,
        ii: fresh,
        fiduciary: fresh,
        application: [fresh, fresh],
        system: [fresh]
    });
});
afterEach(() => pic.tearDown());

function inRange({ canisterRanges }: SubnetTopology, id: CorePrincipal): boolean {
    return canisterRanges.some(({ start, end }) => start.ltEq(id) && id.ltEq(end));
}

test('every subnet that is asked for is there, with its own key and its own ids', async () => {
    const topology = Object.values(await pic.getTopology());
    expect(topology.map(({ type }) => type).sort()).toEqual(
        ['Application', 'Application', 'Fiduciary', 'II', 'NNS', 'System'].sort()
    );
    expect(await pic.getApplicationSubnets()).toHaveLength(2);
    expect((await pic.getNnsSubnet())?.canisterRanges[0]?.start.toText()).toBe('rwlgt-iiaaa-aaaaa-aaaaa-cai');
    const keys = await Promise.all(
        topology.map(async ({ id }) => Buffer.from(await pic.getPubKey(id)).toString('hex'))
    );
    expect(new Set(keys).size).toBe(topology.length);
    const starts = topology.flatMap(({ canisterRanges }) => canisterRanges.map(({ start }) => start));
    for (const start of starts) expect(topology.filter((subnet) => inRange(subnet, start))).toHaveLength(1);
});

test('a canister is created on the subnet that is named, otherwise on the first application subnet', async () => {
    const topology = Object.values(await pic.getTopology());
    for (const subnet of topology) {
        const canisterId = await pic.createCanister({ targetSubnetId: subnet.id });
        expect(inRange(subnet, canisterId)).toBe(true);
        expect((await pic.getCanisterSubnetId(canisterId))?.toText()).toBe(subnet.id.toText());
    }
    const [first] = await pic.getApplicationSubnets();
    const anywhere = await pic.createCanister();
    expect((await pic.getCanisterSubnetId(anywhere))?.toText()).toBe(first?.id.toText());
    const ledger = CorePrincipal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai');
    const nns = await pic.getNnsSubnet();
    await pic.createCanister({ targetCanisterId: ledger, ...(nns && { targetSubnetId: nns.id }) });
    expect((await pic.getCanisterSubnetId(ledger))?.toText()).toBe(nns?.id.toText());
});

test('canisters pay on application subnets and not on those that run the network', async () => {
    const spent = async (subnetId: CorePrincipal | undefined): Promise<bigint> => {
        const { canisterId, actor } = await pic.setupCanister<Counter>({
            idlFactory: picCounterIdl,
            wasm,
            ...(subnetId && { targetSubnetId: subnetId })
        });
        const before = BigInt(await pic.getCyclesBalance(canisterId));
        await actor.inc();
        return before - BigInt(await pic.getCyclesBalance(canisterId));
    };
    const [application] = await pic.getApplicationSubnets();
    expect(await spent(application?.id)).toBeGreaterThan(0n);
    expect(await spent((await pic.getNnsSubnet())?.id)).toBe(0n);
});

test.each(['application', 'nns'] as const)('agents verify what a canister on the %s subnet answers', async (kind) => {
    const [application] = await pic.getApplicationSubnets();
    const nns = await pic.getNnsSubnet();
    const subnet = kind === 'nns' ? nns : application;
    const fixture = await pic.setupCanister<Counter>({
        idlFactory: picCounterIdl,
        wasm,
        ...(subnet && { targetSubnetId: subnet.id })
    });
    const canisterId = Principal.fromText(fixture.canisterId.toText());
    const port = await pic.makeLive();
    try {
        const agent = await HttpAgent.create({
            host: `http://127.0.0.1:${port}`,
            identity: Ed25519KeyIdentity.generate(),
            shouldFetchRootKey: true
        });
        expect(nns && Buffer.from(agent.rootKey ?? [])).toEqual(Buffer.from(await pic.getPubKey(nns!.id)));
        const actor = Actor.createActor<Counter>(counterIdl, { agent, canisterId });
        await actor.inc();
        expect(await actor.read()).toBe(1n);
        await expectDelegation(agent, canisterId, kind === 'application');
    } finally {
        await pic.stopLive();
    }
});

test('agents of the newer generation verify canisters on subnets with several ranges', async () => {
    const ii = await pic.getInternetIdentitySubnet();
    expect(ii?.canisterRanges.length).toBeGreaterThan(2);
    const { canisterId } = await pic.setupCanister<Counter>({
        idlFactory: picCounterIdl,
        wasm,
        ...(ii && { targetSubnetId: ii.id })
    });
    const port = await pic.makeLive();
    try {
        const agent = await CoreAgent.create({ host: `http://127.0.0.1:${port}`, shouldFetchRootKey: true });
        const actor = CoreActor.createActor<Counter>(picCounterIdl, { agent, canisterId });
        await actor.inc();
        expect(await actor.read()).toBe(1n);
    } finally {
        await pic.stopLive();
    }
});

/** Certificates of other subnets than the root carry its delegation, which holds for their own canisters only. */
async function expectDelegation(agent: HttpAgent, canisterId: Principal, isDelegated: boolean): Promise<void> {
    const { certificate } = await agent.readState(canisterId, { paths: [[new TextEncoder().encode('time')]] });
    const decoded = decodeCertificate(new Uint8Array(certificate));
    expect(decoded?.delegation === undefined).toBe(!isDelegated);
    const rootKey = new Uint8Array(agent.rootKey ?? []);
    expect(decoded && verifyCertificate(decoded, rootKey, canisterId.toUint8Array())).toBe(true);
    const elsewhere = Principal.fromText('rdmx6-jaaaa-aaaaa-aaadq-cai').toUint8Array();
    expect(decoded && verifyCertificate(decoded, rootKey, elsewhere)).toBe(!isDelegated);
}
