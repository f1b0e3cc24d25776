/** The flags of a network launcher (interface specification 1.1.0 of icp-cli-network-launcher). */
import { parseArgs } from 'node:util';
import type { SubnetKind } from '../subnet_kinds';
import { networkKinds } from '../workload';
import { failure, success, type Result } from '../wire/result';

/** What the launcher is asked for. */
export interface LauncherOptions {
    readonly interfaceVersion: string | undefined;
    /** 0 for any free port. */
    readonly gatewayPort: number;
    readonly configPort: number;
    readonly bind: string;
    readonly configBind: string;
    readonly artificialDelayMs: number;
    /** Internet Identity is wanted: here a page that signs test users in stands in for it. */
    readonly wantsIdentities: boolean;
    /** All subnets of the network; canisters are created on the first. */
    readonly subnetKinds: readonly SubnetKind[];
    readonly domains: readonly string[];
    readonly customDomainsFile: string | undefined;
    readonly statusDir: string | undefined;
    readonly stateDir: string | undefined;
    /** Where the network's faults are written; default: standard error. */
    readonly stderrFile: string | undefined;
    /** Flags that are ignored, because they belong to a newer interface. */
    readonly unknown: readonly string[];
}

const flags = {
    'interface-version': { type: 'string' },
    'gateway-port': { type: 'string' },
    'config-port': { type: 'string' },
    bind: { type: 'string' },
    'pocketic-config-bind': { type: 'string' },
    'state-dir': { type: 'string' },
    'artificial-delay-ms': { type: 'string' },
    subnet: { type: 'string', multiple: true },
    'bitcoind-addr': { type: 'string', multiple: true },
    'dogecoind-addr': { type: 'string', multiple: true },
    domain: { type: 'string', multiple: true },
    'custom-domains-file': { type: 'string' },
    ii: { type: 'boolean' },
    nns: { type: 'boolean' },
    'pocketic-server-path': { type: 'string' },
    'stdout-file': { type: 'string' },
    'stderr-file': { type: 'string' },
    'status-dir': { type: 'string' },
    verbose: { type: 'boolean' }
} as const;

/** Promises of other canisters and networks, which this one does not keep, and what there is instead. */
const notOffered = {
    nns: 'has no governance, no NNS dapp and no SNS; ledgers, minting canister and registry are there without it',
    'bitcoind-addr': 'is connected to no Bitcoin network; threshold signatures for Bitcoin are there without it',
    'dogecoind-addr': 'is connected to no Dogecoin network; threshold signatures for Dogecoin are there without it'
} as const;

const ourVersion = '1.1.0';
const versionVariable = 'ICP_CLI_NETWORK_LAUNCHER_INTERFACE_VERSION';
const maxPort = 65_535;
const maxDelayMs = 3_600_000;

/** The options, or a sentence for whoever called. */
export function parseLauncherArguments(
    args: readonly string[],
    environment: NodeJS.ProcessEnv
): Result<LauncherOptions, string> {
    const parsed = parseArgs({ args: [...args], options: flags, strict: false, tokens: true });
    const value = (name: keyof typeof flags): string | undefined => textOf(parsed.values[name]);
    const interfaceVersion = value('interface-version') ?? environment[versionVariable];
    const unknown = parsed.tokens.flatMap((token) => {
        if (token.kind === 'positional') return [token.value];
        return token.kind === 'option' && !(token.name in flags) ? [token.rawName] : [];
    });
    const refusal = versionRefusal(interfaceVersion, unknown) ?? featureRefusal(parsed.values);
    if (refusal !== undefined) return failure(refusal);
    const gatewayPort = number(value('gateway-port'), 'gateway-port', maxPort);
    const configPort = number(value('config-port'), 'config-port', maxPort);
    const artificialDelayMs = number(value('artificial-delay-ms'), 'artificial-delay-ms', maxDelayMs);
    if (!gatewayPort.ok) return gatewayPort;
    if (!configPort.ok) return configPort;
    if (!artificialDelayMs.ok) return artificialDelayMs;
    const subnets = textsOf(parsed.values.subnet);
    const subnetKinds = networkKinds(subnets.length === 0 ? ['application'] : subnets);
    if (!subnetKinds.ok) return subnetKinds;
    return success({
        interfaceVersion,
        gatewayPort: gatewayPort.value,
        configPort: configPort.value,
        bind: value('bind') ?? '127.0.0.1',
        configBind: value('pocketic-config-bind') ?? '127.0.0.1',
        artificialDelayMs: artificialDelayMs.value,
        wantsIdentities: parsed.values.ii === true,
        subnetKinds: subnetKinds.value,
        domains: textsOf(parsed.values.domain),
        customDomainsFile: value('custom-domains-file'),
        statusDir: value('status-dir'),
        stateDir: value('state-dir'),
        stderrFile: value('stderr-file'),
        unknown
    });
}

/** Flags that a newer interface may have are no mistake; otherwise they are. */
function versionRefusal(version: string | undefined, unknown: readonly string[]): string | undefined {
    if (version !== undefined && !/^1\.\d+\.\d+/.test(version)) {
        return `Unsupported interface version ${version}. Supported versions: ^1.0.0`;
    }
    const isNewer = version !== undefined && minor(version) > minor(ourVersion);
    return unknown.length > 0 && !isNewer ? `Unknown argument ${unknown[0]}` : undefined;
}

function minor(version: string): number {
    return Number(version.split('.')[1]);
}

function featureRefusal(values: Readonly<Record<string, unknown>>): string | undefined {
    const wanted = Object.entries(notOffered).find(([name]) => values[name] !== undefined);
    return wanted && `The embedded network does not offer --${wanted[0]}: it ${wanted[1]}`;
}

function number(text: string | undefined, name: string, max: number): Result<number, string> {
    const value = text === undefined ? 0 : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value <= max ? success(value) : failure(`--${name} takes a whole number from 0 to ${max}, not ${text}`);
}

function textOf(value: unknown): string | undefined {
    return typeof value === 'string' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
