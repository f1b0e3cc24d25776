/**
 * A suite with a crowd: the state machine as it is deployed with one more class that fills its tables, because ten thousand
 * proofs of computing would take hours to make, and the other canisters as they are. The calls are made by the hub's own
 * methods, in the gateway's name: a row with a reservation, a capture and a receipt each.
 */
import { IDL } from '@dfinity/candid';
import { join } from 'node:path';
import { NS_PER_S } from '../../src/core/clock';
import { CANISTERS } from '../../src/core/peers';
import { accepted, printed } from './answers';
import { sourcesOf } from './canister_sources';
import { CrowdCalls } from './crowd_calls';
import { NO_ARGUMENTS } from './empty_canister';
import { LocalSuite } from './local_suite';
import { smallCanister } from './small_canister';

/** Principals of nodes and their wallets: a tag, a number, the suffix of a self-authenticating id. */
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

/** A window could not be closed, or was closed with other sums than the calls'. */
class NotClosed extends Error {
    constructor(readonly answer: unknown) {
        super(`a window was not closed: ${printed(answer)}`);
        this.name = 'NotClosed';
    }
}

/** Items that one message fills in; a divisor of every number of nodes. */
const PORTION = 100;
/** Smaller crowds are there before anybody wonders. */
const TOLD_FROM = 5_000;
/** Between two reports of the nodes: they stay online. */
const REPORT_S = 1_500;

export class Crowd {
    private readonly calls: CrowdCalls;

    private constructor(
        private readonly suite: LocalSuite,
        private readonly nodes: number
    ) {
        this.calls = new CrowdCalls(suite, nodes);
    }

    /** Active compute nodes that rewards knows. */
    static async withNodes(nodes: number): Promise<Crowd> {
        const dependsOn = sourcesOf('state_machine');
        const seeded = await smallCanister({ name: 'seeded_state_machine', source: stateMachineSource, dependsOn });
        const crowd = new Crowd(await LocalSuite.deploy({}, CANISTERS, { state_machine: seeded }), nodes);
        crowd.ofAll('seed', (done) => crowd.tell('nodes', done, PORTION, nodes));
        while (crowd.unheardOf() > 0) crowd.suite.network.advance(5);
        return crowd;
    }

    /** Progress, every tenth of the way: `done` things after the last step, of `step` things. */
    private tell(what: string, done: number, step: number, all: number): void {
        const tenths = (things: number): number => Math.floor((things * 10) / all);
        if (all >= TOLD_FROM && tenths(done) > tenths(done - step)) process.stderr.write(`${done} ${what}, `);
    }

    /** Makes so many calls of one credit, lets the window end and closes it; what the closing cost. */
    closeWindow(records: number): { readonly total: number; readonly largest: number } {
        const { network } = this.suite;
        const hub = this.suite.as('hub', network.deployer);
        const [{ window, ends_ns } = NO_WINDOW] = hub.current_window();
        this.calls.make(records, (done, step) => this.tell('calls', done, step, records));
        for (let left = this.secondsTo(ends_ns); left > 0; left = this.secondsTo(ends_ns)) {
            network.advance(Math.min(REPORT_S, left));
            if (left > 1) this.ofAll('keep_online');
        }
        if (this.nodes >= TOLD_FROM) process.stderr.write(`closing window ${window} with ${records} calls, `);
        return this.measure(() => {
            const closed = accepted(hub.settle_window(window));
            const trades = Number(closed.trades);
            const nodes = Number(closed.weights);
            if (Number(closed.records) !== records || trades !== records || nodes !== this.nodes) {
                throw new NotClosed(closed);
            }
        });
    }

    /** A second more than is left, rounded up. */
    private secondsTo(ns: bigint): number {
        const left = ns - this.suite.network.nowNs();
        return left < 0n ? 0 : Number(left / NS_PER_S) + 1;
    }

    /** Nodes that rewards has not been told of. */
    private unheardOf(): number {
        const { network, ids } = this.suite;
        const message = { to: ids.state_machine, method: 'facts_left', argument: NO_ARGUMENTS };
        const [left] = IDL.decode([IDL.Nat32], network.update({ ...message, from: network.deployer }));
        return Number(left);
    }

    /** A method of the class that fills tables, for all nodes. */
    private ofAll(method: string, tell: (done: number) => void = () => {}): void {
        const { network, ids } = this.suite;
        for (let from = 0; from < this.nodes; from += PORTION) {
            const argument = new Uint8Array(IDL.encode([IDL.Nat32, IDL.Nat32], [from, PORTION]));
            network.update({ to: ids.state_machine, method, argument, from: network.deployer });
            tell(from + PORTION);
        }
    }

    /** Instructions of an action, in all and of its largest message. */
    private measure(action: () => void): { readonly total: number; readonly largest: number } {
        let total = 0;
        let largest = 0;
        const stop = this.suite.network.watchMessages((instructions) => {
            total += instructions;
            largest = Math.max(largest, instructions);
        });
        action();
        stop();
        return { total, largest };
    }
}

/** Until rewards has told its clock: a window that is closed as such is refused. */
const NO_WINDOW = { window: 0n, ends_ns: 0n };
