import { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../src/core/amount';
import { sha256 } from '../../src/core/hash';
import { purseAccount } from '../../src/core/tokenomics/pools';
import { extendDigest, MAX_PAGE_ITEMS, NO_PAGES, sourceHashOf, weightPageCodec } from '../../src/core/round_pages';
import type { _SERVICE } from '../../src/declarations/rewards';
import { accepted } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import { principalNamed, type LocalActor } from '../lib/local_network';
import { LocalSuite } from '../lib/local_suite';
import { account, give } from '../lib/money';

type Rewards = LocalActor<_SERVICE>;
type RoundReport = Parameters<Rewards['c2c_settle_round']>[0];

const NODES = 100;
const ROUNDS = 7;
const ROUND_S = 60;
const PRICE_E8S = 100_000_000n;
const HUB = principalNamed('hub');
const STATE_MACHINE = principalNamed('state machine');

const nodes = Array.from({ length: NODES }, (_, index) => principalNamed(`node ${index}`));
const walletOf = (node: Principal) => account(Principal.selfAuthenticating(node.toUint8Array()));

/** A suite whose rewards canister takes the benchmark for hub and state machine, and knows the nodes. */
async function prepared(known: readonly Principal[] = nodes): Promise<LocalSuite> {
    const played = { rewards: { hub: HUB, state_machine: STATE_MACHINE } };
    const suite = await LocalSuite.deploy({ roundS: BigInt(ROUND_S) }, ['token_icrc1', 'rewards'], {}, played);
    const facts = known.map((node) => ({
        node,
        class: { compute: null },
        wallet: [walletOf(node)] as [ReturnType<typeof walletOf>],
        e_value_e8: 100_000_000n,
        version: 1n
    }));
    for (let at = 0; at < facts.length; at += FACTS_PER_CALL) {
        accepted(suite.as('rewards', STATE_MACHINE).c2c_put_nodes(facts.slice(at, at + FACTS_PER_CALL)));
    }
    return suite;
}

/** What the hub reports of a round in which every node worked. */
function reportOf(round: bigint, trades: number): RoundReport {
    return {
        round,
        source_hash: sha256(new TextEncoder().encode(`window ${round}`)),
        weights: nodes.map((node, index) => ({ node, weight: BigInt(index + 1) * 1_000_003n })),
        trades: nodes.slice(0, trades).map((node) => ({ node, buyer: HUB, price_e8s: PRICE_E8S })),
        money_e8s: BigInt(trades) * PRICE_E8S
    };
}

/** Settles rounds as they end, the money of their trades lying ready. */
async function settlements(trades: number): Promise<readonly number[]> {
    const suite = await prepared();
    const rewards = suite.as('rewards', HUB);
    const runs: number[] = [];
    while (runs.length < ROUNDS) {
        suite.network.advance(ROUND_S);
        const report = reportOf(rewards.next_round(), trades);
        if (trades > 0) giveToPurse(suite, report.money_e8s - LEDGER_FEE_E8S);
        runs.push(suite.instructionsOf(() => accepted(rewards.c2c_settle_round(report))));
    }
    return runs;
}

function giveToPurse(suite: LocalSuite, amount: bigint): void {
    const purse = purseAccount(suite.ids.rewards, 'settlement');
    give(suite, account(purse.owner, purse.subaccount), amount);
}

const CROWD = 10_000;
const FACTS_PER_CALL = 200;

interface StagedRun {
    readonly perNode: number;
    readonly largest: number;
}

/** A round of 10 000 weights, told and paid page by page. */
async function stagedRound(): Promise<StagedRun> {
    const crowd = Array.from({ length: CROWD }, (_, index) => principalNamed(`node ${index}`));
    const suite = await prepared(crowd);
    const rewards = suite.as('rewards', HUB);
    suite.network.advance(ROUND_S);
    const weights = crowd.map((node, index) => ({ node, weight: BigInt(index + 1) * 1_000_003n }));
    const pages: Uint8Array[] = [];
    for (let at = 0; at < CROWD; at += MAX_PAGE_ITEMS) {
        pages.push(weightPageCodec.encode(weights.slice(at, at + MAX_PAGE_ITEMS)));
    }
    const header = { round: rewards.next_round(), moneyE8s: 0n, weights: BigInt(CROWD), trades: 0n };
    const key = {
        round: header.round,
        source_hash: sourceHashOf(header, pages.reduce(extendDigest, NO_PAGES), NO_PAGES)
    };
    const sums = { money_e8s: 0n, weights: header.weights, trades: 0n };
    const counts = { weight_pages: BigInt(pages.length), trade_pages: 0n };
    const costs: number[] = [];
    const stop = suite.network.watchMessages((instructions) => costs.push(instructions));
    accepted(rewards.c2c_settle_round_begin({ ...key, ...sums, ...counts }));
    pages.forEach((page, seq) => accepted(rewards.c2c_settle_round_page({ ...key, seq: BigInt(seq), page })));
    for (let settled = false; !settled;) {
        settled = accepted(rewards.c2c_settle_round_commit(key)).settlement.length > 0;
    }
    stop();
    return { perNode: sum(costs) / CROWD, largest: Math.max(...costs) };
}

interface ClaimRun {
    /** The call, its callback, and the ledger's transfer between them. */
    readonly answering: number;
    readonly rewards: number;
    /** With what the ledger does afterwards for the block that it wrote. */
    readonly all: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Claims of wallets whose money is synced already. */
async function claimRuns(): Promise<readonly ClaimRun[]> {
    const suite = await prepared();
    const rewards = suite.as('rewards', HUB);
    suite.network.advance(ROUND_S);
    accepted(rewards.c2c_settle_round(reportOf(rewards.next_round(), 0)));
    const claimants = nodes.slice(0, ROUNDS).map((node) => suite.as('rewards', walletOf(node).owner));
    const ids = claimants.map((wallet) => accepted(wallet.request_claim({ subaccount: [], amount_e8s: [] })).id);
    suite.network.advance(1);
    return claimants.map((wallet, index) => {
        const { answering, afterwards } = suite.network.messagesOf(() => accepted(wallet.claim(ids[index] ?? 0n)));
        const [call, , callback] = answering;
        if (call === undefined || callback === undefined || answering.length !== 3) throw new OtherMessages(answering);
        return { answering: sum(answering), rewards: call + callback, all: sum(answering) + sum(afterwards) };
    });
}

/** A claim took other messages than the call, the ledger's transfer and the callback. */
class OtherMessages extends Error {
    constructor(readonly messages: readonly number[]) {
        super(`a claim was answered after ${messages.length} messages`);
        this.name = 'OtherMessages';
    }
}

const claims = once(claimRuns);
const staged = once(stagedRound);
const weightsOnly = once(() => settlements(0));
const unit = 'instructions';

export const rewardsBenchmarks: readonly Benchmark[] = [
    {
        name: 'claim',
        unit,
        description:
            'rewards.claim of a synced claim over all messages up to its answer: the call, the transfer on the ledger, the callback.',
        runs: async () => (await claims()).map(({ answering }) => answering)
    },
    {
        name: 'claim_rewards',
        unit,
        description: 'Of that, what the rewards canister spends: the call and the callback.',
        runs: async () => (await claims()).map(({ rewards }) => rewards)
    },
    {
        name: 'claim_with_block',
        unit,
        description:
            'The same claim with what the ledger does after it: the hash of its block and the new tip certificate.',
        runs: async () => (await claims()).map(({ all }) => all)
    },
    {
        name: 'settle_per_node',
        unit,
        description: `A round of ${CROWD} weights told and paid in pages, all messages together, divided by the nodes.`,
        runs: async () => [(await staged()).perNode]
    },
    {
        name: 'settle_largest_message',
        unit,
        description: 'The largest message of that round.',
        runs: async () => [(await staged()).largest]
    },
    {
        name: 'settle_round',
        unit,
        description: `rewards.c2c_settle_round of ${NODES} weights without trades, with the work that it leaves for the timer.`,
        runs: weightsOnly
    },
    {
        name: 'settle_round_per_node',
        unit,
        description: 'The same, divided by the nodes.',
        runs: async () => (await weightsOnly()).map((value) => value / NODES)
    },
    {
        name: 'settle_round_trades',
        unit,
        description: `The same of ${NODES} weights and ${NODES} trades, the ledger asked for their money included.`,
        runs: () => settlements(NODES)
    }
];
