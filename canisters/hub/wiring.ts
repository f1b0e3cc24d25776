import { azleEnv } from '../../src/azle/azle_env';
import { GovernanceSeat } from '../../src/azle/governance';
import { PauseSwitch } from '../../src/azle/pause';
import { PeerDirectory } from '../../src/azle/peers';
import { StableTables } from '../../src/azle/stable_tables';
import { remotePeers } from './clients/directory';
import { hubTables } from './storage';
import { assembleHub } from './hub';

/** The hub over stable memory: the only module-level state of the canister. */
export const env = azleEnv;
export const tables = new StableTables();
export const peers = new PeerDirectory(tables);
export const governance = new GovernanceSeat(tables, () => peers.get('rewards'));
export const pause = new PauseSwitch(tables);
export const hub = assembleHub(hubTables(tables), remotePeers(peers, env), () => env.nowNs());
