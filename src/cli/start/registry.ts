import type { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import type { NodeClass } from '../../core/tokenomics/profile';
import { DEFAULT_PROFILE } from '../../core/tokenomics/profiles';
import { approve } from './funding';
import { COMPUTE_NODES, ROUTERS, VALIDATORS, type Keys } from './keys';
import type { LocalSuite } from './local_suite';
import { expectOk, PATIENCE_SECONDS, waitFor } from './outcome';

const BANDWIDTH_MBPS = 1_000;

/** Registers a node by its own key, binds it to the wallet with both sides' consent, and reports its status once. */
export async function registerNode(
    suite: LocalSuite,
    node: Ed25519KeyIdentity,
    nodeClass: NodeClass,
    wallet: Ed25519KeyIdentity
): Promise<void> {
    const asNode = (await suite.as(node)).state_machine;
    const asWallet = (await suite.as(wallet)).state_machine;
    const candidClass = { [nodeClass]: null } as { validator: null } | { router: null } | { compute: null };
    expectOk(
        'register_node',
        await asNode.register_node({
            class: candidClass,
            public_key: new Uint8Array(node.getPublicKey().toDer()),
            region: 'local',
            bandwidth_mbps: BANDWIDTH_MBPS
        })
    );
    expectOk('propose_wallet', await asNode.propose_wallet({ owner: wallet.getPrincipal(), subaccount: [] }));
    expectOk('bind_wallet', await asWallet.bind_wallet(node.getPrincipal(), []));
    expectOk('report_status', await asNode.report_status({ queue_depth: 0, capacity: 1, apps: [], version: '0.1.0' }));
}

/** Four validators and a router of the operator, two compute nodes of the provider. */
export async function registerAll(suite: LocalSuite, keys: Keys): Promise<void> {
    await Promise.all([
        ...VALIDATORS.map((name) => registerNode(suite, keys[name], 'validator', keys.operator)),
        ...ROUTERS.map((name) => registerNode(suite, keys[name], 'router', keys.operator)),
        ...COMPUTE_NODES.map((name) => registerNode(suite, keys[name], 'compute', keys.provider))
    ]);
}

/** Places the least stake of the class for the least term; waits until rewards knows the node. */
export async function stakeNode(
    suite: LocalSuite,
    staker: Ed25519KeyIdentity,
    node: Principal,
    nodeClass: 'validator' | 'router'
): Promise<void> {
    const rules = DEFAULT_PROFILE.nodeClasses[nodeClass];
    const { rewards } = await suite.as(staker);
    await approve(suite, staker, suite.ids.rewards, rules.minimumE8s);
    const placed = await waitFor('rewards learning of the node', PATIENCE_SECONDS, async () => {
        const answer = await rewards.stake_node({
            node,
            term_days: rules.minimumDays,
            amount_e8s: rules.minimumE8s,
            from_subaccount: []
        });
        return 'Err' in answer && 'UnknownNode' in answer.Err ? undefined : answer;
    });
    expectOk('stake_node', placed);
}

/** Stakes for the validators and the router, one after the other: they come from one wallet. */
export async function stakeAll(suite: LocalSuite, keys: Keys): Promise<void> {
    for (const name of VALIDATORS) await stakeNode(suite, keys.operator, keys[name].getPrincipal(), 'validator');
    for (const name of ROUTERS) await stakeNode(suite, keys.operator, keys[name].getPrincipal(), 'router');
}

/** The first validator set (3F+1 = 4), admitted by the deployer; the router becomes active by its stake. Answers the quorum. */
export async function admitValidators(suite: LocalSuite, keys: Keys): Promise<bigint> {
    const { state_machine: stateMachine } = await suite.as(keys.deployer);
    const validators = VALIDATORS.map((name) => keys[name].getPrincipal());
    const set = expectOk('admit_validators', await stateMachine.admit_validators(validators));
    for (const name of ROUTERS) {
        expectOk('refresh_stake', await stateMachine.refresh_stake(keys[name].getPrincipal()));
    }
    return set.quorum;
}

/** Waits until a node is active, that is, until a quorum of validators has attested its proof of computing. Answers its E × 10^8. */
export async function waitUntilActive(
    suite: LocalSuite,
    keys: Keys,
    node: Principal,
    seconds: number
): Promise<bigint> {
    const { state_machine: stateMachine } = await suite.as(keys.deployer);
    return waitFor(`node ${node.toText()} becoming active`, seconds, async () => {
        const [view] = await stateMachine.get_node(node);
        return view !== undefined && 'Active' in view.status ? view.e_value_e8 : undefined;
    });
}
