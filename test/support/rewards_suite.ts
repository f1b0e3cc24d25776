/** The suite as the tests of the rewards canister see it: they play the hub and the state machine. */
import type { Principal } from '@dfinity/principal';
import type { _SERVICE } from '../../src/declarations/rewards';
import type { _SERVICE as LedgerService } from '../../src/declarations/token_icrc1';
import type { CanisterIds } from '../../src/client/canisters';
import type { SuiteOptions } from '../../src/client/deployment';
import { sha256 } from '../../src/core/hash';
import { purseAccount, type RewardsPurse } from '../../src/core/tokenomics/pools';
import type { PicActor } from './pic_actor';
import { refusalText } from './refusal';
import { deploySuite, principalNamed, type Suite } from './suite';

export type Rewards = PicActor<_SERVICE>;
export type Answer<T> = { Ok: T } | { Err: object };
type CandidAccount = Parameters<PicActor<LedgerService>['icrc1_balance_of']>[0];
type TransferArg = Parameters<PicActor<LedgerService>['icrc1_transfer']>[0];
type ApproveArgs = Parameters<PicActor<LedgerService>['icrc2_approve']>[0];
export type NodeFact = Parameters<Rewards['c2c_put_nodes']>[0][number];

export const FEE = 100_000n;
export const ROUND_S = 7_200;
export const DAY_S = 86_400;
export const HUB = principalNamed('hub');
export const REGISTRY = principalNamed('registry');
export const COMPUTE = { compute: null };
/** E of the reference node A, and the stake that it asks for. */
export const E = 144_508_670n;
export const COMPUTE_STAKE = 144_508_670_000n;

export class Refused extends Error {
    constructor(readonly code: string) {
        super(code);
    }
}

export function accepted<T>(answer: Answer<T>): T {
    if ('Err' in answer) throw new Refused(refusalText(answer.Err));
    return answer.Ok;
}

/** `ok`, or the name of the refusal. */
export const code = (answer: Answer<unknown>): string => ('Err' in answer ? (Object.keys(answer.Err)[0] ?? '') : 'ok');

/** Name of a variant's arm. */
export const tag = (variant: object | undefined): string => Object.keys(variant ?? {})[0] ?? '';

export function account(owner: Principal, subaccount?: Uint8Array): CandidAccount {
    return { owner, subaccount: subaccount === undefined ? [] : [subaccount] };
}

export interface Sale {
    readonly node: Principal;
    readonly buyer: Principal;
    readonly price: bigint;
}

/** What the hub reports of a round. */
export function report(
    round: bigint,
    weights: readonly (readonly [Principal, bigint])[] = [],
    sales: readonly Sale[] = []
): Parameters<Rewards['c2c_settle_round']>[0] {
    return {
        round,
        source_hash: sha256(new TextEncoder().encode(`round ${round}`)),
        weights: weights.map(([node, weight]) => ({ node, weight })),
        trades: sales.map(({ node, buyer, price }) => ({ node, buyer, price_e8s: price })),
        money_e8s: sales.reduce((sum, { price }) => sum + price, 0n)
    };
}

export class RewardsSuite {
    private names = 0;

    private constructor(readonly suite: Suite) {}

    static async deploy(options: SuiteOptions = {}): Promise<RewardsSuite> {
        const suite = await deploySuite(options);
        const world = new RewardsSuite(suite);
        await world.playPeers();
        return world;
    }

    /** The tests take the places of the hub and the state machine, or of some other peers. */
    playPeers(peers: Partial<CanisterIds> = { hub: HUB, state_machine: REGISTRY }): Promise<void> {
        return this.suite.play('rewards', peers);
    }

    upgrade(): Promise<void> {
        return this.suite.upgrade('rewards');
    }

    rewards(who?: Principal): Rewards {
        return this.suite.as('rewards', who);
    }

    ledger(who?: Principal): PicActor<LedgerService> {
        return this.suite.as('token_icrc1', who);
    }

    balanceOf(owner: Principal): Promise<bigint> {
        return this.ledger().icrc1_balance_of(account(owner));
    }

    purseBalance(purse: RewardsPurse): Promise<bigint> {
        const { owner, subaccount } = purseAccount(this.suite.ids.rewards, purse);
        return this.ledger().icrc1_balance_of(account(owner, subaccount));
    }

    /** From the deployer, who owns the public allocation. */
    async give(to: Principal, amount: bigint, subaccount?: Uint8Array): Promise<void> {
        const none: Omit<TransferArg, 'to' | 'amount'> = {
            from_subaccount: [],
            fee: [],
            memo: [],
            created_at_time: []
        };
        accepted(
            await this.ledger(this.suite.deployer).icrc1_transfer({ ...none, to: account(to, subaccount), amount })
        );
    }

    /** Lets the rewards canister pull from an owner. */
    async approve(owner: Principal, amount: bigint): Promise<void> {
        const none: Omit<ApproveArgs, 'spender' | 'amount'> = {
            from_subaccount: [],
            expected_allowance: [],
            expires_at: [],
            fee: [],
            memo: [],
            created_at_time: []
        };
        const spender = account(this.suite.ids.rewards);
        accepted(await this.ledger(owner).icrc2_approve({ ...none, spender, amount }));
    }

    /** Somebody with an amount that the canister may pull; `name` makes the same principal each time. */
    async funded(name: string, amount: bigint): Promise<Principal> {
        const owner = principalNamed(name);
        await this.give(owner, amount + 10n * FEE);
        await this.approve(owner, amount + 5n * FEE);
        return owner;
    }

    /** A node with a wallet, known to rewards. */
    async newNode(nodeClass: NodeFact['class'] = COMPUTE): Promise<{ node: Principal; wallet: Principal }> {
        const n = this.names++;
        const node = principalNamed(`node ${n}`);
        const wallet = principalNamed(`wallet ${n}`);
        const fact: NodeFact = { node, class: nodeClass, wallet: [account(wallet)], e_value_e8: E, version: 1n };
        accepted(await this.rewards(REGISTRY).c2c_put_nodes([fact]));
        return { node, wallet };
    }

    /** Ends the next round and settles it as the hub does, the money of its sales sent before. */
    async settle(weights: readonly (readonly [Principal, bigint])[], sales: readonly Sale[] = []) {
        const round = await this.rewards().next_round();
        const { round: current } = await this.rewards().current_clock();
        if (current <= round) await this.suite.advance(ROUND_S);
        const told = report(round, weights, sales);
        const { subaccount } = purseAccount(this.suite.ids.rewards, 'settlement');
        if (told.money_e8s > 0n) await this.give(this.suite.ids.rewards, told.money_e8s - FEE, subaccount);
        return this.rewards(HUB).c2c_settle_round(told);
    }

    /** The audit holds, and the ledger holds exactly what the books say. */
    async expectSoundBooks(): Promise<void> {
        accepted(await this.rewards(this.suite.deployer).refresh_balances());
        const { holds, complete, checks } = await this.rewards().audit();
        expect(checks.filter((check) => !check.holds)).toEqual([]);
        expect([holds, complete]).toEqual([true, true]);
        for (const { purse, booked_e8s: booked } of await this.rewards().pool_balances()) {
            expect([purse, await this.purseBalance(purse as RewardsPurse)]).toEqual([purse, booked]);
        }
    }
}
