import { Option, type Command } from 'commander';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/lib/project';
import { nodeConfigSchema } from '../../node';
import { configHelp } from '../config_help';
import { benchNode, type BenchOptions } from '../node/bench';
import { bindWallet, type BindOptions } from '../node/bind';
import { claimRewards, type ClaimOptions } from '../node/claim';
import { registerNode, type RegisterOptions } from '../node/register';
import { runConfigOf, type RunOptions } from '../node/run_config';
import { stakeNode, type StakeOptions } from '../node/stake';
import { printStatus, type StatusOptions } from '../node/status';
import { runAgentCommand, runConfigured } from './agents';
import { wholeNumber } from '../whole_number';
import { attempt, tried } from './attempt';

const GUIDE = `
A provider's way, from nothing:
  emc node register                     makes the node's key and enters it in the registry
  emc node bind --wallet FILE           links it to the wallet that is paid
  emc node bench                        measures what its device is worth (optional)
  emc node run                          runs jobs, proves computing, reports; it becomes Active
  emc node stake --wallet FILE          stakes what its E asks for (more weight in every round)
  emc node claim --wallet FILE          has what the wallet's nodes earned paid out
  emc node status                       what the network knows of it, and what to do next
Every step may be repeated; what is done already is left alone.`;

/** `emc node {register,bind,stake,claim,status,bench,run}`. */
export function addNodeCommands(program: Command): void {
    const node = program
        .command('node')
        .description('become a provider: run jobs on an AI backend, prove compute, report status')
        .addHelpText('after', GUIDE);
    shared(node.command('register').description("make the node's key and enter the node in the registry"))
        .addOption(
            new Option('--class <class>', 'what it does').choices(['compute', 'router', 'validator']).default('compute')
        )
        .option('--region <name>', 'where it is', 'local')
        .option('--bandwidth <mbps>', 'its connection, in Mbit/s', wholeNumber, 1_000)
        .action(({ bandwidth, ...rest }: Omit<RegisterOptions, 'bandwidthMbps'> & { bandwidth: number }) =>
            attempt((print) => registerNode({ ...rest, bandwidthMbps: bandwidth }, print))
        );
    shared(node.command('bind').description('link the node to the wallet that is paid for its work'))
        .option('--wallet <file>', "the wallet's Ed25519 key as PEM")
        .option('--wallet-principal <id>', 'its principal, when its key is elsewhere')
        .action((options: BindOptions) => attempt((print) => bindWallet(options, print)));
    shared(node.command('stake').description("approve and place the node's stake"))
        .requiredOption('--wallet <file>', 'key of the wallet that pays, as PEM')
        .option('--term-days <days>', 'default: the shortest term', wholeNumber)
        .option('--amount <emc>', 'default: what the network asks for')
        .action((options: StakeOptions) => attempt((print) => stakeNode(options, print)));
    deployed(node.command('claim').description("have what the wallet's nodes have earned paid out"))
        .requiredOption('--wallet <file>', 'key of the wallet that is paid, as PEM')
        .option('--amount <emc>', 'default: all that can be claimed')
        .option('--wait <seconds>', 'how long to wait for the money to lie ready', wholeNumber, 600)
        .action((options: ClaimOptions) => attempt((print) => claimRewards(options, print)));
    shared(node.command('status').description('print registry state, E, probes, leases, stake and rewards'))
        .option('--json', 'one line of JSON')
        .action((options: StatusOptions) => attempt((print) => printStatus(options, print)));
    node.command('bench')
        .description('measure what this device is worth in proofs of computing, and the W_std that would give it E = 1')
        .option('--seconds <number>', 'how long each class of rounds is measured', wholeNumber, 15)
        .addOption(new Option('--prover <name>', 'only this one').choices(['webgpu', 'wasm', 'typescript']))
        .option('--json', 'one line of JSON')
        .action((options: BenchOptions) => attempt((print) => benchNode(options, print)));
    shared(node.command('run').description('run jobs, prove computing, report status, until Ctrl-C'))
        .option('--config <file>', 'JSON configuration; the options below are then not used')
        .option('--app <id>', 'app that it serves (default: the embedded embeddings)')
        .option('--backend <backend>', 'embedded, openai:URL or ollama:URL', 'embedded')
        .option('--model <name>', "the model's name on that server (default: the app's)")
        .option('--slots <number>', 'jobs at a time (default 4)', wholeNumber)
        .option('--vram <mib>', 'video memory of its devices (default: what nvidia-smi says)', wholeNumber)
        .option('--quantization <name>', 'how the weights are quantised, such as q4_k_m')
        .option('--metrics-port <number>', 'serve Prometheus metrics on this port of this machine', wholeNumber)
        .addHelpText('after', () => configHelp(nodeConfigSchema))
        .action((options: RunOptions) => run(options));
}

function shared(command: Command): Command {
    return deployed(command.option('--home <folder>', "folder of the node's key", join(localFolder(), 'node')));
}

function deployed(command: Command): Command {
    return command.option(
        '--deployment <file>',
        'where the suite runs',
        join(localFolder(), 'local', 'deployment.json')
    );
}

const localFolder = (): string => join(projectRoot(), '.emc');

async function run(options: RunOptions): Promise<void> {
    if (options.config !== undefined) return runAgentCommand('node', options.config);
    const config = await tried(() => runConfigOf(options));
    return runConfigured('node', config, 'emc node run');
}
