/** The `emc` command. */
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, userFolder } from '../../scripts/lib/project';
import { gatewayConfigSchema } from '../gateway';
import { validatorConfigSchema } from '../validator';
import { runAgentCommand } from './commands/agents';
import { addAppCommands } from './commands/app';
import { addCanisterCommands } from './commands/canister';
import { addLedgerCommands } from './commands/ledger';
import { addNodeCommands } from './commands/node';
import { startCommand } from './commands/start';
import { addUserCommands } from './commands/user';
import { configHelp } from './config_help';

const manifest = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { version: string };

const program = new Command('emc')
    .description('EdgeMatrix Computing: a market for AI compute on the Internet Computer')
    .version(manifest.version)
    .showHelpAfterError();

program
    .command('start')
    .description('bring up a local network with the whole suite, run one paid AI job, and stay up')
    .option('--port <number>', 'port of the network (default 4943)')
    .option('--gateway-port <number>', 'port of the OpenAI-compatible gateway (default 8787)')
    .option('--round-seconds <number>', 'length of a settlement round (default 10; 7200 on the live network)')
    .option('--key-folder <path>', "folder of the local network's keys (default .emc/local/keys)")
    .option('--once', 'end after the story, with one line of JSON')
    .action((options: object) => startCommand(options));

addNodeCommands(program);
addUserCommands(program);
addAppCommands(program);
addLedgerCommands(program);
addCanisterCommands(program);

for (const [kind, description, schema] of [
    ['validator', 'challenge and attest nodes, probe them through the gateway', validatorConfigSchema],
    ['gateway', 'serve the OpenAI-compatible HTTP interface', gatewayConfigSchema]
] as const) {
    program
        .command(kind)
        .description(description)
        .command('run')
        .description('run the agent until Ctrl-C')
        .requiredOption('--config <file>', 'JSON configuration')
        .addHelpText('after', () => configHelp(schema))
        .action(({ config }: { config: string }) => runAgentCommand(kind, config));
}

// The launcher begins in the project's root; paths that a user names are meant from where the user is.
program.hook('preAction', (_, command) => {
    if (command.name() !== 'start') process.chdir(userFolder());
});

await program.parseAsync();
