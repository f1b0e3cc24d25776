/**
 * A state machine with a crowd of staked nodes that owe participation, and with states that became final: the canister as it
 * is deployed, with one more class that fills its tables, because ten thousand stakes would take hours to place.
 */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { join } from 'node:path';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { INTERFACES, type CanisterIds, type Services } from '../../src/client/canisters';
import { initArguments } from '../../src/client/deployment';
import { NS_PER_S } from '../../src/core/clock';
import { CANISTERS } from '../../src/core/peers';
import { readFile } from 'node:fs/promises';
import { sourcesOf } from './canister_sources';
import { NO_ARGUMENTS } from './empty_canister';
import { LocalNetwork, type LocalActor } from './local_network';
import { smallCanister } from './small_canister';

/**
 * `seed` fills in nodes with a stake of 90 days, `seen` has them report and take part, `agree` has states become final,
 * `lapse` makes one a router that was last seen long ago, `newcomer` adds a router that has a wallet and was never seen.
 */
const source = (root: string): string => `import { IDL, Principal } from 'azle';
import endpoints from ${JSON.stringify(join(root, 'canisters/state_machine/index'))};
import { duties, newcomers, registry, slashes, tables } from ${JSON.stringify(join(root, 'canisters/state_machine/wiring'))};
import { azleEnv } from ${JSON.stringify(join(root, 'src/azle/azle_env'))};
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src/azle/endpoint'))};

const DAY_NS = 86_400_000_000_000n;

function principalOf(index: number): Principal {
    const bytes = new Uint8Array(29);
    new DataView(bytes.buffer).setUint32(1, index);
    bytes[28] = 2;
    return Principal.fromUint8Array(bytes);
}

class Seeder {
    @update([IDL.Nat32, IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    seed(from: number, count: number): null {
        const nowNs = azleEnv.nowNs();
        for (let index = from; index < from + count; index++) {
            const node = principalOf(index);
            const profile = { publicKey: new Uint8Array(44), region: 'eu', bandwidthMbps: 100, wallet: undefined };
            tables.nodeIds.append(node);
            tables.profiles.set(node, { ...profile, registeredAtNs: nowNs });
            tables.nodes.set(node, {
                nodeClass: 'compute',
                status: 'Active',
                statusSinceNs: nowNs,
                eValueE8: 100000000n,
                factsVersion: 0n,
                lastPocNs: nowNs
            });
            this.appear(node, nowNs);
            tables.stakes.set(node, { endNs: nowNs + 90n * DAY_NS, sinceNs: nowNs });
            duties.begin(node, nowNs);
        }
        const electors = tables.electors.get();
        tables.electors.set({ ...electors, compute: electors.compute + BigInt(count) });
        return null;
    }

    @update([IDL.Nat32, IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    seen(from: number, count: number): null {
        for (let index = from; index < from + count; index++) this.appear(principalOf(index), azleEnv.nowNs());
        return null;
    }

    @update([IDL.Nat32, IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    agree(count: number, spacing_s: number): null {
        const none = new Uint8Array(32);
        const nowNs = azleEnv.nowNs();
        for (let index = 0; index < count; index++) {
            const finalNs = nowNs - BigInt(count - 1 - index) * BigInt(spacing_s) * 1000000000n;
            tables.states.append({
                round: 0, proposer: 0, setVersion: 1, proposedNs: finalNs, finalNs, hash: none, parentHash: none,
                payloadRoot: none, itemCount: 0, cursors: [0n, 0n, 0n], yes: new Uint8Array(2), no: new Uint8Array(2)
            });
        }
        return null;
    }

    @update([IDL.Nat32, IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    decide(from: number, count: number): null {
        const nowNs = azleEnv.nowNs();
        for (let index = from; index < from + count; index++) {
            slashes.decide({ node: principalOf(index), reason: 'Liveness', windows: 1n, all: false }, nowNs);
        }
        return null;
    }

    @update([IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    lapse(index: number): null {
        const node = principalOf(index);
        const record = tables.nodes.get(node);
        if (record) tables.nodes.set(node, { ...record, nodeClass: 'router', status: 'Active' });
        const electors = tables.electors.get();
        tables.electors.set({ ...electors, router: electors.router + 1n });
        registry.setPresence(node, { lastStatusNs: 1n, lastConsensusNs: 1n, queueDepth: 0, capacity: 1, about: new Uint8Array() });
        return null;
    }

    @update([IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    newcomer(index: number): null {
        const nowNs = azleEnv.nowNs();
        const node = principalOf(index);
        const wallet = { owner: node, subaccount: undefined };
        tables.profiles.set(node, { publicKey: new Uint8Array(44), region: 'eu', bandwidthMbps: 100, wallet, registeredAtNs: nowNs });
        tables.nodes.set(node, {
            nodeClass: 'router', status: 'Registered', statusSinceNs: nowNs, eValueE8: 0n, factsVersion: 0n, lastPocNs: 0n
        });
        newcomers.add(node, nowNs);
        return null;
    }

    @update([], IDL.Nat32, SERVED_WHILE_PAUSED)
    due(): number {
        const first = tables.dutyDue.firstKey();
        return first !== undefined && first.atNs <= azleEnv.nowNs() ? 1 : 0;
    }

    private appear(node: Principal, nowNs: bigint): void {
        const about = new Uint8Array();
        registry.setPresence(node, { lastStatusNs: nowNs, lastConsensusNs: nowNs, queueDepth: 0, capacity: 1, about });
    }
}

export default [...endpoints, Seeder];
`;

