/** What a paid job needs on a network: validators, active compute nodes, users with credits and API keys. */
import { Principal } from '@dfinity/principal';
import { sha256 } from '../../src/core/hash';
import { DEFAULT_PROFILE } from '../../src/core/tokenomics/profiles';
import { proveComputing } from './poc';
import type { Suite } from './suite';

const VALIDATORS = ['validator 1', 'validator 2', 'validator 3', 'validator 4'];
const CREDIT_PRICE_E8S = 100_000n;
const LEDGER_FEE_E8S = 100_000n;
const NO_OPTIONS = {
    from_subaccount: [],
    expected_allowance: [],
    expires_at: [],
    fee: [],
    memo: [],
    created_at_time: []
} satisfies Record<string, []>;

/** A step of a test's preparation was refused. */
export class Refused extends Error {
    constructor(readonly code: string) {
        super(code);
        this.name = 'Refused';
    }
}

export type Answer<T> = { Ok: T } | { Err: object };

/** The answer's value. @throws {@link Refused} */
export function accepted<T>(answer: Answer<T>): T {
    if ('Err' in answer) throw new Refused(code(answer));
    return answer.Ok;
}

/** Name of the refusal; `ok` without one. */
export function code(answer: Answer<unknown>): string {
    return 'Err' in answer ? (Object.keys(answer.Err)[0] ?? '') : 'ok';
}

/** Any bytes serve as a DER key here: the network takes a test's word for who calls. */
const keyOf = (name: string): Uint8Array => new TextEncoder().encode(`key of ${name}`);

/** Somebody with a key. */
export interface KeyHolder {
    readonly principal: Principal;
    /** DER. */
    readonly publicKey: Uint8Array;
}

/** The holder of the key that is made from the name. */
export function holderOf(name: string): KeyHolder {
    return { principal: idOf(name), publicKey: keyOf(name) };
}

/** The principal whose key is made from the name. */
export function idOf(name: string): Principal {
    return Principal.selfAuthenticating(keyOf(name));
}

/** Four staked validators, admitted together. */
export async function admitValidators(suite: Suite): Promise<void> {
    for (const name of VALIDATORS) await joinNetwork(suite, holderOf(name), 'validator');
    await suite.advance(1);
    for (const name of VALIDATORS) await stake(suite, name);
    accepted(await suite.as('state_machine', suite.deployer).admit_validators(VALIDATORS.map(idOf)));
}

/** A compute node that has proved its computing to three validators. The suite must let it prove as often as it likes. */
export async function activateNode(suite: Suite, holder: KeyHolder): Promise<Principal> {
    await joinNetwork(suite, holder, 'compute');
    const validators = VALIDATORS.map((name) => suite.as('state_machine', idOf(name)));
    await proveComputing(holder.principal, suite.as('state_machine', holder.principal), validators);
    return holder.principal;
}

/** Registers, binds to the deployer's wallet and reports. */
export async function joinNetwork(
    suite: Suite,
    { principal, publicKey }: KeyHolder,
    nodeClass: 'validator' | 'compute'
): Promise<void> {
    const node = suite.as('state_machine', principal);
    accepted(
        await node.register_node({
            class: { [nodeClass]: null } as { compute: null },
            public_key: publicKey,
            region: 'eu-west',
            bandwidth_mbps: 100
        })
    );
    accepted(await node.propose_wallet({ owner: suite.deployer, subaccount: [] }));
    accepted(await suite.as('state_machine', suite.deployer).bind_wallet(principal, []));
    accepted(await node.report_status({ queue_depth: 0, capacity: 4, apps: [], version: '0' }));
}

async function stake(suite: Suite, name: string): Promise<void> {
    const { minimumE8s, minimumDays } = DEFAULT_PROFILE.nodeClasses.validator;
    await approve(suite, suite.deployer, suite.ids.rewards, minimumE8s);
    const order = { node: idOf(name), term_days: minimumDays, amount_e8s: minimumE8s, from_subaccount: [] as [] };
    accepted(await suite.as('rewards', suite.deployer).stake_node(order));
}

/** Gives somebody EMC and turns it into credits. */
export async function buyCredits(suite: Suite, who: Principal, credits: bigint): Promise<void> {
    const to = { owner: who, subaccount: [] as [] };
    const amount = credits * CREDIT_PRICE_E8S + 2n * LEDGER_FEE_E8S;
    const ledger = suite.as('token_icrc1', suite.deployer);
    accepted(await ledger.icrc1_transfer({ to, amount, from_subaccount: [], fee: [], memo: [], created_at_time: [] }));
    await approve(suite, who, suite.ids.hub, credits * CREDIT_PRICE_E8S);
    accepted(await suite.as('hub', who).buy_credits({ credits, from_subaccount: [] }));
}

async function approve(suite: Suite, owner: Principal, spender: Principal, amount: bigint): Promise<void> {
    const approval = {
        ...NO_OPTIONS,
        spender: { owner: spender, subaccount: [] as [] },
        amount: amount + LEDGER_FEE_E8S
    };
    accepted(await suite.as('token_icrc1', owner).icrc2_approve(approval));
}

/** Makes an API key of a secret; answers the hash that the hub knows. */
export async function createApiKey(suite: Suite, owner: Principal, secret: string): Promise<Uint8Array> {
    const keyHash = sha256(new TextEncoder().encode(secret));
    accepted(await suite.as('hub', owner).create_api_key({ label: secret, key_hash: keyHash }));
    return keyHash;
}
