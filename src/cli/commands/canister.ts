import type { Command } from 'commander';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/lib/project';
import { pauseCanister, printStatus, type CanisterCommandOptions } from '../canister/pause';
import { attempt } from './attempt';
import type { Print } from '../print';

type Action = (name: string, options: CanisterCommandOptions, print: Print) => Promise<void>;

/** `emc canister pause`, `resume` and `status`. */
export function addCanisterCommands(program: Command): void {
    const local = join(projectRoot(), '.emc', 'local');
    const canister = program.command('canister').description('what an operator of the suite does');
    const add = (name: string, description: string, action: Action): Command =>
        canister
            .command(name)
            .description(description)
            .argument('<name>', 'rewards, state_machine, hub or compute_gateway')
            .option('--key <file>', 'key of a controller, as PEM', join(local, 'keys', 'deployer.pem'))
            .option('--deployment <file>', 'where the suite runs', join(local, 'deployment.json'))
            .action((of: string, options: CanisterCommandOptions) => attempt((print) => action(of, options, print)));
    add('pause', 'let it take nothing new', (name, options, print) => pauseCanister(name, true, options, print));
    add('resume', 'end its pause', (name, options, print) => pauseCanister(name, false, options, print));
    add('status', 'print whether it is paused, its peers and its cycles', printStatus);
}
