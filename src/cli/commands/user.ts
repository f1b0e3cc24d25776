import type { Command } from 'commander';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/lib/project';
import { buyCredits, withdrawCredits } from '../user/credits';
import { createKey, revokeKey, type KeyOptions } from '../user/keys';
import { printUserStatus, type UserStatusOptions } from '../user/status';
import type { UserOptions } from '../user/wallet';
import { attempt } from './attempt';

/** `emc user status`, `buy`, `key`, `revoke` and `withdraw`: from a wallet to an API key. */
export function addUserCommands(program: Command): void {
    const user = program.command('user').description('buy compute: credits and API keys of a wallet');
    shared(user.command('status').description("print the wallet's EMC, credits and keys"))
        .option('--json', 'one line of JSON')
        .action((options: UserStatusOptions) => attempt((print) => printUserStatus(options, print)));
    shared(user.command('buy').description('buy credits with EMC').argument('<credits>', 'how many')).action(
        (credits: string, options: UserOptions) => attempt((print) => buyCredits({ ...options, credits }, print))
    );
    shared(user.command('key').description('make an API key, with limits if there are to be any'))
        .option('--label <text>', 'what you call it', 'key')
        .option('--out <file>', 'write the secret to a new file instead of showing it')
        .option('--max-credits <number>', 'what it may spend in all')
        .option('--per-minute <number>', 'requests that it may make in a minute')
        .option('--apps <id...>', 'apps that it may be used for (default: all)')
        .option('--nodes <principal...>', 'nodes that may run its calls (default: all)')
        .action((options: KeyOptions) => attempt((print) => createKey(options, print)));
    shared(
        user
            .command('revoke')
            .description('end an API key')
            .argument('<key>', 'its label, or the beginning of its hash')
    ).action((key: string, options: UserOptions) => attempt((print) => revokeKey({ ...options, key }, print)));
    shared(user.command('withdraw').description('give credits back for EMC').argument('<credits>', 'how many')).action(
        (credits: string, options: UserOptions) => attempt((print) => withdrawCredits({ ...options, credits }, print))
    );
}

function shared(command: Command): Command {
    const local = join(projectRoot(), '.emc', 'local');
    return command
        .requiredOption('--wallet <file>', "the wallet's Ed25519 key as PEM")
        .option('--deployment <file>', 'where the suite runs', join(local, 'deployment.json'));
}
