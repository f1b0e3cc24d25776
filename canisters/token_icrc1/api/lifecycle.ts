import { init, postUpgrade } from '../../../src/azle/endpoint';
import { checkSchema, stampSchema } from '../../../src/azle/schema';
import { chooseGenesis, chooseSettings, InstallationRefused } from '../domain/installation';
import { changeSettings } from '../domain/token';
import { certifyTip } from '../jobs/hash_blocks';
import { SCHEMA_VERSION } from '../storage';
import { books, env, genesis, peers, tables } from '../wiring';
import { LedgerArg, type CandidInitArgs, type CandidLedgerArg, type CandidUpgradeArgs } from './idl_admin';
import { fromInitArgs, fromUpgradeArgs, peersOf } from './mappers_admin';
import { must, settleGenesis } from './settle_genesis';

/** Installation and upgrade. Arguments that cannot be followed trap, so that nothing is installed. */
export class Lifecycle {
    @init([LedgerArg])
    install([arg]: CandidLedgerArg): void {
        stampSchema(tables, SCHEMA_VERSION);
        peers.mergeEnvironment();
        found(initArgs(arg));
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
    }
}

function initArgs(arg: CandidLedgerArg[0]): CandidInitArgs | undefined {
    if (arg === undefined || 'Init' in arg) return arg?.Init;
    throw new InstallationRefused({ kind: 'upgrade_arguments_at_install' });
}

function found(args: CandidInitArgs | undefined): void {
    const choices = must(fromInitArgs(args));
    peers.merge(peersOf(args));
    const settings = must(chooseSettings(choices, { owner: env.self() }));
    books.token.set(settings);
    const plan = chooseGenesis(choices, { owner: env.caller() });
    must(genesis.plan(plan, settings.mintingAccount, env.nowNs()));
    settleGenesis();
}

function change(args: CandidUpgradeArgs | undefined): void {
    peers.merge(peersOf(args));
    if (args !== undefined) books.token.set(must(changeSettings(books.token.settings(), fromUpgradeArgs(args))));
}
