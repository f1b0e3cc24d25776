import { azleEnv } from '../../src/azle/azle_env';
import { GovernanceSeat } from '../../src/azle/governance';
import { PeerDirectory } from '../../src/azle/peers';
import { StableTables } from '../../src/azle/stable_tables';
import { openStorage } from './storage';

/** The ledger over stable memory: the only module-level state of the canister. */
export const env = azleEnv;
export const tables = new StableTables();
export const peers = new PeerDirectory(tables);
export const governance = new GovernanceSeat(tables, () => peers.get('rewards'));
export const { books, ledger, genesis, archiving } = openStorage(tables);
