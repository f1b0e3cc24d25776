/** A market at work: validators, an active compute node, an app, and a user with credits. All by the canisters' own rules. */
import { Principal } from '@dfinity/principal';
import { sha256 } from '../../src/core/hash';
import { specV1 } from '../../src/core/poc/spec';
import { DEFAULT_PROFILE } from '../../src/core/tokenomics/profiles';
import { E8S_PER_EMC } from '../../src/core/amount';
import type { _SERVICE as StateMachine } from '../../src/declarations/state_machine';
import { accepted } from './answers';
import type { LocalActor } from './local_network';
import { LocalSuite } from './local_suite';
import { account, allow, give } from './money';
import { answerChallenge } from './poc';

type NodeClass = Parameters<LocalActor<StateMachine>['register_node']>[0]['class'];

export const APP = 'embedding';
export const MODEL_HASH = sha256(new TextEncoder().encode(APP));
export const STATUS_SPACING_S = 60;

const VALIDATORS = ['validator 1', 'validator 2', 'validator 3', 'validator 4'];
const CREDITS = 1_000_000n;
const CREDIT_PRICE_E8S = 100_000n;
const UNIT_PRICE_CREDITS = 10n;
const SLOTS = 64;

/** Any bytes serve as a DER key here: the local network takes a caller's word. */
const keyOf = (name: string): Uint8Array => new TextEncoder().encode(`key of ${name}`);
const idOf = (name: string): Principal => Principal.selfAuthenticating(keyOf(name));

export const USER = idOf('user');
export const NODE = idOf('compute node');
export const STATUS = { queue_depth: 1, capacity: SLOTS, apps: [APP], version: '0.1.0' };

/** Deploys the suite and brings the market up. */
export async function openMarket(): Promise<LocalSuite> {
    const suite = await LocalSuite.deploy({
        statusSpacingS: BigInt(STATUS_SPACING_S),
        pocSpacingS: 0n,
        queueLimits: { max_active: 20_000n, max_queued_per_app: 20_000n, max_silence_s: 31_536_000n },
        // So little work is worth an E only where little is asked.
        pocSpec: specV1({ dimension: 64, samples: 2, newcomerSamples: 2, standardWork: 1n << 20n })
    });
    for (const name of VALIDATORS) join(suite, name, { validator: null });
    suite.network.advance(1);
    for (const name of VALIDATORS) stake(suite, idOf(name));
    accepted(suite.as('state_machine', suite.deployer).admit_validators(VALIDATORS.map(idOf)));
    join(suite, 'compute node', { compute: null });
    await proveComputing(suite);
    registerApp(suite);
    accepted(suite.as('compute_gateway', NODE).attach_node({ apps: [APP], slots: SLOTS, capacity: [] }));
    buyCredits(suite, USER);
    return suite;
}

/** Registers, binds to the deployer's wallet and reports. */
function join(suite: LocalSuite, name: string, nodeClass: NodeClass): void {
    const node = suite.as('state_machine', idOf(name));
    const registration = { class: nodeClass, public_key: keyOf(name), region: 'eu-west', bandwidth_mbps: 100 };
    accepted(node.register_node(registration));
    accepted(node.propose_wallet(account(suite.deployer)));
    accepted(suite.as('state_machine', suite.deployer).bind_wallet(idOf(name), []));
    accepted(node.report_status(STATUS));
}

function stake(suite: LocalSuite, node: Principal): void {
    const { minimumE8s, minimumDays } = DEFAULT_PROFILE.nodeClasses.validator;
    allow(suite, suite.deployer, suite.ids.rewards, minimumE8s);
    const order = { node, term_days: minimumDays, amount_e8s: minimumE8s, from_subaccount: [] as [] };
    accepted(suite.as('rewards', suite.deployer).stake_node(order));
}

/** Three probes by three validators make the node active. */
async function proveComputing(suite: LocalSuite): Promise<void> {
    for (const name of VALIDATORS.slice(0, 3)) {
        const { id } = accepted(suite.as('state_machine', idOf(name)).request_poc(NODE));
        await answerChallenge(suite.as('state_machine', NODE), id);
        suite.network.advance(1);
    }
}

function registerApp(suite: LocalSuite): void {
    const app = {
        app_id: APP,
        kind: { Embedding: null },
        model_hash: MODEL_HASH,
        unit: 'input',
        unit_price_credits: UNIT_PRICE_CREDITS,
        max_units: 64n,
        lease_s: 60n,
        exec_limit_s: [] as [],
        requirements: [] as []
    };
    accepted(suite.as('compute_gateway', suite.deployer).register_app(app));
}

/** Gives somebody credits. */
export function buyCredits(suite: LocalSuite, who: Principal): void {
    const price = CREDITS * CREDIT_PRICE_E8S;
    give(suite, account(who), price + E8S_PER_EMC);
    allow(suite, who, suite.ids.hub, price);
    accepted(suite.as('hub', who).buy_credits({ credits: CREDITS, from_subaccount: [] }));
}
