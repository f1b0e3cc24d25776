/** A suite with four validators that agree on states of made-up items, by hand and without agents. */
import { headerOver, rangeLevels, stateHash } from '../../src/core/consensus/state_hash';
import { rootOf } from '../../src/core/consensus/merkle';
import { quorumOf } from '../../src/core/consensus/rounds';
import type { StateItem } from '../../src/core/consensus/state_item';
import { Principal } from '@dfinity/principal';
import { sha256 } from '../../src/core/hash';
import { DEFAULT_PROFILE } from '../../src/core/tokenomics/profiles';
import type { SuiteOptions } from '../../src/client/deployment';
import { accepted } from './answers';
import { LocalSuite } from './local_suite';

const VALIDATORS = ['validator 1', 'validator 2', 'validator 3', 'validator 4'] as const;
const QUORUM = quorumOf(VALIDATORS.length);
const LEDGER_FEE = 100_000n;

const keyOf = (name: string): Uint8Array => new TextEncoder().encode(name);
const idOf = (name: string): Principal => Principal.selfAuthenticating(keyOf(name));

/** What a state cost, in instructions. */
export interface StateCost {
    readonly proposal: number;
    readonly votes: readonly number[];
}

/** No validator is in turn: the set is empty. */
class NoTurn extends Error {
    constructor() {
        super('nobody is in turn');
        this.name = 'NoTurn';
    }
}

export class ValidatorBench {
    private readonly hashes: Uint8Array[] = [];

    private constructor(readonly suite: LocalSuite) {}

    static async deploy(options: SuiteOptions = {}): Promise<ValidatorBench> {
        const canisters = ['token_icrc1', 'rewards', 'state_machine'] as const;
        const bench = new ValidatorBench(await LocalSuite.deploy(options, canisters));
        for (const name of VALIDATORS) bench.register(name, { validator: null });
        bench.suite.network.advance(1);
        for (const name of VALIDATORS) bench.stake(name);
        accepted(bench.governor().admit_validators(VALIDATORS.map(idOf)));
        return bench;
    }

    stateMachine(name: string) {
        return this.suite.as('state_machine', idOf(name));
    }

    /** The next state, of so many items, by the one in turn and a quorum. */
    state(itemCount: number): StateCost {
        const [turn] = this.stateMachine('anybody').get_turn();
        const proposer = VALIDATORS.find((name) => turn && idOf(name).compareTo(turn.proposer) === 'eq');
        if (turn === undefined || proposer === undefined) throw new NoTurn();
        const items = madeUpItems(turn.next_refs.task_digests, itemCount);
        const parentHash = Uint8Array.from(turn.parent_hash);
        const hash = stateHash(headerOver(turn.height, parentHash, items));
        const { height, round } = turn;
        const candid = items.map(({ ref, digest }) => ({ kind: { TaskDigest: null }, ref, digest }));
        const draft = { height, round, parent_hash: parentHash, items: candid };
        const proposal = this.cost(() => accepted(this.stateMachine(proposer).propose_state(draft)));
        const votes = VALIDATORS.slice(0, QUORUM).map((name) =>
            this.cost(() => accepted(this.stateMachine(name).vote_state({ height, round, hash, yes: true })))
        );
        this.hashes.push(hash);
        return { proposal, votes };
    }

    /** Commits all states that are not committed yet, so many at a time. */
    commit(size: number): void {
        const validator = this.stateMachine(VALIDATORS[0]);
        let from = Number(validator.list_commitments(0n, 0n).next_from);
        for (; from <= this.hashes.length; from += size) {
            const hashes = this.hashes.slice(from - 1, from - 1 + size);
            const to = BigInt(from + hashes.length - 1);
            accepted(validator.submit_commitment({ from: BigInt(from), to, root: rootOf(rangeLevels(hashes)) }));
        }
    }

    proofCost(ref: bigint): number {
        const subject = { Item: { kind: { TaskDigest: null }, ref } } as const;
        return this.cost(() => accepted(this.stateMachine('anybody').get_proof(subject)));
    }

    /** A validator's challenge of a compute node. */
    challenge(node: string): bigint {
        return accepted(this.stateMachine(VALIDATORS[0]).request_poc(idOf(node))).id;
    }

    private cost(action: () => unknown): number {
        return this.suite.instructionsOf(action);
    }

    private governor() {
        return this.suite.as('state_machine', this.suite.deployer);
    }

    /** Registers a node and binds it. */
    register(name: string, nodeClass: { validator: null } | { compute: null }): void {
        const application = { public_key: keyOf(name), region: 'eu-west', bandwidth_mbps: 1_000 };
        accepted(this.stateMachine(name).register_node({ class: nodeClass, ...application }));
        accepted(this.stateMachine(name).propose_wallet({ owner: this.suite.deployer, subaccount: [] }));
        accepted(this.governor().bind_wallet(idOf(name), []));
    }

    private stake(name: string): void {
        const { minimumE8s, minimumDays } = DEFAULT_PROFILE.nodeClasses.validator;
        const { suite } = this;
        accepted(
            suite.as('token_icrc1', suite.deployer).icrc2_approve({
                spender: { owner: suite.ids.rewards, subaccount: [] },
                amount: minimumE8s + LEDGER_FEE,
                from_subaccount: [],
                expected_allowance: [],
                expires_at: [],
                fee: [],
                memo: [],
                created_at_time: []
            })
        );
        const order = { node: idOf(name), term_days: minimumDays, amount_e8s: minimumE8s };
        accepted(suite.as('rewards', suite.deployer).stake_node({ ...order, from_subaccount: [] }));
    }
}

function madeUpItems(from: bigint, count: number): readonly StateItem[] {
    return Array.from({ length: count }, (_, i) => {
        const ref = from + BigInt(i);
        return { kind: 'TaskDigest', ref, digest: sha256(keyOf(`item ${ref}`)) };
    });
}
