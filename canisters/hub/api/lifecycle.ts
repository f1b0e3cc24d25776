import { init, postUpgrade } from '../../../src/azle/endpoint';
import { discoverPeers } from '../../../src/azle/peer_discovery';
import { fromCandidPeers } from '../../../src/azle/peers';
import { stampSchema, upgradeSchema } from '../../../src/azle/schema';
import { invariant } from '../../../src/core/assert';
import { DEFAULT_CONFIG, type HubConfig } from '../domain/config';
import { armTimers } from '../jobs/schedule';
import { migrations } from '../migrations';
import { SCHEMA_VERSION } from '../storage';
import { governance, hub, peers, tables } from '../wiring';
import { InitArgs, type CandidInitArgs } from './idl';

/** Installation and upgrade. A price of 0, or an interval that ends before it begins, traps: nothing is installed. */
export class Lifecycle {
    @init([InitArgs])
    install([args]: CandidInitArgs): void {
        stampSchema(tables, SCHEMA_VERSION);
        const creditPriceE8s = args?.credit_price_e8s[0] ?? DEFAULT_CONFIG.creditPriceE8s;
        invariant(creditPriceE8s > 0n, 'H2', 'credit_price_e8s is positive');
        governance.found(args?.governance[0]);
        configure({ ...DEFAULT_CONFIG, creditPriceE8s }, args);
        armTimers();
    }

    /** Keeps the price: all credits are backed at it. Calls that were under way are in doubt from now on. */
    @postUpgrade([InitArgs])
    upgrade([args]: CandidInitArgs): void {
        upgradeSchema(tables, SCHEMA_VERSION, migrations(tables, hub.tables));
        configure(hub.tables.config.get(), args);
        hub.lease.release();
        hub.probeLease.release();
        hub.settlements.paymentInterrupted();
        armTimers();
    }
}

function configure(current: HubConfig, args: CandidInitArgs[0]): void {
    hub.tables.config.set({
        ...current,
        graceS: args?.grace_s[0] ?? current.graceS,
        maxKeysPerOwner: args?.max_keys_per_owner[0] ?? current.maxKeysPerOwner,
        allowsSelfTrade: args?.allow_self_trade[0] ?? current.allowsSelfTrade,
        onlineWindowS: args?.online_window_s[0] ?? current.onlineWindowS,
        ...probeInterval(current, args)
    });
    peers.mergeEnvironment();
    if (args?.peers[0] !== undefined) peers.merge(fromCandidPeers(args.peers[0]));
    discoverPeers(peers);
}

function probeInterval(current: HubConfig, args: CandidInitArgs[0]): Pick<HubConfig, 'probeMinS' | 'probeMaxS'> {
    const probeMinS = args?.probe_min_s[0] ?? current.probeMinS;
    const probeMaxS = args?.probe_max_s[0] ?? current.probeMaxS;
    invariant(probeMinS <= probeMaxS, 'P2', 'probe_min_s is at most probe_max_s');
    return { probeMinS, probeMaxS };
}
