/** Every update method of the state machine, called by nobody, by a stranger, and by nodes in each other's place. */
import { IDL } from '@dfinity/candid';
import { idlFactory, type _SERVICE } from '../../src/declarations/state_machine';
import { asService } from '../support/pic_actor';
import { accepted, code, idOf, keyOf, NodeRegistry, outcome, STATUS, type Answer } from '../support/registry';
import { deploySuite, type Suite } from '../support/suite';

type StateMachine = ReturnType<NodeRegistry['as']>;

const HASH = new Uint8Array(32).fill(1);
const ACCOUNT = { owner: idOf('stranger'), subaccount: [] as [] };
const CHARGE = { node: idOf('v4'), reason: 'a reason', evidence_hash: HASH };
const RANGE = { from: 1n, to: 1n, root: HASH };

let suite: Suite;
let net: NodeRegistry;
/** The challenge of `c1` and the case against `v4` that are open all the while. */
let challenge: bigint;
let opened: bigint;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 10n, pocSpacingS: 0n });
    net = new NodeRegistry(suite);
    await net.admitFour();
    await net.join('c1', 'compute');
    await net.prove('c1');
    accepted(await net.governor().open_validator_batch());
    challenge = accepted(await net.as('v1').request_poc(idOf('c1'))).id;
    opened = accepted(await net.as('v1').file_impeachment(CHARGE)).case;
    // Rewards hears of the case.
    await suite.advance(1);
});
afterAll(() => suite.close());

/** What a stranger is answered, and somebody who may do other things but not this. */
interface Refusals {
    readonly call: (caller: StateMachine) => Promise<Answer<unknown>>;
    readonly stranger: string;
    readonly insider: readonly [name: string, answer: string];
}

const refused = (stranger: string, insider: Refusals['insider'], call: Refusals['call']): Refusals => ({
    call,
    stranger,
    insider
});
/** Governance's alone: not even a validator's. */
const governance = (call: Refusals['call']) => refused('Unauthorized', ['v1', 'Unauthorized'], call);
/** A validator's alone: not even an active compute node's. */
const validator = (call: Refusals['call']) => refused('NotAValidator', ['c1', 'NotAValidator'], call);
/** The challenged node's alone: not even that of the validator that asked. */
const challenged = (call: Refusals['call']) => refused('Unauthorized', ['v1', 'Unauthorized'], call);

const anybody = () => net.as('anybody');

