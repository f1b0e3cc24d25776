/** The `emc-network-launcher` command: `icp network start` runs it for networks that it manages. */
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { onStopSignal } from '../command_line';
import { defaultNames, type GatewayNames } from '../gateway/addressing';
import { CustomDomains } from '../gateway/custom_domains';
import { internetIdentityId } from '../gateway/sign_in_page';
import { ListenError } from '../http/http_server';
import { openStateFolder, type StateFolder } from '../persistence/state_folder';
import { startPocketIc, type PocketIcServer } from '../pocketic/pocketic_server';
import type { SubnetKind } from '../subnet_kinds';
import { plansOf } from '../workload';
import { idText } from '../state/principals';
import { toHex } from '../wire/bytes';
import { parseLauncherArguments, type LauncherOptions } from './launcher_arguments';
import { removeStatus, writeStatus, type LauncherStatus } from './status_folder';

/** Runs until a signal asks it to stop. Exit codes: 0 stopped, 1 could not start. */
export async function main(args: readonly string[]): Promise<void> {
    const parsed = parseLauncherArguments(args, process.env);
    if (!parsed.ok) return fail(parsed.error);
    const options = parsed.value;
    if (options.unknown.length > 0) warn(`ignoring unknown arguments: ${options.unknown.join(' ')}`);
    if (options.wantsIdentities) {
        warn(`a sign-in page for test users stands in for Internet Identity at ${idText(internetIdentityId)}`);
    }
    try {
        await run(options);
    } catch (error) {
        if (!(error instanceof ListenError)) throw error;
        fail(error.message);
    }
}

function fail(text: string): void {
    process.stderr.write(`Error: ${text}\n`);
    process.exitCode = 1;
}

function warn(text: string): void {
    process.stderr.write(`Warning: ${text}\n`);
}

async function run(options: LauncherOptions): Promise<void> {
    const { statusDir, stateDir, configBind: host, configPort: port } = options;
    const state =
        stateDir === undefined
            ? undefined
            : openStateFolder(stateDir, { subnets: options.subnetKinds, systemCanisters: 'plain' });
    if (state !== undefined && !state.ok) return fail(state.error);
    const server = await startPocketIc({ host, port, onFault: faultLog(options.stderrFile) });
    const stop = async (): Promise<void> => {
        await server.close();
        state?.value.release();
        // Last, because its end is how others learn that the network is down.
        if (statusDir !== undefined) await removeStatus(statusDir);
    };
    try {
        const status = await startNetwork(server, options, state?.value);
        onStopSignal(stop);
        if (statusDir !== undefined) await writeStatus(statusDir, status);
        process.stderr.write(`The embedded network is ready at ${options.bind}:${status.gateway_port}\n`);
    } catch (error) {
        await stop();
        throw error;
    }
}

async function startNetwork(
    server: PocketIcServer,
    options: LauncherOptions,
    state: StateFolder | undefined
): Promise<LauncherStatus> {
    const { bind: host, gatewayPort: port, artificialDelayMs } = options;
    const subnetKinds = state === undefined ? options.subnetKinds : keptKinds(state, options.subnetKinds);
    const plans = plansOf(subnetKinds);
    const instance = await server.createInstance({
        session: {
            subnets: plans,
            costSchedule: plans[0]?.costSchedule ?? 'Normal',
            live: true,
            artificialDelayMs,
            seed: state?.seed ?? new Uint8Array(randomBytes(32)),
            stateFolder: state?.path,
            // The caller gives its identities tokens from the anonymous user's.
            systemCanisters: { faucet: false }
        }
    });
    const gateway = await server.openGateway(instance, { host, port, names: namesOf(options) });
    const { rootKeyDer, defaultEffectiveCanisterId } = instance.network.identity;
    return {
        v: '1',
        gateway_port: gateway.port,
        root_key: toHex(rootKeyDer),
        instance_id: instance.id,
        config_port: server.port,
        default_effective_canister_id: idText(defaultEffectiveCanisterId),
        supported_features: ['custom-domains']
    };
}

/** A network that goes on keeps the subnets that it began with, because its canisters are there. */
function keptKinds({ path, subnets }: StateFolder, wanted: readonly SubnetKind[]): readonly string[] {
    if (subnets.join() !== wanted.join()) {
        const kept = subnets.length === 0 ? 'one subnet' : `the subnets ${subnets.join(', ')}`;
        warn(`the network in ${path} keeps ${kept}; remove the folder to begin with others`);
    }
    return subnets;
}

function faultLog(path: string | undefined): (error: unknown) => void {
    if (path === undefined) return (error) => console.error(error);
    return (error) => appendFileSync(path, `${inspect(error)}\n`);
}

function namesOf({ domains, customDomainsFile, statusDir }: LauncherOptions): GatewayNames {
    const file = customDomainsFile ?? (statusDir === undefined ? undefined : join(statusDir, 'custom-domains.txt'));
    const custom = file === undefined ? undefined : new CustomDomains(file);
    return { domains: [...defaultNames.domains, ...domains], lookup: (name) => custom?.lookup(name) };
}
