/**
 * A suite with a crowd: the state machine and the hub as they are deployed, each with one more class that fills its own
 * tables, because ten thousand proofs of computing and a hundred thousand calls would take hours to make.
 */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { INTERFACES, type CanisterIds, type Services } from '../../src/client/canisters';
import { initArguments } from '../../src/client/deployment';
import { CANISTERS, type CanisterName } from '../../src/core/peers';
import { sourcesOf } from './canister_sources';
import { NO_ARGUMENTS } from './empty_canister';
import { LocalNetwork, type LocalActor } from './local_network';
import { smallCanister } from './small_canister';

/** Principals of nodes, their wallets and buyers: a tag, a number, the suffix of a self-authenticating id. */
const PRINCIPAL_OF = `
function principalOf(tag: number, index: number): Principal {
    const bytes = new Uint8Array(29);
    bytes[0] = tag;
    new DataView(bytes.buffer).setUint32(1, index);
    bytes[28] = 2;
    return Principal.fromUint8Array(bytes);
}`;

/** \`seed(from, count)\` registers Active compute nodes with a wallet each, online and in consensus now. */
const stateMachineSource = (root: string): string => `import { IDL, Principal } from 'azle';
import endpoints from ${JSON.stringify(join(root, 'canisters/state_machine/index'))};
import { registry, tables } from ${JSON.stringify(join(root, 'canisters/state_machine/wiring'))};
import { azleEnv } from ${JSON.stringify(join(root, 'src/azle/azle_env'))};
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src/azle/endpoint'))};
${PRINCIPAL_OF}
class Seeder {
    @update([IDL.Nat32, IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    seed(from: number, count: number): null {
        const nowNs = azleEnv.nowNs();
        for (let index = from; index < from + count; index++) {
            const node = principalOf(1, index);
            tables.nodeIds.append(node);
            tables.profiles.set(node, {
                publicKey: new Uint8Array(44),
                region: 'eu',
                bandwidthMbps: 100,
                registeredAtNs: nowNs,
                wallet: undefined
            });
            tables.nodes.set(node, {
                nodeClass: 'compute',
                status: 'Active',
                statusSinceNs: nowNs,
                eValueE8: 100000000n + BigInt(index),
                factsVersion: 0n,
                lastPocNs: nowNs
            });
            this.report(node, nowNs);
            registry.changeFacts(node, { wallet: { owner: principalOf(2, index) } });
        }
        return null;
    }

    @update([IDL.Nat32, IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    keep_online(from: number, count: number): null {
        for (let index = from; index < from + count; index++) this.report(principalOf(1, index), azleEnv.nowNs());
        return null;
    }

    @update([], IDL.Nat32, SERVED_WHILE_PAUSED)
    facts_left(): number {
        return tables.factsOutbox.size();
    }

    private report(node: Principal, nowNs: bigint): void {
        const about = new Uint8Array();
        tables.presences.set(node, { lastStatusNs: nowNs, lastConsensusNs: nowNs, queueDepth: 0, capacity: 1, about });
    }
}

export default [...endpoints, Seeder];
`;

/**
 * `seed(from, count, nodes)`: successful calls of one credit; call r is of buyer r / nodes to node r % nodes, so that all pairs
 * differ. A close reads the windows' sums and the credit book and no record, so those are filled, by the code that a record
 * fills them with; a portion is of one buyer.
 */
const hubSource = (root: string): string => `import { IDL, Principal } from 'azle';
import endpoints from ${JSON.stringify(join(root, 'canisters/hub/index'))};
import { env, hub } from ${JSON.stringify(join(root, 'canisters/hub/wiring'))};
import { windowAt } from ${JSON.stringify(join(root, 'canisters/hub/domain/calendar'))};
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src/azle/endpoint'))};
${PRINCIPAL_OF}
class Seeder {
    @update([IDL.Nat32, IDL.Nat32, IDL.Nat32], IDL.Null, SERVED_WHILE_PAUSED)
    seed(from: number, count: number, nodes: number): null {
        const clock = hub.calendar.get();
        if (clock === undefined) throw new Error('no clock');
        const buyer = principalOf(3, Math.floor(from / nodes));
        const window = windowAt(clock, env.nowNs());
        for (let call = from; call < from + count; call++) {
            const node = principalOf(1, call % nodes);
            hub.windows.count(window, { node, buyer, success: true, credits: 1n });
        }
        const credits = BigInt(count);
        hub.credits.buy(buyer, credits);
        hub.credits.hold(buyer, credits);
        hub.credits.capture(buyer, credits, credits);
        return null;
    }
}

export default [...endpoints, Seeder];
`;

const seeding = {
    state_machine: { source: stateMachineSource, seeder: ['seed', 'keep_online'] },
    hub: { source: hubSource, seeder: ['seed'] }
} as const;

/** The wasm of a canister; of those that are filled, with the class that fills them. */
async function moduleOf(name: CanisterName, built: string): Promise<Uint8Array> {
    if (name !== 'state_machine' && name !== 'hub') return new Uint8Array(await readFile(built));
    return smallCanister({ name: `seeded_${name}`, source: seeding[name].source, dependsOn: sourcesOf(name) });
}

