import { Principal } from '@dfinity/principal';
import { LEDGER_FEE_E8S } from '../../src/core/amount';
import { sha256 } from '../../src/core/hash';
import { purseAccount } from '../../src/core/tokenomics/pools';
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
async function prepared(): Promise<LocalSuite> {
    const suite = await LocalSuite.deploy({ roundS: BigInt(ROUND_S) }, ['token_icrc1', 'rewards']);
    const governor = suite.as('rewards', suite.deployer);
    accepted(governor.set_peers({ ...governor.get_peers(), hub: [HUB], state_machine: [STATE_MACHINE] }));
    const facts = nodes.map((node) => ({
        node,
        class: { compute: null },
        wallet: [walletOf(node)] as [ReturnType<typeof walletOf>],
        e_value_e8: 100_000_000n,
        version: 1n
    }));
    accepted(suite.as('rewards', STATE_MACHINE).c2c_put_nodes(facts));
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

const weightsOnly = once(() => settlements(0));
const unit = 'instructions';

export const rewardsBenchmarks: readonly Benchmark[] = [
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
