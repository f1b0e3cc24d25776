import { Principal } from '@dfinity/principal';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { NetworkAccess } from '../client/agent';
import type { CanisterIds } from '../client/canisters';
import { principalFromText } from '../core/account';
import { CANISTERS } from '../core/peers';
import { CommandFailed } from './command_failed';
import { parseJson } from '../core/json';

const principalText = z.string().refine((text) => principalFromText(text) !== undefined, 'not a principal');

const DeploymentFile = z.object({
    network: z.object({
        host: z.url({ protocol: /^https?$/ }),
        /** DER in hexadecimal; absent on the Internet Computer itself. */
        rootKeyHex: z.string().optional()
    }),
    canisters: z.object({
        token_icrc1: principalText,
        rewards: principalText,
        state_machine: principalText,
        hub: principalText,
        compute_gateway: principalText
    })
});

/** Where the suite runs. */
export interface Deployment {
    readonly access: NetworkAccess;
    readonly ids: CanisterIds;
}

/** Reads where the suite runs: `{network: {host, rootKeyHex?}, canisters: {...}}`. @throws {@link CommandFailed} */
export async function readDeployment(path: string): Promise<Deployment> {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) {
        throw new CommandFailed(`${path}: no such deployment file`, [
            '`npm start` brings a local network up and writes one;',
            'for another network name its file with --deployment.'
        ]);
    }
    const parsed = DeploymentFile.safeParse(parseJson(text));
    if (!parsed.success) {
        const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
        throw new CommandFailed(`${path}: not a deployment file`, problems);
    }
    const { network, canisters } = parsed.data;
    const entries = CANISTERS.map((name) => [name, Principal.fromText(canisters[name])] as const);
    return { access: network, ids: Object.fromEntries(entries) as CanisterIds };
}

/** Writes where the suite runs, for {@link readDeployment}. */
export async function writeDeployment(path: string, { access, ids }: Deployment): Promise<void> {
    const canisters = Object.fromEntries(CANISTERS.map((name) => [name, ids[name].toText()]));
    const { host, rootKeyHex } = access;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${JSON.stringify({ network: { host, rootKeyHex }, canisters }, undefined, 4)}\n`);
}