/** A window could not be closed. */
class NotClosed extends Error {
    constructor(readonly answer: unknown) {
        super(`a window was not closed: ${JSON.stringify(answer, (_, value) => String(value))}`);
        this.name = 'NotClosed';
    }
}

/** Items that one message fills in; a divisor of every number of nodes. */
const PORTION = 100;
const CREDIT_PRICE_E8S = 100_000n;
/** Smaller crowds are there before anybody wonders. */
const TOLD_FROM = 5_000;
/** Between two reports of the nodes: they stay online. */
const REPORT_S = 1_500;

export class Crowd {
    private nodes = 0;
    private calls = 0;

    private constructor(
        readonly network: LocalNetwork,
        readonly ids: CanisterIds
    ) {}

    /** Active compute nodes that rewards knows. */
    static async withNodes(nodes: number): Promise<Crowd> {
        const crowd = await Crowd.deploy();
        for (let from = 0; from < nodes; from += PORTION) {
            crowd.fill('state_machine', 'seed', from, Math.min(PORTION, nodes - from));
            crowd.tell('nodes', from + PORTION, nodes);
        }
        crowd.nodes = nodes;
        for (let left = crowd.unheardOf(); left > 0; left = crowd.unheardOf()) {
            crowd.tell('nodes known to rewards', nodes - left, nodes);
            crowd.network.advance(5);
        }
        return crowd;
    }

    /** Progress, every tenth of the way. */
    private tell(what: string, done: number, all: number): void {
        if (all >= TOLD_FROM && (done * 10) % all < PORTION * 10) process.stderr.write(`${done} ${what}, `);
    }

    /** Makes so many calls of one credit, lets the window end and closes it; what the closing cost. */
    closeWindow(records: number): { readonly total: number; readonly largest: number } {
        const hub = this.as('hub');
        const [view] = hub.current_window();
        if (view === undefined) throw new NotClosed('no window');
        this.makeCalls(records);
        for (let left = this.secondsTo(view.ends_ns); left > 0; left = this.secondsTo(view.ends_ns)) {
            this.network.advance(Math.min(REPORT_S, left));
            for (let from = 0; from < this.nodes; from += PORTION) {
                if (left > 1) this.fill('state_machine', 'keep_online', from, Math.min(PORTION, this.nodes - from));
            }
        }
        if (this.nodes >= TOLD_FROM) process.stderr.write(`closing window ${view.window} with ${records} calls, `);
        return this.measure(() => {
            const answer = hub.settle_window(view.window);
            if ('Err' in answer) throw new NotClosed(answer.Err);
        });
    }

    private makeCalls(records: number): void {
        if (records === 0) return;
        const amount = BigInt(records) * CREDIT_PRICE_E8S;
        const rest = { from_subaccount: [] as [], fee: [] as [], memo: [] as [], created_at_time: [] as [] };
        this.as('token_icrc1').icrc1_transfer({ ...rest, to: this.hubAccount(), amount });
        for (let from = 0; from < records; from += PORTION) {
            this.fill('hub', 'seed', this.calls + from, Math.min(PORTION, records - from), this.nodes);
            this.tell('calls', from + PORTION, records);
        }
        this.calls += records;
    }

    /** A second more than is left, rounded up. */
    private secondsTo(ns: bigint): number {
        return this.network.nowNs() > ns ? 0 : Number((ns - this.network.nowNs()) / 1_000_000_000n) + 1;
    }

    /** Nodes that rewards has not been told of. */
    private unheardOf(): number {
        const message = { to: this.ids.state_machine, method: 'facts_left', argument: NO_ARGUMENTS };
        const [left] = IDL.decode([IDL.Nat32], this.network.update({ ...message, from: this.network.deployer }));
        return Number(left);
    }

    private static async deploy(): Promise<Crowd> {
        const builds = await buildCanisters();
        const network = new LocalNetwork();
        const ids = Object.fromEntries(CANISTERS.map((name) => [name, network.create()])) as CanisterIds;
        const args = initArguments(ids, { publicOwner: network.deployer });
        for (const { name, wasmGzPath } of builds) {
            network.install(ids[name], await moduleOf(name, wasmGzPath), args.get(name) ?? new Uint8Array());
        }
        network.advance(1);
        return new Crowd(network, ids);
    }

    as<Name extends CanisterName>(name: Name, caller = this.network.deployer): LocalActor<Services[Name]> {
        return this.network.actor<Services[Name]>(INTERFACES[name], this.ids[name], caller);
    }

    /** A method of a class that fills tables. */
    fill(name: 'state_machine' | 'hub', method: string, ...args: readonly number[]): void {
        const argument = new Uint8Array(
            IDL.encode(
                args.map(() => IDL.Nat32),
                [...args]
            )
        );
        this.network.update({ to: this.ids[name], method, argument, from: this.network.deployer });
    }

    /** Instructions of an action, in all and of its largest message. */
    measure(action: () => void): { readonly total: number; readonly largest: number } {
        let total = 0;
        let largest = 0;
        const stop = this.network.watchMessages((instructions) => {
            total += instructions;
            largest = Math.max(largest, instructions);
        });
        action();
        stop();
        return { total, largest };
    }

    private hubAccount(): { owner: Principal; subaccount: [] } {
        return { owner: this.ids.hub, subaccount: [] };
    }
}
