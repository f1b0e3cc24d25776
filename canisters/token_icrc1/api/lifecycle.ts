import { init, postUpgrade } from '../../../src/azle/endpoint';
import { discoverPeers } from '../../../src/azle/peer_discovery';
import { checkSchema, stampSchema } from '../../../src/azle/schema';
import { chooseGenesis, chooseSettings, InstallationRefused } from '../domain/installation';
import { changeSettings } from '../domain/token';
import type { FeeCollectorOrder } from '../domain/orders';
import { archiveLater } from '../jobs/feed_archive';
import { certifyTip } from '../jobs/hash_blocks';
import { SCHEMA_VERSION } from '../storage';
import { archiving, books, env, genesis, governance, ledger, peers, tables } from '../wiring';
import { LedgerArg, type CandidInitArgs, type CandidLedgerArg, type CandidUpgradeArgs } from './idl_admin';
import {
    checkFeatures,
    fromArchiveOptions,
    fromFeeCollectorChange,
    fromInitArgs,
    fromUpgradeArgs,
    peersOf
} from './mappers_admin';
import { must, settleGenesis } from './settle_genesis';

/** Installation and upgrade. Arguments that cannot be followed trap, so that nothing is installed. */
export class Lifecycle {
    @init([LedgerArg])
    install([arg]: CandidLedgerArg): void {
        stampSchema(tables, SCHEMA_VERSION);
        peers.mergeEnvironment();
        found(initArgs(arg));
        discoverPeers(peers, settleGenesis);
    }

    /** Everything lives in stable memory: nothing is copied, whatever the ledger's size. */
    @postUpgrade([LedgerArg])
    upgrade([arg]: CandidLedgerArg): void {
        checkSchema(tables, SCHEMA_VERSION);
        peers.mergeEnvironment();
        // Deployment tools pass the init argument again; of that, only the peers are not settled for ever.
        if (arg !== undefined && 'Init' in arg) peers.merge(peersOf(arg.Init));
        else change(arg?.Upgrade[0]);
        certifyTip();
        settleGenesis();
        discoverPeers(peers, settleGenesis);
        archiveLater();
    }
}

function initArgs(arg: CandidLedgerArg[0]): CandidInitArgs | undefined {
    if (arg === undefined || 'Init' in arg) return arg?.Init;
    throw new InstallationRefused({ kind: 'upgrade_arguments_at_install' });
}

function found(args: CandidInitArgs | undefined): void {
    if (args !== undefined) must(checkFeatures(args.feature_flags));
    const choices = must(fromInitArgs(args));
    governance.found(args?.governance[0]);
    peers.merge(peersOf(args));
    const settings = must(chooseSettings(choices, { owner: env.self() }));
    books.token.set(settings);
    collectFees(choices.feeCollector && { feeCollector: choices.feeCollector });
    archiving.configure({ options: choices.archiveOptions });
    const plan = chooseGenesis(choices, { owner: env.caller() });
    must(genesis.plan(plan, settings.mintingAccount, env.nowNs()));
    settleGenesis();
}

function change(args: CandidUpgradeArgs | undefined): void {
    peers.merge(peersOf(args));
    if (args === undefined) return;
    must(checkFeatures(args.feature_flags));
    books.token.set(must(changeSettings(books.token.settings(), fromUpgradeArgs(args))));
    collectFees(must(fromFeeCollectorChange(args.change_fee_collector)));
    const options = fromArchiveOptions(args.change_archive_options, archiving.state().options);
    if (options !== undefined) archiving.configure({ options });
}

/** Writes the change into the log (ICRC-107), in the name of whoever installs or upgrades. */
function collectFees(change: Pick<FeeCollectorOrder, 'feeCollector'> | undefined): void {
    if (change === undefined) return;
    const nowNs = env.nowNs();
    const set = ledger.setFeeCollector({ ...change, caller: env.caller(), createdAtNs: nowNs }, nowNs);
    if (!set.ok) throw new InstallationRefused({ kind: 'invalid_fee_collector' });
}
