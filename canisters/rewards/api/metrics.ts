import type { Metric } from '../../../src/azle/http';
import { state } from '../wiring';

/** Figures for Prometheus; amounts in e8s. */
export function metrics(): readonly Metric[] {
    const emission = state.emission.get();
    const trade = state.trade.get();
    return [
        gauge('emc_rewards_next_round', 'Round that must be settled next.', state.settlements.length()),
        gauge('emc_rewards_nodes', 'Nodes in the directory.', state.nodeIndex.length()),
        gauge('emc_rewards_accounts', 'Accounts that earned something.', state.accountIndex.length()),
        gauge('emc_rewards_claims', 'Claims requested so far.', state.claims.length()),
        gauge('emc_rewards_open_transfers', 'Ledger transfers without an outcome.', state.due.size()),
        gauge('emc_rewards_lost_transfers', 'Ledger transfers that need a balance to decide.', state.lost.get().length),
        gauge('emc_rewards_staked_e8s', 'Node stakes.', state.stakedE8s.get()),
        counter('emc_rewards_emitted_e8s', 'Emission so far.', emission.emittedE8s),
        counter('emc_rewards_trade_volume_e8s', 'Compute trades so far.', trade.volumeE8s),
        counter('emc_rewards_trade_rewards_e8s', 'Trade rewards so far.', trade.rewardsE8s)
    ];
}

function gauge(name: string, help: string, value: bigint | number): Metric {
    return { name, help, kind: 'gauge', value };
}

function counter(name: string, help: string, value: bigint | number): Metric {
    return { name, help, kind: 'counter', value };
}
