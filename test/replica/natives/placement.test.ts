/** System canisters of a network with several subnets: where they are, and where they create canisters. */
import { Actor, HttpAgent, type ActorSubclass } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { canisterIdOfIndex, idText } from '../../../src/replica/state/principals';
import { Subnets } from '../../../src/replica/subnets';
import { subnetPlans } from '../../../src/replica/subnet_kinds';
import { plansOf } from '../../../src/replica/workload';
import { counterWasm } from '../http/support/counter_canister';
import { deploy } from '../http/support/deployed';
import { officialInterface, type OfficialInterface } from './support/interfaces';

const ids = {
    nns_registry: 'rwlgt-iiaaa-aaaaa-aaaaa-cai',
    nns_cycles_minting: 'rkp4c-7iaaa-aaaaa-aaaca-cai',
    cycles_ledger: 'um5iw-rqaaa-aaaaq-qaaba-cai'
} as const;
const kinds = ['Application', 'Application', 'System', 'NNS', 'II', 'Fiduciary'] as const;

type Methods = ActorSubclass<Record<string, (...args: unknown[]) => Promise<unknown>>>;

let network: RunningNetwork;
let agent: HttpAgent;
let subnets: readonly Principal[];

beforeAll(async () => {
    network = await startNetwork({ port: 0, subnets: subnetPlans(kinds.map((kind) => ({ kind }))) });
    // The agent verifies certificates of each subnet by its delegation.
    agent = await HttpAgent.create({ host: network.url, rootKey: network.rootKey });
    subnets = network.identity.subnets.map(({ subnetId }) => Principal.fromUint8Array(subnetId));
});
afterAll(() => network.close());

type Name = keyof typeof ids & OfficialInterface;

const actors = new Map<Name, Methods>();

function call<T>(name: Name, method: string, ...args: unknown[]): Promise<T> {
    let actor = actors.get(name);
    if (actor === undefined) {
        actor = Actor.createActor(officialInterface(name), { agent, canisterId: ids[name] }) as Methods;
        actors.set(name, actor);
    }
    return actor[method]?.(...args) as Promise<T>;
}

const of = (kind: (typeof kinds)[number]): Principal => subnets[kinds.indexOf(kind)] as Principal;

async function subnetOf(id: Principal | string): Promise<unknown> {
    const named = { principal: [typeof id === 'string' ? Principal.fromText(id) : id] };
    const answer = await call<{ Ok: { subnet_id: [Principal] } }>('nns_registry', 'get_subnet_for_canister', named);
    return answer.Ok.subnet_id[0].toText();
}

function create(selection: unknown): Promise<{ Ok?: { canister_id: Principal }; Err?: unknown }> {
    const creation_args = selection === undefined ? [] : [{ subnet_selection: [selection], settings: [] }];
    const order = { from_subaccount: [], created_at_time: [], amount: 2_000_000_000_000n, creation_args };
    return call('cycles_ledger', 'create_canister', order);
}

test('the ledgers are on the subnets of the real network, and their certificates hold', async () => {
    expect(await subnetOf(ids.nns_registry)).toBe(of('NNS').toText());
    expect(await subnetOf(ids.cycles_ledger)).toBe(of('II').toText());
    await expect(subnetOf('aaaaa-aa')).rejects.toThrow(TypeError);
});

test('minting offers application subnets by default, and the fiduciary one by its type', async () => {
    const [first, second] = subnets;
    expect(await call('nns_cycles_minting', 'get_default_subnets')).toEqual([first, second]);
    expect(await call('nns_cycles_minting', 'get_subnet_types_to_subnets')).toEqual({
        data: [['fiduciary', [of('Fiduciary')]]]
    });
});

test('canisters are created where their owner says, by default on the first application subnet', async () => {
    const wishes: [unknown, Principal | undefined][] = [
        [undefined, subnets[0]],
        [{ Subnet: { subnet: subnets[1] } }, subnets[1]],
        [{ Filter: { subnet_type: ['fiduciary'] } }, of('Fiduciary')],
        [{ Filter: { subnet_type: [] } }, subnets[0]]
    ];
    for (const [selection, place] of wishes) {
        const { Ok } = await create(selection);
        expect(await subnetOf(Ok?.canister_id as Principal)).toBe(place?.toText());
    }
    // As on the real network, where the subnets that everybody gets are no type.
    for (const [selection, error] of [
        [{ Subnet: { subnet: of('NNS') } }, /^Subnet \S+ does not exist or 2vxsx-fae is not authorized to deploy/],
        [{ Filter: { subnet_type: ['bakery'] } }, /^Provided subnet type bakery does not exist$/],
        [{ Filter: { subnet_type: ['application'] } }, /^Provided subnet type application does not exist$/]
    ]) {
        expect(await create(selection)).toMatchObject({
            Err: { FailedToCreate: { error: expect.stringMatching(error as RegExp) } }
        });
    }
});

test('agents create canisters with the management canister as the effective one, which lies in no range', async () => {
    expect(await subnetOf(await deploy(agent, await counterWasm()))).toBe(subnets[0]?.toText());
});

test('a network that is started by kinds offers its first subnet where it has none for applications', () => {
    const offered = plansOf(['System', 'NNS', 'II']).map(({ offeredAs }) => offeredAs);
    expect(offered).toEqual(['application', undefined, undefined]);
    const strict = subnetPlans([{ kind: 'System' }, { kind: 'NNS' }]).map(({ offeredAs }) => offeredAs);
    expect(strict).toEqual([undefined, undefined]);
});

test('one subnet may have every id that no other has, without gap or overlap', () => {
    const plans = subnetPlans(kinds.map((kind) => ({ kind }))).map((plan, i) => ({
        ...plan,
        hasRemainingIds: i === 0
    }));
    const network = new Subnets(new Uint8Array(32), plans);
    const ranges = network.identities
        .flatMap(({ canisterRanges }) => canisterRanges)
        .sort((left, right) => Buffer.compare(left.start, right.start));
    const indexOf = (id: Uint8Array): bigint => Buffer.from(id).readBigUInt64BE();
    const next = ranges.map(({ start }) => indexOf(start));
    expect([...ranges.map(({ end }) => indexOf(end) + 1n)]).toEqual([...next.slice(1), 2n ** 64n]);
    expect(next[0]).toBe(0n);
    const places = [0n, 6n, 7n, 8n, 0x10_0000n, 0x210_0002n, 0x8000_0000_0000_0000n].map((index) => {
        const id = network.subnetOf(canisterIdOfIndex(index));
        return kinds[
            network.identities.findIndex(({ subnetId }) => idText(subnetId) === idText(id ?? new Uint8Array()))
        ];
    });
    expect(places).toEqual(['NNS', 'NNS', 'II', 'NNS', 'Application', 'II', 'Application']);
});
