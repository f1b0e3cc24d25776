import { connectAgent } from '../../client/agent';
import { canisterActor } from '../../client/canisters';
import { loadIdentity } from '../../client/key_file';
import { parseAmount } from '../../core/amount';
import { fromHex, toHex } from '../../core/bytes';
import type { AppKind } from '../../core/compute/app_terms';
import type { AppView, RegisterAppArgs } from '../../declarations/compute_gateway/compute_gateway.did';
import { CommandFailed } from '../command_failed';
import { readDeployment } from '../deployment_file';
import { formatE } from '../node/stake';
import type { Print } from '../print';
import { COMMON, expectDone } from '../refusal';
import { toJson } from '../start/outcome';

/** What every `emc app` command is told. */
export interface AppOptions {
    /** File that says where the suite runs. */
    readonly deployment: string;
    /** Key of the caller, as PEM. */
    readonly key: string;
}

export interface ListOptions extends AppOptions {
    /** One line of JSON instead of a table. */
    readonly json?: boolean;
}

/** The terms of an app; whole numbers as they were typed. */
export interface RegisterOptions extends AppOptions {
    readonly kind: AppKind;
    readonly modelHash: string;
    readonly unit: string;
    readonly price: number;
    readonly maxUnits: number;
    readonly lease: number;
    readonly execLimit?: number;
    readonly minE?: string;
    readonly region?: string;
    readonly minVram?: number;
    readonly quantization?: string;
}

const PAGE = 100n;

/** Registers an app for good; the key's holder is its developer. @throws {@link CommandFailed} */
export async function registerApp(appId: string, options: RegisterOptions, print: Print): Promise<void> {
    const queue = await connect(options);
    const view = expectDone(await queue.register_app(argumentsOf(appId, options)), {
        ...COMMON,
        AlreadyExists: () => `${appId}, or an app with this model, is registered already.`,
        TooManyApps: ({ max }) => `A developer registers up to ${max} apps.`
    });
    for (const line of linesOf(view)) print(line);
}

/** Prints all apps. */
export async function listApps(options: ListOptions, print: Print): Promise<void> {
    const queue = await connect(options);
    const apps: AppView[] = [];
    for (;;) {
        const page = await queue.list_apps(BigInt(apps.length), PAGE);
        apps.push(...page);
        if (page.length === 0) break;
    }
    if (options.json)
        return print(toJson(apps.map(({ model_hash: hash, ...app }) => ({ ...app, model_hash: hex(hash) }))));
    if (apps.length === 0) print('No app is registered.');
    for (const app of apps) for (const line of linesOf(app)) print(line);
}

async function connect({ deployment, key }: AppOptions) {
    const { access, ids } = await readDeployment(deployment);
    const agent = await connectAgent(access, await loadIdentity(key));
    return canisterActor('compute_gateway', agent, ids.compute_gateway);
}

function argumentsOf(appId: string, options: RegisterOptions): RegisterAppArgs {
    const modelHash = fromHex(options.modelHash);
    if (modelHash?.length !== 32) throw new CommandFailed('--model-hash: a SHA-256 in hexadecimal is meant.');
    const { kind, unit, price, maxUnits, lease, execLimit } = options;
    return {
        app_id: appId,
        kind: { [kind]: null } as RegisterAppArgs['kind'],
        model_hash: modelHash,
        unit,
        unit_price_credits: BigInt(price),
        max_units: BigInt(maxUnits),
        lease_s: BigInt(lease),
        exec_limit_s: execLimit === undefined ? [] : [BigInt(execLimit)],
        requirements: requirementsOf(options)
    };
}

function requirementsOf({ minE, region, minVram, quantization }: RegisterOptions): RegisterAppArgs['requirements'] {
    const isFree = [minE, region, minVram, quantization].every((asked) => asked === undefined);
    if (isFree) return [];
    const least = minE === undefined ? 0n : parseAmount(minE);
    if (least === undefined) throw new CommandFailed('--min-e: a number with up to eight decimals is meant.');
    return [
        {
            min_e_e8: least,
            region: region ?? '',
            min_vram_mib: minVram === undefined ? [] : [BigInt(minVram)],
            quantization: quantization === undefined ? [] : [quantization]
        }
    ];
}

function linesOf(app: AppView): readonly string[] {
    const { app_id, unit, unit_price_credits, max_units, lease_s, exec_limit_s } = app;
    return [
        `${app_id}  ${Object.keys(app.kind)[0]}, ${unit_price_credits} credits per ${unit}, up to ${max_units} in a job`,
        `  lease ${lease_s} s, an attempt up to ${exec_limit_s} s${askedOf(app)}`,
        `  model ${hex(app.model_hash)}`
    ];
}

function askedOf({ requirements: [asked] }: AppView): string {
    if (asked === undefined) return '';
    const [vram] = asked.min_vram_mib;
    const [quantization] = asked.quantization;
    const parts = [
        asked.min_e_e8 > 0n && `E ${formatE(asked.min_e_e8)}`,
        asked.region !== '' && `region ${asked.region}`,
        vram !== undefined && `${vram} MiB of video memory`,
        quantization !== undefined && quantization
    ];
    return `; asks for ${parts.filter((part) => part !== false).join(', ')}`;
}

function hex(bytes: Uint8Array | number[]): string {
    return toHex(Uint8Array.from(bytes));
}
