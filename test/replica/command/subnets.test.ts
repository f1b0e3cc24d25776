/** `emc-replica start --subnet …`: several subnets behind one address, with and without state. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Actor, HttpAgent, type ActorSubclass } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
import { startNetwork, networkKinds, type SubnetKind } from '../../../src/replica/index';
import { officialInterface } from '../natives/support/interfaces';

const bin = resolve(process.cwd(), 'bin/emc-replica');
const identity = Ed25519KeyIdentity.generate();
const cyclesLedger = 'um5iw-rqaaa-aaaaq-qaaba-cai';
const minting = 'rkp4c-7iaaa-aaaaa-aaaca-cai';
const registry = 'rwlgt-iiaaa-aaaaa-aaaaa-cai';

type Methods = ActorSubclass<Record<string, (...args: unknown[]) => Promise<unknown>>>;

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emc-subnets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
    readonly url: string;
    readonly agent: HttpAgent;
    stop(): Promise<number | null>;
}

async function start(...args: readonly string[]): Promise<Running> {
    const child: ChildProcess = spawn(bin, ['start', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = new Promise<number | null>((done) => child.once('exit', done));
    const text = await new Promise<string>((done) =>
        child.stdout?.once('data', (data: Buffer) => done(data.toString()))
    );
    const url = /http:\S+/.exec(text)?.[0] ?? '';
    // The agent verifies every certificate, delegations of subnets included.
    const agent = await HttpAgent.create({ host: url, identity, shouldFetchRootKey: true });
    const stop = (): Promise<number | null> => {
        child.kill('SIGTERM');
        return exit;
    };
    return { url, agent, stop };
}

async function kindsOf({ url }: Running): Promise<ReadonlyMap<string, string>> {
    const answer = await fetch(`${url}/_/topology`);
    const { subnet_configs } = (await answer.json()) as { subnet_configs: Record<string, { subnet_kind: string }> };
    return new Map(Object.entries(subnet_configs).map(([id, { subnet_kind }]) => [id, subnet_kind]));
}

function subnetOf({ agent }: Running, canisterId: Principal): Promise<unknown> {
    const actor = Actor.createActor(officialInterface('nns_registry'), { agent, canisterId: registry }) as Methods;
    return actor.get_subnet_for_canister?.({ principal: [canisterId] }) as Promise<unknown>;
}

test('subnets: those that are named and those of every network, canisters on the one that is asked for, for as long as the state lasts', async () => {
    const state = ['--state', folder, '--durable'];
    const named = ['--subnet', 'system', '--subnet', 'application', '--subnet', 'application'];
    const network = await start(...state, ...named);
    const kinds = await kindsOf(network);
    expect([...kinds.values()]).toEqual(['Application', 'Application', 'System', 'NNS', 'II', 'Fiduciary']);
    const [first, second] = [...kinds.keys()].map((id) => Principal.fromText(id));
    const cmc = Actor.createActor(officialInterface('nns_cycles_minting'), {
        agent: network.agent,
        canisterId: minting
    }) as Methods;
    expect(await cmc.get_default_subnets?.()).toEqual([first, second]);
    const ledger = Actor.createActor(officialInterface('cycles_ledger'), {
        agent: network.agent,
        canisterId: cyclesLedger
    }) as Methods;
    const subnet_selection = [{ Subnet: { subnet: second } }];
    const created = (await ledger.create_canister?.({
        from_subaccount: [],
        created_at_time: [],
        amount: 2_000_000_000_000n,
        creation_args: [{ subnet_selection, settings: [] }]
    })) as { Ok: { canister_id: Principal } };
    const { canister_id } = created.Ok;
    expect(await subnetOf(network, canister_id)).toEqual({ Ok: { subnet_id: [second] } });
    expect(await network.stop()).toBe(0);

    const again = await start(...state);
    expect(await kindsOf(again)).toEqual(kinds);
    expect(await subnetOf(again, canister_id)).toEqual({ Ok: { subnet_id: [second] } });
    expect(await again.stop()).toBe(0);

    const other = spawnSync(bin, ['start', '--port', '0', ...state, '--subnet', 'system'], { encoding: 'utf8' });
    expect([other.status, other.stderr]).toEqual([
        1,
        expect.stringContaining('began with the subnets Application, Application, System, NNS, II, Fiduciary')
    ]);
});

test('subnets: what makes no sense is wrong usage', () => {
    const refused = (...args: readonly string[]): readonly [number | null, string] => {
        const { status, stderr } = spawnSync(bin, ['start', '--port', '0', ...args], { encoding: 'utf8' });
        return [status, stderr];
    };
    expect(refused('--subnet', 'bakery')).toEqual([2, expect.stringContaining('no subnet of kind bakery')]);
    expect(refused('--durable')).toEqual([2, expect.stringContaining('--durable is about the state')]);
});

test('subnets: a folder is not opened by a network with other system canisters, nor with plans that it cannot keep', async () => {
    const kinds = networkKinds(['application']);
    const subnetKinds: readonly SubnetKind[] = kinds.ok ? kinds.value : [];
    const network = await startNetwork({ port: 0, stateDir: folder, subnetKinds });
    expect(network.identity.subnets.map(({ kind }) => kind)).toEqual(['Application', 'NNS', 'II', 'Fiduciary']);
    await network.close();
    const refused = (options: object, why: string): Promise<unknown> =>
        expect(startNetwork({ port: 0, stateDir: folder, ...options })).rejects.toMatchObject({
            name: 'StateFolderError',
            message: expect.stringContaining(why)
        });
    await refused({ systemCanisters: { faucet: false } }, 'users have been given tokens');
    await refused({ systemCanisters: 'none' }, 'users have been given tokens');
    await refused({ subnets: [] }, 'subnetKinds');
    await (await startNetwork({ port: 0, stateDir: folder })).close();
});
