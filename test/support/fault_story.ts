/** Random operations on the built rewards canister, each with a fault of its ledger. */
import type { Principal } from '@dfinity/principal';
import * as fc from 'fast-check';
import { INTERFACES } from '../../src/client/canisters';
import { purseAccount } from '../../src/core/tokenomics/pools';
import { memosOf } from './conservation';
import type { LedgerFault } from './faulty_ledger';
import { toPicPrincipal } from './pic_actor';
import {
    account,
    code,
    COMPUTE_STAKE,
    DAY_S,
    FEE,
    HUB,
    REGISTRY,
    report,
    type RewardsSuite,
    ROUND_S,
    type Sale
} from './rewards_suite';

const NODES = 3;
const HOLDERS = 2;
const EMC = 100_000_000n;
const RICH = 1_000_000n * EMC;
/** Longer than the pause after which an unanswered call is asked again. */
const RETRY_S = 700;

/** `stopped`: the ledger is stopped meanwhile; the others are the faulty ledger's. */
const FAULTS = ['none', 'unavailable', 'trap', 'lost_reply', 'stopped'] as const;
type Fault = (typeof FAULTS)[number];

export type FaultStep =
    | { readonly kind: 'settle'; readonly weights: readonly number[]; readonly price: number }
    | { readonly kind: 'request' | 'cancel'; readonly who: number }
    | { readonly kind: 'claim'; readonly who: number; readonly fault: Fault; readonly twice: boolean }
    | { readonly kind: 'held_claim'; readonly who: number; readonly upgrade: boolean }
    | { readonly kind: 'stake' | 'top_up' | 'release'; readonly who: number; readonly fault: Fault }
    | { readonly kind: 'hold'; readonly who: number; readonly emc: number; readonly fault: Fault }
    | { readonly kind: 'withdraw'; readonly who: number; readonly fault: Fault }
    | { readonly kind: 'slash'; readonly who: number; readonly windows: number }
    | { readonly kind: 'tick'; readonly fault: Fault }
    | { readonly kind: 'wait'; readonly days: number }
    | { readonly kind: 'upgrade' };

const kind = <Kind extends string>(...names: Kind[]): fc.Arbitrary<Kind> => fc.constantFrom(...names);
const fault = fc.constantFrom(...FAULTS);
const who = fc.nat(NODES - 1);

export const faultStep: fc.Arbitrary<FaultStep> = fc.oneof(
    fc.record({
        kind: kind('settle'),
        weights: fc.array(fc.nat(100), { minLength: NODES, maxLength: NODES }),
        price: fc.constantFrom(0, 0, 1_234_567_891)
    }),
    fc.record({ kind: kind('request', 'cancel'), who }),
    fc.record({ kind: kind('request'), who }),
    fc.record({ kind: kind('claim'), who, fault, twice: fc.boolean() }),
    fc.record({ kind: kind('claim'), who, fault, twice: fc.boolean() }),
    fc.record({ kind: kind('held_claim'), who, upgrade: fc.boolean() }),
    fc.record({ kind: kind('stake', 'top_up', 'release'), who, fault }),
    fc.record({ kind: kind('hold'), who, emc: fc.integer({ min: 10, max: 5_000 }), fault }),
    fc.record({ kind: kind('withdraw'), who, fault }),
    fc.record({ kind: kind('slash'), who, windows: fc.nat(20) }),
    fc.record({ kind: kind('tick'), fault }),
    fc.record({ kind: kind('wait'), days: fc.constantFrom(1, 8, 31) }),
    fc.record({ kind: kind('upgrade') })
);

/** Sends the call and does not wait for its answer. */
export async function submitClaim(
    { suite: { pic, ids } }: RewardsSuite,
    { wallet, id }: { readonly wallet: Principal; readonly id: bigint }
): Promise<void> {
    const deferred = pic.createDeferredActor(INTERFACES.rewards as never, toPicPrincipal(ids.rewards));
    deferred.setPrincipal(toPicPrincipal(wallet));
    await (deferred as unknown as { claim(id: bigint): Promise<unknown> }).claim(id);
}

interface Node {
    readonly node: Principal;
    readonly wallet: Principal;
}

export class FaultStory {
    private cases = 0n;

    private constructor(
        private readonly world: RewardsSuite,
        private readonly setFault: (fault: LedgerFault) => Promise<void>,
        private readonly nodes: readonly Node[],
        private readonly staker: Principal,
        private readonly holders: readonly Principal[]
    ) {}

    static async begin(world: RewardsSuite, setFault: (fault: LedgerFault) => Promise<void>): Promise<FaultStory> {
        const nodes: Node[] = [];
        for (let n = 0; n < NODES; n++) nodes.push(await world.newNode());
        const holders: Principal[] = [];
        for (let n = 0; n < HOLDERS; n++) holders.push(await world.funded(`fault holder ${n}`, RICH));
        return new FaultStory(world, setFault, nodes, await world.funded('fault staker', RICH), holders);
    }

    async run(step: FaultStep): Promise<void> {
        const { world } = this;
        switch (step.kind) {
            case 'settle':
                return this.settle(step.weights, step.price);
            case 'held_claim':
                return this.heldClaim(step.who, step.upgrade);
            case 'slash':
                return this.slash(step.who, BigInt(step.windows));
            case 'wait':
                return world.suite.advance(step.days * DAY_S);
            case 'upgrade':
                return world.upgrade();
            case 'request':
            case 'cancel':
                return this.withFault('none', () => this.operate(step));
            default:
                return this.withFault(step.fault, () => this.operate(step));
        }
    }

