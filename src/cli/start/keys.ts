import type { Ed25519KeyIdentity } from '@dfinity/identity';
import { join } from 'node:path';
import { loadOrCreateIdentity } from '../../client/key_file';

export const VALIDATORS = ['validator_1', 'validator_2', 'validator_3', 'validator_4'] as const;
export const ROUTERS = ['router_1'] as const;
export const COMPUTE_NODES = ['node_1', 'node_2'] as const;
const PEOPLE = ['deployer', 'user', 'provider', 'operator', 'gateway'] as const;

export type KeyName =
    (typeof PEOPLE)[number] | (typeof VALIDATORS)[number] | (typeof ROUTERS)[number] | (typeof COMPUTE_NODES)[number];

export type Keys = { readonly [Name in KeyName]: Ed25519KeyIdentity };

const NAMES: readonly KeyName[] = [...PEOPLE, ...VALIDATORS, ...ROUTERS, ...COMPUTE_NODES];

/** File of one of the local network's keys. */
export function keyPath(folder: string, name: KeyName): string {
    return join(folder, `${name}.pem`);
}

/** The local network's keys; missing ones are made. */
export async function loadKeys(folder: string): Promise<Keys> {
    const entries = await Promise.all(
        NAMES.map(async (name) => [name, await loadOrCreateIdentity(keyPath(folder, name))] as const)
    );
    return Object.fromEntries(entries) as Keys;
}
