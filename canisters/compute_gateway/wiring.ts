import { azleEnv } from '../../src/azle/azle_env';
import { GovernanceSeat } from '../../src/azle/governance';
import { PauseSwitch } from '../../src/azle/pause';
import { PeerDirectory } from '../../src/azle/peers';
import { StableTables } from '../../src/azle/stable_tables';
import { JobBook } from './domain/job_book';
import { SessionBook } from './domain/session_book';
import { SocketBook } from './domain/socket_book';
import { openTables } from './storage';

/** Composition root: the only module-level state of this canister. */
export const VERSION = '0.1.0';

export const stableTables = new StableTables();
export const tables = openTables(stableTables);
export const peers = new PeerDirectory(stableTables);
export const governance = new GovernanceSeat(stableTables, () => peers.get('rewards'));
export const pause = new PauseSwitch(stableTables);
export const book = new JobBook(tables);
export const env = azleEnv;
export const sockets = new SocketBook(book);
export const sessions = new SessionBook(book, () => env.self());