    /** Refusals are answers, too; what matters is what the books and the ledger say in the end. */
    private async operate(step: Exclude<FaultStep, { kind: 'settle' | 'held_claim' | 'slash' | 'wait' | 'upgrade' }>) {
        const { world } = this;
        if (step.kind === 'tick') return world.suite.advance(20);
        const { node, wallet } = this.nodeOf(step.who);
        const staker = world.rewards(this.staker);
        const holder = this.holders[step.who % HOLDERS] ?? this.staker;
        const from_subaccount: [] = [];
        switch (step.kind) {
            case 'request':
                return world.rewards(wallet).request_claim({ subaccount: [], amount_e8s: [] });
            case 'cancel':
                return world.rewards(wallet).cancel_claim((await this.claimOf(step.who)) ?? 0n);
            case 'claim': {
                const id = await this.claimOf(step.who);
                if (id === undefined) return;
                const calls = step.twice ? [wallet, this.staker] : [wallet];
                return Promise.all(calls.map((caller) => world.rewards(caller).claim(id)));
            }
            case 'stake':
                return staker.stake_node({ node, term_days: 7n, amount_e8s: COMPUTE_STAKE, from_subaccount });
            case 'top_up':
                return staker.top_up_stake({ node, amount_e8s: 3n * EMC, from_subaccount });
            case 'release':
                return staker.release_stake(node);
            case 'hold': {
                const order = { amount_e8s: BigInt(step.emc) * EMC, term_days: 30n, from_subaccount };
                return world.rewards(holder).stake_tokens(order);
            }
            case 'withdraw': {
                const stakes = await world.rewards().list_stakes(holder, 0n, 100n);
                for (const { id } of stakes) await world.rewards(holder).withdraw_stake(id);
                return;
            }
        }
    }

    private nodeOf(who: number): Node {
        return this.nodes[who] as Node;
    }

    private async claimOf(who: number): Promise<bigint | undefined> {
        const claims = await this.world.rewards().list_claims(account(this.nodeOf(who).wallet), 0n, 100n);
        return claims[claims.length - 1]?.id;
    }

    private async withFault(kindOfFault: Fault, operation: () => Promise<unknown>): Promise<void> {
        const { pic, ids, deployer } = this.world.suite;
        const target = { canisterId: toPicPrincipal(ids.token_icrc1), sender: toPicPrincipal(deployer) };
        if (kindOfFault === 'stopped') await pic.stopCanister(target);
        else if (kindOfFault !== 'none') await this.setFault(kindOfFault);
        await operation();
        if (kindOfFault === 'stopped') await pic.startCanister(target);
        else if (kindOfFault !== 'none') await this.setFault('none');
    }

    /** The ledger has executed and says nothing; meanwhile the canister may be upgraded. */
    private async heldClaim(n: number, upgrade: boolean): Promise<void> {
        const id = await this.claimOf(n);
        if (id === undefined) return;
        await this.setFault('held_reply');
        await submitClaim(this.world, { wallet: this.nodeOf(n).wallet, id });
        await this.world.suite.pic.tick(3);
        if (upgrade) await this.world.upgrade();
        await this.setFault('none');
        await this.world.suite.pic.tick(3);
    }

    private async slash(n: number, windows: bigint): Promise<void> {
        this.cases += 1n;
        const reason = { Liveness: null } as const;
        const order = { node: this.nodeOf(n).node, case: this.cases, windows, reason, all: false };
        const registry = this.world.rewards(REGISTRY);
        const first = await registry.c2c_slash(order);
        if ('Ok' in first) expect(await registry.c2c_slash(order)).toEqual(first);
    }

    /** As the hub does: the money is sent once, the report until it is taken. */
    private async settle(weights: readonly number[], price: number): Promise<void> {
        const { world } = this;
        const round = await world.rewards().next_round();
        const { round: current } = await world.rewards().current_clock();
        if (current <= round) await world.suite.advance(ROUND_S);
        const [first] = this.nodes;
        const sales: Sale[] =
            price === 0 || first === undefined ? [] : [{ node: first.node, buyer: this.staker, price: BigInt(price) }];
        const told = report(
            round,
            this.nodes.map(({ node }, i) => [node, BigInt(weights[i] ?? 0)] as const),
            sales
        );
        const { subaccount } = purseAccount(world.suite.ids.rewards, 'settlement');
        if (price > 0) await world.give(world.suite.ids.rewards, told.money_e8s - FEE, subaccount);
        for (let tries = 0; tries < 10; tries++) {
            const answer = await world.rewards(HUB).c2c_settle_round(told);
            if ('Ok' in answer) return;
            expect(code(answer)).toBe('TemporarilyUnavailable');
            await world.suite.advance(RETRY_S);
        }
        expect('settled').toBe('never');
    }

    /** Without faults, until nothing is open any more. */
    async end(): Promise<void> {
        for (let run = 0; run < 30; run++) {
            await this.world.suite.advance(RETRY_S);
            if ((await this.world.rewards().audit()).open_transfers === 0n) return;
        }
        expect((await this.world.rewards().audit()).open_transfers).toBe(0n);
    }

    /** No transfer of the rewards canister is in two blocks, and wallets have what their claims say. */
    async expectPaidOnce(): Promise<void> {
        const memos = await memosOf(this.world.ledger());
        expect(new Set(memos).size).toBe(memos.length);
        expect(memos.length).toBeGreaterThan(0);
        for (const { wallet } of this.nodes) {
            const claims = await this.world.rewards().list_claims(account(wallet), 0n, 100n);
            const paid = claims.flatMap(({ state }) => ('Paid' in state ? [state.Paid.paid_e8s] : []));
            expect(await this.world.balanceOf(wallet)).toBe(paid.reduce((sum, amount) => sum + amount, 0n));
        }
    }
}
