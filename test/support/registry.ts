/** Nodes on a network: keys, registration, wallets, stakes and the first four validators. */
import { Principal } from '@dfinity/principal';
import type { _SERVICE } from '../../src/declarations/state_machine';
import { DEFAULT_PROFILE } from '../../src/core/tokenomics/profiles';
import type { PicActor } from './pic_actor';
import { proveComputing, type Challenged } from './poc';
import { refusalText } from './refusal';
import type { Suite } from './suite';

export type StateMachine = PicActor<_SERVICE>;
export type Answer<T> = { Ok: T } | { Err: object };
export type NodeClass = 'validator' | 'router' | 'compute';

export const VALIDATORS = ['v1', 'v2', 'v3', 'v4'];
export const RULES = DEFAULT_PROFILE.nodeClasses;
export const STATUS = { queue_depth: 1, capacity: 4, apps: ['embed'], version: '0.1.0' };
const LEDGER_FEE = 100_000n;

export class Refused extends Error {
    constructor(readonly code: string) {
        super(code);
    }
}

export function accepted<T>(answer: Answer<T>): T {
    if ('Err' in answer) throw new Refused(refusalText(answer.Err));
    return answer.Ok;
}

/** Name of the refusal; `ok` without one. */
export const code = (answer: Answer<unknown>): string => ('Err' in answer ? (Object.keys(answer.Err)[0] ?? '') : 'ok');
/** The same of a call that the canister's inspection may turn away before it is executed: `dropped`. */
export const outcome = (call: Promise<Answer<unknown>>): Promise<string> => call.then(code, () => 'dropped');
export const tag = (variant: object | undefined): string => Object.keys(variant ?? {})[0] ?? '';

/** Any bytes serve as a DER key here: the network takes a test's word for who calls. */
export const keyOf = (name: string): Uint8Array => new TextEncoder().encode(`key of ${name}`);
export const idOf = (name: string): Principal => Principal.selfAuthenticating(keyOf(name));

/** What tests do with nodes, each called by its name. */
export class NodeRegistry {
    constructor(readonly suite: Suite) {}

    as(name: string): StateMachine {
        return this.suite.as('state_machine', idOf(name));
    }

    /** A controller, whose wallet all nodes are bound to. */
    governor(): StateMachine {
        return this.suite.as('state_machine', this.suite.deployer);
    }

    register(name: string, nodeClass: NodeClass) {
        return this.as(name).register_node({
            class: { [nodeClass]: null } as { compute: null },
            public_key: keyOf(name),
            region: 'eu-west',
            bandwidth_mbps: 100
        });
    }

    /** Registers, binds to the deployer's wallet and reports. */
    async join(name: string, nodeClass: NodeClass): Promise<void> {
        accepted(await this.register(name, nodeClass));
        accepted(await this.as(name).propose_wallet({ owner: this.suite.deployer, subaccount: [] }));
        accepted(await this.governor().bind_wallet(idOf(name), []));
        accepted(await this.as(name).report_status(STATUS));
    }

    /** Stakes the least amount of the class, or another, out of the deployer's wallet. */
    async stake(
        name: string,
        nodeClass: NodeClass,
        amount = RULES[nodeClass].minimumE8s,
        days = RULES[nodeClass].minimumDays
    ): Promise<void> {
        const { suite } = this;
        const none = {
            from_subaccount: [],
            expected_allowance: [],
            expires_at: [],
            fee: [],
            memo: [],
            created_at_time: []
        };
        const spender = { owner: suite.ids.rewards, subaccount: [] } as { owner: Principal; subaccount: [] };
        const approval = { ...none, spender, amount: amount + LEDGER_FEE };
        accepted(await suite.as('token_icrc1', suite.deployer).icrc2_approve(approval as never));
        const order = { node: idOf(name), term_days: days, amount_e8s: amount };
        accepted(await suite.as('rewards', suite.deployer).stake_node({ ...order, from_subaccount: [] }));
    }

    async admitFour(): Promise<void> {
        for (const name of VALIDATORS) await this.join(name, 'validator');
        await this.suite.advance(1);
        for (const name of VALIDATORS) await this.stake(name, 'validator');
        accepted(await this.governor().admit_validators(VALIDATORS.map(idOf)));
    }

    /** A node and a validator, for a probe. */
    challenged(node: string, validator = 'v1'): Challenged {
        return { node: idOf(node), asNode: this.as(node), asValidator: this.as(validator) };
    }

    /** Has a compute node prove its computing to three validators; the last proof's id. Needs a spacing of zero. */
    prove(name: string): Promise<bigint> {
        const validators = VALIDATORS.map((validator) => this.as(validator));
        return proveComputing(idOf(name), this.as(name), validators);
    }

    async view(name: string) {
        const [view] = await this.as('anybody').get_node(idOf(name));
        if (view === undefined) throw new Refused('NotFound');
        return view;
    }

    async status(name: string): Promise<string> {
        return tag((await this.view(name)).status);
    }

    /** What is left of a node's stake; undefined without one. */
    async remaining(name: string): Promise<bigint | undefined> {
        const [[stake] = []] = await this.suite.as('rewards').get_node_stakes([idOf(name)]);
        return stake?.remaining_e8s;
    }

    async nowMs(): Promise<number> {
        return Math.round(await this.suite.pic.getTime());
    }
}
