/** The `emc-replica` command. */
import { numberOption, onStopSignal, parseOptions, type OptionValues } from './command_line';
import { implementationVersion } from './http/agent_endpoint';
import {
    defaultPort,
    ListenError,
    networkKinds,
    startNetwork,
    StateFolderError,
    type RunningNetwork,
    type StartOptions,
    type SubnetKind
} from './index';
import { workloadNames } from './workload';
import { toHex, utf8 } from './wire/bytes';
import { failure, success, type Result } from './wire/result';

const help = `Usage: emc-replica start [options]

Runs a local Internet Computer network for development, in one process.

Options:
  --port <number>   port of the HTTP interface (default ${defaultPort}, 0 for any free one)
  --host <address>  address to listen on (default 127.0.0.1)
  --state <folder>  keep the state there, and go on with it (default: state in memory)
  --durable         with --state: each change reaches the disk before it is answered, so that a power
                    failure loses no more than a killed process (default: the system writes when it likes)
  --subnet <kind>   a subnet of that kind, may be given several times; with it come an NNS, an II and a
                    fiduciary subnet, as on the real network. Kinds: ${workloadNames.slice(0, 5).join(', ')}
                    (default: a single subnet that is everything)
  --seed <text>     makes the keys and the randomness repeatable (default: new ones each time)
  --memory-limit <MiB>  what the process may take, canisters and all (default: what the machine has left)
  --certified-pages refuse answers of canisters to browsers without a certificate, as the real network
                    does, except at <canister id>.raw.localhost (default: check certificates that are there)
  --help            shows this text
  --version         shows the version
`;

const options = {
    port: { type: 'string' },
    host: { type: 'string' },
    state: { type: 'string' },
    durable: { type: 'boolean' },
    subnet: { type: 'string', multiple: true },
    seed: { type: 'string' },
    'memory-limit': { type: 'string' },
    'certified-pages': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'V' }
} as const;

const maxPort = 65_535;

/** Exit codes follow the usual order: 0 done, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<void> {
    const parsed = parseOptions(args, options);
    if (!parsed.ok) {
        return usageError(parsed.error);
    }
    const { values, positionals } = parsed.value;
    if (values.version === true) {
        process.stdout.write(`${implementationVersion}\n`);
    } else if (values.help === true || positionals[0] === 'help') {
        process.stdout.write(help);
    } else if (positionals.length !== 1 || positionals[0] !== 'start') {
        usageError(positionals.length === 0 ? 'No command given' : `Unknown command ${positionals.join(' ')}`);
    } else {
        await start(values);
    }
}

function usageError(text: string): void {
    process.stderr.write(`emc-replica: ${text}\n\n${help}`);
    process.exitCode = 2;
}

async function start(values: OptionValues): Promise<void> {
    const port = numberOption(values, 'port', { min: 0, max: maxPort });
    if (!port.ok) {
        return usageError(port.error);
    }
    if (values.durable === true && values.state === undefined) {
        return usageError('--durable is about the state that --state keeps');
    }
    const memoryLimit = numberOption(values, 'memory-limit', { min: 256, max: 2 ** 24 });
    if (!memoryLimit.ok) {
        return usageError(memoryLimit.error);
    }
    const subnetKinds = kindsOf(values.subnet);
    if (!subnetKinds.ok) {
        return usageError(subnetKinds.error);
    }
    const started = await tryStart(port.value ?? defaultPort, values, {
        subnetKinds: subnetKinds.value,
        ...(memoryLimit.value !== undefined && { memoryLimitBytes: memoryLimit.value * 2 ** 20 })
    });
    if (!started.ok) {
        process.stderr.write(`emc-replica: ${started.error}\n`);
        process.exitCode = 1;
        return;
    }
    const network = started.value;
    onStopSignal(() => network.close());
    process.stdout.write(`Network ready at ${network.url}\nRoot key ${toHex(network.rootKey)}\nCtrl-C stops it.\n`);
}

/** Undefined when none is named: one subnet, or those of the state. */
function kindsOf(named: OptionValues[string]): Result<readonly SubnetKind[] | undefined, string> {
    return Array.isArray(named) ? networkKinds(named.map(String)) : success(undefined);
}

async function tryStart(
    port: number,
    values: OptionValues,
    checked: Pick<StartOptions, 'subnetKinds' | 'memoryLimitBytes'>
): Promise<Result<RunningNetwork, string>> {
    const host = typeof values.host === 'string' ? values.host : undefined;
    const seed = typeof values.seed === 'string' ? utf8(values.seed) : undefined;
    try {
        const stateDir = typeof values.state === 'string' ? values.state : undefined;
        return success(
            await startNetwork({
                port,
                host,
                seed,
                stateDir,
                ...checked,
                durable: values.durable === true,
                certifiedPages: values['certified-pages'] === true
            })
        );
    } catch (error) {
        if (error instanceof StateFolderError) {
            return failure(error.message);
        }
        if (error instanceof ListenError) {
            return failure(`${error.message}. Choose another one with --port.`);
        }
        throw error;
    }
}