/** The node of an index, as the canister's class makes it. */
export function nodeOf(index: number): Principal {
    const bytes = new Uint8Array(29);
    new DataView(bytes.buffer).setUint32(1, index);
    bytes[28] = 2;
    return Principal.fromUint8Array(bytes);
}

/** Instructions of some time, in the state machine and whom it calls. */
export interface SweepCost {
    readonly total: number;
    readonly largest: number;
    /** Until nothing was due any more. */
    readonly seconds: number;
}

const PORTION = 100;

export class DutyCrowd {
    private constructor(
        private readonly network: LocalNetwork,
        private readonly ids: CanisterIds,
        private readonly module: Uint8Array,
        private readonly argument: Uint8Array,
        readonly nodes: number
    ) {}

    /** With `withRewards` decisions find somebody to execute them, who knows no stake; without they wait. */
    static async withNodes(nodes: number, withRewards = false): Promise<DutyCrowd> {
        const builds = await buildCanisters();
        const network = new LocalNetwork();
        const ids = Object.fromEntries(CANISTERS.map((name) => [name, network.create()])) as CanisterIds;
        const args = initArguments(ids, { publicOwner: network.deployer });
        const dependsOn = sourcesOf('state_machine');
        const seeded = await smallCanister({ name: 'duty_state_machine', source, dependsOn });
        const argument = args.get('state_machine') ?? new Uint8Array();
        network.install(ids.state_machine, seeded, argument);
        for (const { name, wasmGzPath } of withRewards ? builds : []) {
            if (name !== 'token_icrc1' && name !== 'rewards') continue;
            network.install(ids[name], new Uint8Array(await readFile(wasmGzPath)), args.get(name) ?? new Uint8Array());
        }
        network.advance(1);
        const crowd = new DutyCrowd(network, ids, seeded, argument, nodes);
        crowd.forAll('seed');
        return crowd;
    }

    /** Every node reports and takes part now. */
    appear(): void {
        this.forAll('seen');
    }

    /** So many states became final, the last one now. */
    agree(states: number, spacingS: number): void {
        for (let left = states; left > 0; left -= PORTION) this.fill('agree', Math.min(PORTION, left), spacingS);
    }

    nowS(): number {
        return Number(this.network.nowNs() / NS_PER_S);
    }

    waitUntil(atS: number): void {
        this.network.advance(Math.max(0, atS - this.nowS()));
    }

    /** The node is an Active router with a stake that was last seen long ago. */
    lapse(index: number): void {
        this.fill('lapse', index);
    }

    /** A router that has registered and bound a wallet, and was never seen. */
    addNewcomer(index: number): void {
        this.fill('newcomer', index);
    }

    /** The same code again, as after every installation of new code: nothing is left on the heap. */
    upgrade(): void {
        this.network.upgrade(this.ids.state_machine, this.module, this.argument);
    }

    /** A deduction of each node is decided. */
    decideAll(): void {
        this.forAll('decide');
    }

    as(caller: Principal): LocalActor<Services['state_machine']> {
        return this.network.actor<Services['state_machine']>(INTERFACES.state_machine, this.ids.state_machine, caller);
    }

    instructionsOf(action: () => unknown): number {
        return this.network.instructionsOf(action);
    }

    /** Lets the timers run until `isDone`, from the next tick on. */
    sweep(isDone: () => boolean): SweepCost {
        let total = 0;
        let largest = 0;
        let seconds = 0;
        const stop = this.network.watchMessages((instructions) => {
            total += instructions;
            largest = Math.max(largest, instructions);
        });
        do {
            this.network.advance(seconds === 0 ? TICK_S : 1);
            seconds += seconds === 0 ? TICK_S : 1;
        } while (!isDone() && seconds < LONGEST_S);
        stop();
        return { total, largest, seconds };
    }

    /** Deductions that were decided so far, and those that rewards has not executed. */
    slashes(): { readonly decided: number; readonly pending: number } {
        const text = this.metrics();
        const figure = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
        return { decided: figure('emc_state_slashes'), pending: figure('emc_state_slashes_pending') };
    }

    private metrics(): string {
        const request = {
            method: 'GET',
            url: '/metrics',
            headers: [],
            body: new Uint8Array(),
            certificate_version: []
        };
        const response = this.as(this.network.deployer).http_request(request as never);
        return new TextDecoder().decode(Uint8Array.from(response.body));
    }

    /** Whether a node's window has ended that nobody has looked at. */
    isDue(): boolean {
        const message = { to: this.ids.state_machine, method: 'due', argument: NO_ARGUMENTS };
        const [due] = IDL.decode([IDL.Nat32], this.network.update({ ...message, from: this.network.deployer }));
        return Number(due) > 0;
    }

    private forAll(method: string): void {
        for (let from = 0; from < this.nodes; from += PORTION) {
            this.fill(method, from, Math.min(PORTION, this.nodes - from));
        }
    }

    private fill(method: string, ...args: readonly number[]): void {
        const types = args.map(() => IDL.Nat32);
        const argument = new Uint8Array(IDL.encode(types, [...args]));
        this.network.update({ to: this.ids.state_machine, method, argument, from: this.network.deployer });
    }
}

/** The state machine's tick. */
const TICK_S = 31;
const LONGEST_S = 7_200;
