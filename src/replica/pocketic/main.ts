/** The `pocket-ic` command: a drop-in for PocketIC's server binary, as test clients start it. */
import { numberOption, onStopSignal, parseOptions, type OptionValues } from '../command_line';
import { ListenError } from '../http/http_server';
import { startPocketIc, type PocketIcServer } from './pocketic_server';
import { isServed, removePortFile, writePortFile } from './port_file';

/** Version of the interface that is spoken; clients print it, some compare it. */
const interfaceVersion = '14.0.0';

const help = `Usage: pocket-ic [options]

Serves PocketIC's REST interface over embedded Internet Computer networks, for tests.

Options:
  --port-file <path>   file to write the port to; without --port any free port is taken
  --port <number>      port to listen on
  --ip-addr <address>  address to listen on (default 127.0.0.1)
  --ttl <seconds>      exit when idle for so long (default 60)
  --log-levels <list>  accepted and ignored
  --help               shows this text
  --version            shows the version
`;

const options = {
    'port-file': { type: 'string' },
    port: { type: 'string', short: 'p' },
    'ip-addr': { type: 'string', short: 'i' },
    ttl: { type: 'string' },
    'log-levels': { type: 'string', short: 'l' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'V' }
} as const;

const defaultTtlSeconds = 60;
const limits = { port: { min: 0, max: 65_535 }, ttl: { min: 0, max: 1_000_000_000 } };

/** The `pocket-ic` command. */
export async function main(args: readonly string[]): Promise<void> {
    const parsed = parseOptions(args, options);
    if (!parsed.ok) {
        return usageError(parsed.error);
    }
    const { values } = parsed.value;
    if (values.version === true) {
        process.stdout.write(`pocket-ic-server ${interfaceVersion}\n`);
    } else if (values.help === true) {
        process.stdout.write(help);
    } else {
        await serve(values);
    }
}

function usageError(text: string): void {
    process.stderr.write(`pocket-ic: ${text}\n\n${help}`);
    process.exitCode = 2;
}

async function serve(values: OptionValues): Promise<void> {
    const port = numberOption(values, 'port', limits.port);
    const ttl = numberOption(values, 'ttl', limits.ttl);
    if (!port.ok || !ttl.ok) {
        return usageError(!port.ok ? port.error : !ttl.ok ? ttl.error : '');
    }
    const portFile = textOption(values, 'port-file');
    if (portFile !== undefined && (await isServed(portFile))) {
        // The server of the same parent serves this client, too.
        return;
    }
    const idle = new IdleWatch((ttl.value ?? defaultTtlSeconds) * 1000);
    const server = await tryStart(textOption(values, 'ip-addr') ?? '127.0.0.1', port.value ?? 0, idle);
    if (server === undefined) {
        return;
    }
    const stop = async (): Promise<void> => {
        if (portFile !== undefined) {
            await removePortFile(portFile, server.port);
        }
        await server.close();
    };
    onStopSignal(stop);
    if (portFile !== undefined) {
        await writePortFile(portFile, server.port);
    }
    idle.start(() => void stop().finally(() => process.exit(0)));
    process.stdout.write(`The PocketIC server is listening on port ${server.port}\n`);
}

function textOption(values: OptionValues, name: string): string | undefined {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
}

async function tryStart(host: string, port: number, idle: IdleWatch): Promise<PocketIcServer | undefined> {
    try {
        return await startPocketIc({
            host,
            port,
            onFault: (error) => console.error(error),
            onActivity: (open) => idle.activity(open)
        });
    } catch (error) {
        if (error instanceof ListenError) {
            process.stderr.write(`pocket-ic: ${error.message}\n`);
            process.exitCode = 1;
            return undefined;
        }
        throw error;
    }
}

/** Calls back when no request was open for a while. */
class IdleWatch {
    readonly #ttlMs: number;
    #timer: NodeJS.Timeout | undefined;
    #onIdle: (() => void) | undefined;

    constructor(ttlMs: number) {
        this.#ttlMs = Math.min(ttlMs, 2 ** 31 - 1);
    }

    start(onIdle: () => void): void {
        this.#onIdle = onIdle;
        this.activity(0);
    }

    activity(openRequests: number): void {
        clearTimeout(this.#timer);
        if (openRequests === 0 && this.#onIdle !== undefined) {
            this.#timer = setTimeout(this.#onIdle, this.#ttlMs);
        }
    }
}