const METHODS: Readonly<Record<string, Refusals>> = {
    register_node: refused('InvalidKey', ['c1', 'InvalidKey'], (who) =>
        who.register_node({ class: { compute: null }, public_key: keyOf('victim'), region: 'eu', bandwidth_mbps: 1 })
    ),
    report_status: refused('NotFound', ['stranger', 'NotFound'], (who) => who.report_status(STATUS)),
    set_peers: refused('Unauthorized', ['v1', 'Unauthorized'], async (who) =>
        who.set_peers({ ...(await anybody().get_peers()), hub: [idOf('stranger')] })
    ),
    set_paused: governance((who) => who.set_paused(true)),
    set_governance: governance((who) => who.set_governance([idOf('stranger')])),
    propose_wallet: refused('NotFound', ['c1', 'AlreadyBound'], (who) => who.propose_wallet(ACCOUNT)),
    bind_wallet: refused('AlreadyBound', ['c1', 'AlreadyBound'], (who) => who.bind_wallet(idOf('c1'), [])),
    rebind_wallet: refused('NotWalletOwner', ['c1', 'NotWalletOwner'], (who) =>
        who.rebind_wallet({ node: idOf('c1'), account: ACCOUNT })
    ),
    open_validator_batch: governance((who) => who.open_validator_batch()),
    apply_validator: refused('RequirementsNotMet', ['c1', 'RequirementsNotMet'], (who) => who.apply_validator()),
    admit_validators: governance((who) => who.admit_validators([idOf('stranger')])),
    refresh_stake: refused('NotFound', ['c1', 'NotFound'], (who) => who.refresh_stake(idOf('nobody'))),
    unregister_node: refused('NotFound', ['v1', 'StakeActive'], (who) => who.unregister_node()),
    propose_state: validator((who) => who.propose_state({ height: 1n, round: 0, parent_hash: HASH, items: [] })),
    vote_state: validator((who) => who.vote_state({ height: 1n, round: 0, hash: HASH, yes: true })),
    submit_commitment: validator((who) => who.submit_commitment(RANGE)),
    attest_commitment: validator((who) => who.attest_commitment({ index: 0n, ok: true })),
    file_impeachment: refused('NotSameClass', ['c1', 'NotSameClass'], (who) =>
        who.file_impeachment({ ...CHARGE, node: idOf('v2') })
    ),
    report_key_leak: refused('Unauthorized', ['v2', 'Unauthorized'], (who) => who.report_key_leak(idOf('v1'))),
    vote_case: refused('NotAnElector', ['v4', 'Accused'], (who) => who.vote_case({ case: opened, yes: false })),
    create_pool: refused('NotFound', ['v1', 'NotAComputeNode'], (who) => who.create_pool('a pool')),
    join_pool: refused('NotFound', ['v1', 'NotAComputeNode'], (who) => who.join_pool(0n)),
    leave_pool: refused('NotInPool', ['v1', 'NotInPool'], (who) => who.leave_pool()),
    request_poc: validator((who) => who.request_poc(idOf('c1'))),
    accept_poc: challenged((who) => who.accept_poc(challenge, [])),
    commit_poc: challenged((who) => who.commit_poc({ id: challenge, commitment: HASH, rounds: 1 })),
    open_poc: challenged((who) => who.open_poc(challenge, new Uint8Array(10))),
    attest_poc: validator((who) => who.attest_poc({ id: challenge, ok: true })),
    add_poc_spec: governance(async (who) => {
        const [spec] = await anybody().list_poc_specs();
        return who.add_poc_spec({ ...spec!, version: 2, activation_epoch: 1n << 40n });
    }),
    set_poc_policy: governance(async (who) => who.set_poc_policy(await anybody().get_poc_policy())),
    vote_poc_pause: validator((who) => who.vote_poc_pause(true))
};

/** All that the calls could have changed. */
async function told() {
    const actor = asService<_SERVICE>(anybody());
    return {
        nodes: await actor.list_nodes(0n, 100n),
        validators: await actor.list_validators(),
        batch: await actor.get_validator_batch(),
        turn: (await actor.get_turn())[0]?.height,
        commitments: await actor.list_commitments(0n, 10n),
        cases: await actor.list_cases(0n, 10n),
        pools: await actor.list_pools(0n, 10n),
        challenge: await actor.get_poc(challenge),
        suspension: await actor.get_poc_suspension(),
        specs: await actor.list_poc_specs(),
        policy: await actor.get_poc_policy(),
        peers: await actor.get_peers(),
        governance: await actor.get_governance(),
        paused: (await actor.status()).paused
    };
}

test('the table names every update method of the canister', () => {
    const updates = idlFactory({ IDL })._fields.filter(([, { annotations }]) => annotations.length === 0);
    expect(Object.keys(METHODS).sort()).toEqual(updates.map(([name]) => name).sort());
});

test('nobody is heard, strangers and insiders in the place of another are refused, and nothing has changed', async () => {
    const before = await told();
    const answers: Record<string, readonly string[]> = {};
    for (const [name, { call, insider }] of Object.entries(METHODS)) {
        const nobody = await outcome(call(suite.as('state_machine')));
        const [stranger, other] = [code(await call(net.as('stranger'))), code(await call(net.as(insider[0])))];
        answers[name] = [nobody, stranger, other];
    }
    const expected = Object.entries(METHODS).map(([name, { stranger, insider }]) => [
        name,
        ['dropped', stranger, insider[1]]
    ]);
    expect(answers).toEqual(Object.fromEntries(expected));
    expect(await told()).toEqual(before);
});

test('the weights of a round are the hub’s alone', async () => {
    const args = { at_ns: 0n, start: 0n, take: 1n };
    for (const who of [suite.as('state_machine'), net.as('stranger'), net.as('v1'), net.governor()]) {
        await expect(who.c2c_weight_snapshot(args)).rejects.toThrow(/Unauthorized/);
    }
});
