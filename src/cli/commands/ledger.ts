import type { Command } from 'commander';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/lib/project';
import { giveArchives, type ArchiveCommandOptions } from '../ledger/archive';
import { attempt } from './attempt';

/** `emc ledger archive`. */
export function addLedgerCommands(program: Command): void {
    const local = join(projectRoot(), '.emc', 'local');
    program
        .command('ledger')
        .description('what an operator of the ledger does')
        .command('archive')
        .description('give the ledger the code of its archives, and print how archiving stands')
        .option('--key <file>', 'key of a controller of the ledger, as PEM', join(local, 'keys', 'deployer.pem'))
        .option('--deployment <file>', 'where the suite runs', join(local, 'deployment.json'))
        .option('--module <file>', "a module that is built already (default: this project's)")
        .action((options: ArchiveCommandOptions) => attempt((print) => giveArchives(options, print)));
}
