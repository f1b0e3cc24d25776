/** Composition root: the only module-level state of this canister. */
import { azleEnv } from '../../src/azle/azle_env';
import { GovernanceSeat } from '../../src/azle/governance';
import { PauseSwitch } from '../../src/azle/pause';
import { PeerDirectory } from '../../src/azle/peers';
import { StableTables } from '../../src/azle/stable_tables';
import type { Authority } from './domain/governance/authority';
import { Guards } from './domain/guards';
import { StagedRounds } from './domain/settlement/staged_rounds';
import { openState } from './storage';
import { openStagingTables } from './tables/staging_tables';

export const env = azleEnv;
export const tables = new StableTables();
export const state = openState(tables);
export const staged = new StagedRounds(state, openStagingTables(tables));
export const peers = new PeerDirectory(tables);
export const governance = new GovernanceSeat(tables, () => env.self());
export const pause = new PauseSwitch(tables);
export const guards = new Guards();

/** This canister, and who governs it now. */
export function authority(): Authority {
    const self = env.self();
    return { self, governor: governance.holder() ?? self };
}
