/** Composition root: the only module-level state of this canister. */
import { azleEnv } from '../../src/azle/azle_env';
import { PeerDirectory } from '../../src/azle/peers';
import { StableTables } from '../../src/azle/stable_tables';
import { Guards } from './domain/guards';
import { openState } from './storage';

export const env = azleEnv;
export const tables = new StableTables();
export const state = openState(tables);
export const peers = new PeerDirectory(tables);
export const guards = new Guards();
