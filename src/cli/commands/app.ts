import { Option, type Command } from 'commander';
import { join } from 'node:path';
import { APP_KINDS } from '../../core/compute/app_terms';
import { projectRoot } from '../../../scripts/lib/project';
import { listApps, registerApp, type ListOptions, type RegisterOptions } from '../app/apps';
import { wholeNumber } from '../whole_number';
import { attempt } from './attempt';

/** `emc app register` and `list`: the models that nodes serve, and their terms. */
export function addAppCommands(program: Command): void {
    const app = program
        .command('app')
        .description('offer a model: what it costs, how long it may run, what nodes must have');
    shared(
        app.command('register').description('register an app for good').argument('<id>', 'what clients call the model')
    )
        .addOption(new Option('--kind <kind>', 'what it makes').choices(APP_KINDS).makeOptionMandatory())
        .requiredOption('--model-hash <hex>', 'SHA-256 that names the model; it belongs to this app alone')
        .option('--unit <name>', 'what is paid for: token, input, image, …', 'token')
        .requiredOption('--price <credits>', 'credits for a unit', wholeNumber)
        .requiredOption('--max-units <number>', 'units of one job at most', wholeNumber)
        .option('--lease <seconds>', 'how long a node may be silent', wholeNumber, 60)
        .option(
            '--exec-limit <seconds>',
            'how long an attempt may run (default: 300 for Chat and Completion, else 7200)',
            wholeNumber
        )
        .option('--min-e <number>', 'least E of its nodes')
        .option('--region <name>', 'region of its nodes, such as eu')
        .option('--min-vram <mib>', 'least video memory of its nodes', wholeNumber)
        .option('--quantization <name>', 'how the weights are quantised, such as q4_k_m')
        .action((id: string, options: RegisterOptions) => attempt((print) => registerApp(id, options, print)));
    shared(app.command('list').description('print all apps and their terms'))
        .option('--json', 'one line of JSON')
        .action((options: ListOptions) => attempt((print) => listApps(options, print)));
}

function shared(command: Command): Command {
    const local = join(projectRoot(), '.emc', 'local');
    return command
        .option('--key <file>', "the developer's key, as PEM", join(local, 'keys', 'deployer.pem'))
        .option('--deployment <file>', 'where the suite runs', join(local, 'deployment.json'));
}
